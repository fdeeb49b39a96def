import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../support/command-line.ts";
import { isJobRun, readExample } from "../support/example.ts";
import { contentsLeft, jobExampleNames, prepareJob, sendJob } from "../support/job-example.ts";
import { ServedCloud } from "../support/served-cloud.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();

describe.each(jobExampleNames())("the job of the example %s", (name) => {
  test("gives the same answer in zerovm serve", async () => {
    const example = await prepareJob(name, newFolder());
    const images = [...example.images].map(([image, path]) => `  ${image}: ${path}\n`);
    const config = images.length === 0 ? "" : `images:\n${images.join("")}`;
    const cloud = await ServedCloud.start({ ...(config !== "" && { config }) });
    try {
      const door = await cloud.signIn();
      expect(await sendJob(door, example)).toEqual({ status: 200, text: example.answer });
      expect(await contentsLeft(door, example)).toBe(example.leaves.contents);
    } finally {
      await cloud.stop();
    }
  });
});

/** All text of the objects of an example. */
function textsOf(name: string, container: string): string {
  const folder = join(ROOT, "examples", name, "store", container);
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), "utf8"))
    .join("");
}

function shownBy(name: string, what: "job" | "cat"): string[] {
  const { steps } = readExample(name);
  const step = steps.find((one) => (what === "job" ? isJobRun(one) : one.command[0] === what));
  return [...(step?.stdout ?? [])];
}

test("words counted by a cluster are as many as a plain count finds", () => {
  const counts = new Map<string, number>();
  for (const [word] of textsOf("word-count-cluster", "texts")
    .toLowerCase()
    .matchAll(/[a-z]+/g)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const plain = [...counts].map(([word, count]) => `${word} ${count}`);
  expect(shownBy("word-count-cluster", "job").sort()).toEqual(plain.sort());
});

test("a sort over many nodes gives what sorting in one place gives", () => {
  const lines = textsOf("distributed-sort", "lines/in").trimEnd().split("\n");
  const sorted = lines.map((line) => Buffer.from(line)).sort(Buffer.compare);
  expect(shownBy("distributed-sort", "cat")).toEqual(sorted.map((line) => line.toString()));
});
