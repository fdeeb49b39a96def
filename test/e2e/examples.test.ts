import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { ROOT, runNode } from "../support/command-line.ts";
import {
  copyExample,
  exampleNames,
  exampleReadme,
  isJobRun,
  readExample,
  runStep,
  type Step,
} from "../support/example.ts";
import {
  contentsLeft,
  jobExampleNames,
  jobIn,
  prepareJob,
  sendJob,
} from "../support/job-example.ts";
import { ServedCloud } from "../support/served-cloud.ts";

/** Some examples compile several programs, which takes a busy machine its time. */
const COMPILED_MS = 300_000;

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is there until all tests have ended: jobs are tried in it again. */
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "zerovm-test-"));
  folders.push(folder);
  return folder;
}

/** Where examples have run. */
const copies = new Map<string, string>();

/** Runs an example in a fresh copy. @returns all that must be the same the next time. */
async function runExample(name: string): Promise<unknown> {
  const { steps, makes = [] } = readExample(name);
  const folder = copyExample(name, newFolder());
  copies.set(name, folder);
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
  test("prints what it says, twice the same", { timeout: COMPILED_MS }, async () => {
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

/** A busy machine takes longer than users would wait. */
const TIMEOUT = "jobs:\n  timeoutSeconds: 90\n";

describe.each(jobExampleNames())("the job of the example %s", (name) => {
  test("gives the same answer in zerovm serve", async () => {
    const job = jobIn(name, copies.get(name) ?? (await prepareJob(name, newFolder())));
    const images = [...job.images].map(([image, path]) => `  ${image}: ${path}\n`);
    const lines = [...(images.length === 0 ? [] : ["images:\n"]), ...images, TIMEOUT];
    const cloud = await ServedCloud.start({ config: lines.join("") });
    try {
      const door = await cloud.signIn();
      expect(await sendJob(door, job)).toEqual({ status: 200, text: job.answer });
      expect(await contentsLeft(door, job)).toBe(job.leaves.contents);
    } finally {
      await cloud.stop();
    }
  });
});

/** All text of the objects of an example. */
function textsOf(name: string, container: string): string {
  const folder = join(ROOT, "examples", name, "store", container);
  const files = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
  return files.join("");
}

test("words counted by a cluster are as many as a plain count finds", () => {
  const counts = new Map<string, number>();
  for (const [word] of textsOf("word-count-cluster", "texts")
    .toLowerCase()
    .matchAll(/[a-z]+/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const counted = readExample("word-count-cluster").steps.find(isJobRun)?.stdout ?? [];
  const plain = [...counts].map(([word, count]) => `${word} ${count}`);
  expect([...counted].sort()).toEqual(plain.sort());
});

test("a sort over many nodes gives what sorting in one place gives", () => {
  const lines = textsOf("distributed-sort", "lines/in").trimEnd().split("\n");
  const sorted = lines.map((line) => Buffer.from(line)).sort(Buffer.compare);
  const { steps } = readExample("distributed-sort");
  const shown = steps.find(({ command }) => command[0] === "cat")?.stdout;
  expect(shown).toEqual(sorted.map((line) => line.toString()));
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
