import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCheck, whyNoLine } from "./run-check.ts";
import { makeVariations, type Variations } from "./variations.ts";

const node = { version: process.version, binary: process.execPath };
let folder = "";
let variations: Variations | undefined;

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "run-check-")));
  variations = makeVariations();
});

afterAll(() => {
  variations?.dispose();
  rmSync(folder, { recursive: true });
});

async function answerOf(script: string) {
  const file = join(folder, "check.mjs");
  writeFileSync(file, script);
  const plain = { name: "plain", env: { TZ: "UTC" }, workingDirectory: folder };
  return await runCheck("check", file, node, plain);
}

it("takes the line that a check prints", async () => {
  const answer = await answerOf("console.log(JSON.stringify({ zone: process.env.TZ }));");
  expect(answer).toMatchObject({ line: '{"zone":"UTC"}', where: `Node ${process.version}, plain` });
  expect(answer.failure).toBeUndefined();
});

it("shows what a check said when it failed", async () => {
  const answer = await answerOf("console.error('no engine'); process.exit(3);");
  expect(answer.failure).toBe("ended with status 3\nno engine");
});

it.each([
  ['{"a":1}', undefined],
  ["", 'printed no JSON: ""'],
  ["1\n2", "printed more than one line"],
])("whyNoLine(%j) is %j", (text, reason) => {
  expect(whyNoLine(text)).toBe(reason);
});

it("varies zone, language, working directory and home", () => {
  const all = variations?.all ?? [];
  expect(all.length).toBeGreaterThanOrEqual(2);
  for (const key of ["TZ", "LANG", "HOME"]) {
    expect(new Set(all.map(({ env }) => env[key])).size).toBe(all.length);
  }
  expect(new Set(all.map((variation) => variation.workingDirectory)).size).toBe(all.length);
});
