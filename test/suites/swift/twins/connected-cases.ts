import { at, type Case, cases, type Group, read, run, STDERR, STDOUT } from "./jobs.ts";
import type { Side } from "./side.ts";

/** A group that passes on what comes. */
function pipe(name: string, from: Record<string, string>, path: string): Group {
  return { name, program: "cat", devices: [from, { name: "stdout", path }] };
}

function pipeline(side: Side, to: string): Group[] {
  return [
    pipe("first", { name: "stdin", path: at(side, "in/a") }, "zvm://second:stdin"),
    pipe("second", STDERR, "zvm://third:stdin"),
    pipe("third", STDERR, at(side, to)),
  ];
}

async function fill(side: Side): Promise<void> {
  for (const container of ["in", "out"]) await side.container(container);
  for (const name of ["a", "b", "c", "d"]) await side.put(`in/${name}`, `${name},`.repeat(1000));
}

/** Nodes that talk to each other while they run. */
export const CONNECTED_CASES: readonly Case[] = cases({
  "a pipeline of three": async (side) => {
    await fill(side);
    await run(side, 200, pipeline(side, "out/piped"));
    await read(side, "out/piped");
    await run(side, 200, pipeline(side, "out/report"), { path: "/v1/AUTH_test?format=json" });
  },
  "four that map and two that reduce": async (side) => {
    await fill(side);
    const input = { name: "stdin", path: at(side, "in/*") };
    await run(side, 200, [
      { name: "map", program: "exchange", devices: [input], more: { connect: ["red"] } },
      {
        name: "red",
        program: "exchange",
        devices: [{ name: "stdout", path: at(side, "out/part.*") }],
        more: { count: 2 },
      },
    ]);
    for (const part of ["red-1", "red-2"]) await read(side, `out/part.${part}`);
  },
  "six of which each writes to all others": async (side) => {
    const more = { count: 6, connect: ["n"] };
    await run(side, 200, [{ name: "n", program: "swap", devices: [STDOUT], more }]);
  },
  "copies of one of them": async (side) => {
    await fill(side);
    const [first, second, third] = pipeline(side, "out/copied");
    if (first === undefined || second === undefined || third === undefined) return;
    await run(side, 200, [first, { ...second, more: { replicate: 3 } }, third]);
    await read(side, "out/copied");
  },
  "one that fails, and one whose output cannot be stored": async (side) => {
    await fill(side);
    // More than fits between two of them: the first cannot have ended.
    await side.put("in/much", "much,".repeat(2 ** 20));
    const much = pipe("first", { name: "stdin", path: at(side, "in/much") }, "zvm://second:stdin");
    const [first, second, third] = pipeline(side, "out/failed");
    if (first === undefined || second === undefined || third === undefined) return;
    await run(side, 500, [much, { ...second, program: "faulting" }, third]);
    await read(side, "out/failed", 404);
    const [, , elsewhere] = pipeline(side, "none/x");
    if (elsewhere !== undefined) await run(side, 404, [first, second, elsewhere]);
  },
  "more than a job may have": async (side) => {
    const more = { count: 2000, connect: ["n"] };
    await run(side, 400, [{ name: "n", program: "swap", devices: [STDOUT], more }]);
  },
});
