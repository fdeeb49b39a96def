import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { SUITES_LEFT_OUT } from "./suites.ts";

it.each(SUITES_LEFT_OUT)("$script is a script, and the long run has it", ({ script }) => {
  expect(JSON.parse(readFileSync("package.json", "utf8")).scripts).toHaveProperty([script]);
  expect(readFileSync(".ci/run", "utf8")).toContain(`npm run ${script}`);
});
