/** For tests that disturb a connected job while it runs: the job, its folder, its cells. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { EXCHANGING_GUEST } from "./connected-guests.ts";
import { COPYING_GUEST } from "./guests.ts";
import { group, putFiles } from "./job-folder.ts";
import { childProcesses } from "./sessions.ts";

const object = (path: string) => `swift://~/${path}`;
const output = (path: string) => ({ name: "stdout", path: object(path) });
/** What each node has of its own, by which its cell is known from outside. */
const mark = (path: string) => ({ name: "input", path: object(path) });

const MAPPERS = ["map-1", "map-2", "map-3"];
const REDUCERS = ["red-1", "red-2"];
const LINE = ["line-1", "line-2", "line-3"];

/** All nodes of the job. */
export const SHAKEN_NODES: readonly string[] = [...MAPPERS, ...REDUCERS, ...LINE];

/** All that the job stores. */
export const SHAKEN_OUTPUTS: readonly string[] = [...REDUCERS, "line"].map((it) => `out/${it}`);

/** Three nodes in a line, through which some megabytes pass, and three that write to two. */
export const SHAKEN_GROUPS: readonly unknown[] = [
  ...MAPPERS.map((name, index) => {
    const devices = [{ name: "stdin", path: object(`in/${name}`) }];
    return group({
      name,
      program: "bin/exchange",
      devices,
      more: { connect: REDUCERS },
      args: `${index}`,
    });
  }),
  ...REDUCERS.map((name) => {
    return group({
      name,
      program: "bin/exchange",
      devices: [mark(`in/${name}`), output(`out/${name}`)],
    });
  }),
  group({
    name: "line-1",
    program: "bin/cat",
    devices: [
      { name: "stdin", path: object("in/line-1") },
      { name: "stdout", path: "zvm://line-2:stdin" },
    ],
  }),
  group({
    name: "line-2",
    program: "bin/cat",
    devices: [mark("in/line-2"), { name: "stdout", path: "zvm://line-3:stdin" }],
  }),
  group({ name: "line-3", program: "bin/cat", devices: [mark("in/line-3"), output("out/line")] }),
];

const LINE_BYTES = 12_000_000;

/** Puts what the job needs into a folder that stands for a store. */
export function putShakenJob(folder: string): void {
  putFiles(folder, {
    "bin/cat": COPYING_GUEST,
    "bin/exchange": EXCHANGING_GUEST,
    "out/x": "",
    ...Object.fromEntries(SHAKEN_NODES.map((name) => [`in/${name}`, contentsOf(name)])),
  });
}

function contentsOf(name: string): string {
  const line = `${name} says so. `;
  return line.repeat(name === "line-1" ? LINE_BYTES / line.length : 1000);
}

/** What the job stored, by its paths. */
export function shakenOutputs(folder: string): Readonly<Record<string, string>> {
  const stored = SHAKEN_OUTPUTS.filter((path) => existsSync(join(folder, path)));
  return Object.fromEntries(stored.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

/** A cell that runs now, and the node that it has. */
export interface SeenCell {
  readonly pid: number;
  readonly node: string;
}

/** The cells of this process that have an object of the job open. */
export function shakenCells(): SeenCell[] {
  return childProcesses().flatMap((pid) => {
    const node = nodeOf(pid);
    return node === undefined ? [] : [{ pid: Number(pid), node }];
  });
}

function nodeOf(pid: string): string | undefined {
  const paths = openPaths(`/proc/${pid}/fd`).filter((path) => basename(dirname(path)) === "in");
  return paths.map((path) => basename(path)).find((name) => SHAKEN_NODES.includes(name));
}

function openPaths(folder: string): string[] {
  try {
    return readdirSync(folder).map((fd) => readlinkSync(join(folder, fd)));
  } catch {
    // It has ended meanwhile.
    return [];
  }
}
