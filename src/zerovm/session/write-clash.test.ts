import { execFileSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { exitingGuest } from "../../../test/support/guests.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { Report } from "../report/index.ts";
import { executeManifest } from "./execute-manifest.ts";

const newFolder = temporaryFolders();
let folder = "";

beforeEach(() => {
  folder = newFolder();
  writeFileSync(join(folder, "p.wasm"), exitingGuest(0));
  writeFileSync(join(folder, "data"), "data");
  writeFileSync(join(folder, "nvram"), "[args]\nargs=x\n");
  writeFileSync(join(folder, "job.manifest"), "# the text\n");
  linkSync(join(folder, "data"), join(folder, "hard"));
  symlinkSync("data", join(folder, "soft"));
  symlinkSync("new", join(folder, "leads"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
});

const READ = "9, 9, 0, 0";
const WRITE = "0, 0, 9, 9";
const BOTH = "9, 9, 9, 9";

/** A session with channels `FILE ALIAS TYPE LIMITS`. */
function session(...channels: readonly (readonly [string, string, number, string])[]) {
  const standard = ["stdin", "stdout", "stderr"].map((name) => {
    const limits = name === "stdin" ? READ : WRITE;
    return ["/dev/null", `/dev/${name}`, 0, limits] as const;
  });
  const own = standard.filter(([, alias]) => !channels.some((channel) => channel[1] === alias));
  const lines = [...own, ...channels].map(([file, alias, type, limits]) => {
    const path = file.startsWith("/") ? file : join(folder, file);
    return `Channel = ${path}, ${alias}, ${type}, 0, ${limits}`;
  });
  const program = join(folder, "p.wasm");
  const head = [
    "Version = 20130611",
    `Program = ${program}`,
    "Memory = 33554432, 0",
    "Timeout = 9",
  ];
  return executeManifest({
    text: [...head, ...lines].join("\n"),
    needed: [{ role: "the manifest", path: join(folder, "job.manifest") }],
  });
}

function messages({ outcome }: Report): string[] {
  if (outcome.kind !== "refused") return [];
  return outcome.findings.map(({ message }) => message.replaceAll(`${folder}/`, ""));
}

describe("what a written channel would destroy is kept", () => {
  test.each([
    ["p.wasm", WRITE, 0, "empties p.wasm, which is the program"],
    ["p.wasm", BOTH, 3, "writes p.wasm, which is the program"],
    ["job.manifest", WRITE, 0, "empties job.manifest, which is the manifest"],
    ["job.manifest", BOTH, 1, "writes job.manifest, which is the manifest"],
    ["nvram", WRITE, 2, "empties nvram, which is read by /dev/nvram"],
    ["nvram", BOTH, 3, "writes nvram, which is read by /dev/nvram"],
    ["data", WRITE, 0, "empties data, which is read by /dev/stdin"],
    ["hard", WRITE, 0, "empties hard, which is read by /dev/stdin"],
    ["soft", WRITE, 2, "empties soft, which is read by /dev/stdin"],
  ])("%s with %s", async (file, limits, type, message) => {
    const before = readFileSync(join(folder, file), "latin1");
    const report = await session(
      ["nvram", "/dev/nvram", 1, "9, 9999, 0, 0"],
      ["data", "/dev/stdin", 0, READ],
      ["other", "/dev/other", 0, WRITE],
      [file, "/dev/out", type, limits],
    );
    expect(messages(report)).toEqual([`Channel /dev/out ${message}`]);
    expect(report.exitStatus).toBe(125);
    const state = `cannot open ${join(folder, file)}`;
    expect(report.classic).toMatchObject({ exitCode: 14, state });
    expect(readFileSync(join(folder, file), "latin1")).toBe(before);
    expect(existsSync(join(folder, "other"))).toBe(false);
  });
});

describe("two written channels on one file", () => {
  test.each([
    ["data", WRITE, 0, "soft", WRITE, 0],
    ["data", BOTH, 3, "hard", WRITE, 0],
    ["data", BOTH, 1, "data", BOTH, 3],
    ["new", WRITE, 0, "new", WRITE, 0],
    ["new", WRITE, 0, "leads", WRITE, 0],
  ])("%s with %s %i and %s with %s %i", async (one, limits, type, other, others, otherType) => {
    const report = await session(
      [one, "/dev/stdout", type, limits],
      [other, "/dev/stderr", otherType, others],
    );
    const told = messages(report);
    expect(told[0]).toMatch(/^Channel \/dev\/stdout .*, which is also written by \/dev\/stderr$/);
    expect(told[1]).toMatch(/^Channel \/dev\/stderr .*, which is also written by \/dev\/stdout$/);
    expect(readFileSync(join(folder, "data"), "utf8")).toBe("data");
    expect(existsSync(join(folder, "new"))).toBe(false);
  });
});

test.each([
  ["a file read and written by one channel", "data", BOTH, 3, "/dev/null", READ, 0],
  ["a file read by two", "data", READ, 0, "soft", READ, 1],
  ["a file read by one and appended to by another", "data", BOTH, 1, "data", READ, 1],
  ["a device written by two", "/dev/null", WRITE, 0, "/dev/null", WRITE, 0],
  ["a pipe written and read", "pipe", WRITE, 0, "pipe", READ, 0],
  ["the program, read", "p.wasm", READ, 1, "new", WRITE, 0],
])("goes on: %s", async (_, one, limits, type, other, others, otherType) => {
  const report = await session([one, "/dev/a", type, limits], [other, "/dev/b", otherType, others]);
  expect(messages(report)).toEqual([]);
  expect(report.outcome.kind).toBe("exited");
});
