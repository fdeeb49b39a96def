import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hashOf, parseCase } from "./case-file.ts";
import { formDifference } from "./differences.ts";
import { observe } from "./observe.ts";

const folder = join(import.meta.dirname, "corpus");

test.each(readdirSync(folder))(
  "%s comes to the same in all its forms, as it did before",
  (name) => {
    const { module, isNanFree, comesTo } = parseCase(readFileSync(join(folder, name), "utf8"));
    const observation = observe(module);
    expect(observation).not.toHaveProperty("skipped");
    expect(formDifference(observation, isNanFree)).toBeUndefined();
    expect(hashOf(observation)).toBe(comesTo);
  },
);
