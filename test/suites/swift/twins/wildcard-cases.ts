import { at, type Case, cases, type Group, read, run, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

/** Contents of each object are its own name, without the prefix of the case, and a comma. */
const OBJECTS = [
  "in1/a1.txt",
  "in1/a2.txt",
  "in1/b.bin",
  "in2/a3.txt",
  "in2/c.txt",
  "logs/2014-05/part7",
  "logs/2014-06/part1",
];

async function fill(side: Side): Promise<void> {
  for (const container of ["in1", "in2", "logs", "out"]) await side.container(container);
  for (const object of OBJECTS) await side.put(object, `${object},`);
}

/** A group that copies what is found to an output. */
const copying = (side: Side, name: string, from: string, to?: string): Group => ({
  name,
  program: "cat",
  devices: [
    { name: "stdin", path: at(side, from) },
    { name: "stdout", ...(to !== undefined && { path: at(side, `out/${to}`) }) },
  ],
});

/** Wildcards, and what becomes of the names that they find. */
export const WILDCARD_CASES: readonly Case[] = cases({
  "in objects, in containers, in both": async (side) => {
    await fill(side);
    for (const pattern of ["in1/a*.txt", "in*/a3.txt", "in*/a*.txt", "in*/*", "in*"]) {
      await run(side, 200, [copying(side, "m", pattern)]);
    }
    await run(side, 400, [copying(side, "m", "in1/none*")]);
    await run(side, 400, [copying(side, "m", "none*/x")]);
    await run(side, 400, [copying(side, "m", "none/x*")]);
  },
  "what they found goes into names that are written": async (side) => {
    await fill(side);
    await run(side, 200, [copying(side, "t", "logs/2014-*/part*", "*-*.txt")]);
    await read(side, "out/05-7.txt");
    await read(side, "out/06-1.txt");
    await run(side, 400, [copying(side, "t", "in1/a*", "*-*")]);
    await run(side, 200, [copying(side, "t", "in*/a*.txt", "from *: *")]);
    await read(side, "out/from 1: 2");
    await read(side, "out/from 2: 3");
    await run(side, 400, [copying(side, "m", "in1/*", "same")]);
    await read(side, "out/same", 404);
  },
  "the name of the node goes into what is written": async (side) => {
    await fill(side);
    const devices = [{ name: "stdout", path: at(side, "out/r.*") }];
    await run(side, 200, [{ name: "one", program: "hello", devices }]);
    await run(side, 200, [{ name: "w", program: "hello", devices, more: { count: 2 } }]);
    for (const name of ["one", "w-1", "w-2"]) await read(side, `out/r.${name}`);
  },
  "several groups, each with its own": async (side) => {
    await fill(side);
    const groups = [copying(side, "x", "in1/a*.txt", "x*"), copying(side, "y", "in2/*.txt", "y*")];
    await run(side, 200, groups);
    for (const name of ["x1", "x2", "ya3", "yc"]) await read(side, `out/${name}`);
  },
  "a plain input behind a wildcard goes to all nodes": async (side) => {
    await fill(side);
    await side.put("out/in", "data");
    const devices = [
      { name: "script", path: at(side, "in1/a*") },
      { name: "stdin", path: at(side, "out/in") },
      STDOUT,
    ];
    for (const program of ["cat", "show-script-device"]) {
      await run(side, 200, [{ program, devices }]);
    }
  },
  "copies of nodes": async (side) => {
    await fill(side);
    for (const replicate of [2, 1, 0]) {
      const group = copying(side, "r", "in1/a*.txt", "r*");
      await run(side, 200, [{ ...group, more: { replicate } }]);
    }
    await read(side, "out/r1");
  },
  "accounts that cannot be listed": async (side) => {
    const others = [{ name: "stdin", path: "swift://AUTH_other/*/o" }, STDOUT];
    await run(side, 403, [{ program: "cat", devices: others }]);
  },
});
