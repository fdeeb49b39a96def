import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { assembledNexe } from "../../../support/assembled-nexe.ts";
import { at, type Case, cases, read, run, STDERR, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

const example = (path: string) => readFileSync(`examples/${path}`, "utf8");

/** A node that runs an interpreter out of a system image, over files of the case. */
const node = (language: string, args: string, ...devices: readonly unknown[]) => ({
  name: language,
  program: `file://${language}:${language}`,
  args,
  devices: [{ name: language }, ...devices],
});

async function fill(side: Side, files: Readonly<Record<string, string>>): Promise<void> {
  await side.container("c");
  for (const [name, path] of Object.entries(files)) await side.put(`c/${name}`, example(path));
}

/** The examples of the repository and of the guide, as jobs. */
export const EXAMPLE_CASES: readonly Case[] = cases({
  "the statistics of a CSV file, in Python": async (side) => {
    await fill(side, { "sales.csv": "csv-statistics/sales.csv" });
    const script = example("csv-statistics/summary.py").replace(/sys\.argv\[1\]/, '"/dev/stdin"');
    await side.put("c/summary.py", script);
    const devices = [
      { name: "script", path: at(side, "c/summary.py") },
      { name: "stdin", path: at(side, "c/sales.csv") },
      STDOUT,
    ];
    const answer = await run(side, 200, [node("python", "/dev/script", ...devices)]);
    expect(answer.body).toContain("167428.85");
  },
  "a program that counts words, and stores what it counted": async (side) => {
    await fill(side, { "poem.txt": "word-count/poem.txt" });
    const count = "import sys; print(len(sys.stdin.read().split()), 'words')";
    const devices = [
      { name: "stdin", path: at(side, "c/poem.txt") },
      { name: "stdout", path: at(side, "c/count"), content_type: "text/plain" },
    ];
    await side.put("c/count.py", count);
    const script = { name: "script", path: at(side, "c/count.py") };
    await run(side, 200, [node("python", "/dev/script", script, ...devices)]);
    expect((await read(side, "c/count")).body).toBe("34 words\n");
  },
  "a Native Client program": async (side) => {
    await fill(side, { "poem.txt": "word-count/poem.txt" });
    await side.put("c/lines.nexe", assembledNexe(example("native-client/lines.s")));
    const devices = [{ name: "stdin", path: at(side, "c/poem.txt") }, STDOUT];
    const node = { program: at(side, "c/lines.nexe"), devices };
    const posted = { differs: ["x-nexe-validation"] };
    await run(side, 200, [node], posted);
    await run(side, 200, [{ ...node, more: { count: 2 } }], posted);
  },
  "one node for each file, and their errors": async (side) => {
    await side.container("c");
    for (const name of ["a", "b"]) await side.put(`c/${name}.txt`, `of ${name}\n`);
    await side.put("c/fails.py", "import sys; print(sys.stdin.read()); sys.exit(undefined)");
    const devices = [
      { name: "script", path: at(side, "c/fails.py") },
      { name: "stdin", path: at(side, "c/*.txt") },
    ];
    await run(side, 200, [node("python", "/dev/script", ...devices, STDOUT)]);
    await run(side, 200, [node("python", "/dev/script", ...devices, STDERR)]);
  },
});
