import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT, runNode } from "../support/command-line.ts";
import {
  copyExample,
  exampleNames,
  exampleReadme,
  readExample,
  runStep,
  type Step,
} from "../support/example.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

/** Runs an example in a fresh copy. @returns all that must be the same the next time. */
async function runExample(name: string): Promise<unknown> {
  const { steps, makes = [] } = readExample(name);
  const folder = copyExample(name, newFolder());
  const results = [];
  for (const step of steps) {
    const { status, stdout, stderr, traceHash } = await runStep(step, folder);
    const wanted = { command: step.command, status: step.status ?? 0, stderr: "" };
    // Other commands say there what they did.
    const said = step.command[1] === "run" ? stderr : "";
    expect({ command: step.command, status, stderr: said }).toEqual(wanted);
    if (step.stdout !== undefined) expect(stdout.split("\n")).toEqual([...step.stdout, ""]);
    results.push({ stdout, traceHash });
  }
  const files = makes.map((path) => digest(readFileSync(join(folder, path))));
  return { results, files };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe.each(exampleNames())("the example %s", (name) => {
  test("prints what it says, twice the same", async () => {
    const first = await runExample(name);
    expect(await runExample(name)).toEqual(first);
  });

  test("is shown by its README with its commands and their output", () => {
    const { title, shows, steps } = readExample(name);
    const text = exampleReadme(name).replaceAll(" \\\n ", "");
    const shown = steps.flatMap((step) => [shellLine(step), ...(step.stdout ?? [])]);
    const lines = text.split("\n");
    const block = lines.slice(lines.indexOf("```console") + 1, lines.lastIndexOf("```"));
    expect(block).toEqual(shown.map((line) => line.trimEnd()));
    expect(text).toContain(`# ${title}\n`);
    expect(text.replaceAll("\n", " ")).toContain(shows);
  });
});

/** What a shell needs in front of a command that is none of its own. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  asc: ["npx"],
  assemble: ["node", "../../tools/run.mjs"],
};

/** A step as it is typed at a shell. */
function shellLine({ command, stdin }: Step): string {
  const words = command.map((word) => (/^[\w./:@=,-]+$/.test(word) ? word : `"${word}"`));
  const start = ["$", ...(BEFORE[words[0] ?? ""] ?? [])];
  return [...start, ...words, ...(stdin === undefined ? [] : ["<", stdin])].join(" ");
}

test("npm start shows the main job, a refusal, a limit and the report", async () => {
  const { status, stdout, stderr } = await runNode(["examples/start.mjs"], { cwd: ROOT });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toContain("$ zerovm run python");
  expect(stdout).toContain("all         60   167428.85");
  expect(stdout).toContain("zerovm: hint:");
  expect(stdout).toMatch(/\[exit status 124\]/);
  expect(stdout).toContain("trace");
});
