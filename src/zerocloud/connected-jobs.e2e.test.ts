import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  answeringGuest,
  askingGuest,
  EXCHANGING_GUEST,
  swappingGuest,
} from "../../test/support/connected-guests.ts";
import { COPYING_GUEST, guestOf, writingGuest } from "../../test/support/guests.ts";
import { group, putFiles } from "../../test/support/job-folder.ts";
import { type Answered, runGroups, traceHashOf } from "../../test/support/job-runs.ts";
import { openDescriptors, openedSince } from "../../test/support/sessions.ts";
import { temporaryFolders } from "../../test/support/temporary-folder.ts";

const newFolder = temporaryFolders();

function store(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const folder = newFolder();
  putFiles(folder, {
    "bin/cat": COPYING_GUEST,
    "bin/exchange": EXCHANGING_GUEST,
    "bin/swap": swappingGuest(),
    "bin/hello": writingGuest("hello"),
    "out/x": "",
    ...files,
  });
  return folder;
}

const object = (path: string) => `swift://~/${path}`;
const STDOUT = { name: "stdout" };

/** A node that passes on what comes. */
const pipe = (name: string, from: Record<string, string>, to: string) =>
  group({ name, program: "bin/cat", devices: [from, { name: "stdout", path: to }] });

const bodies = (instances: readonly Answered[]) => instances.map((one) => one.bodies.join());
const states = (instances: readonly Answered[]) =>
  instances.map(({ name, state, status }) => `${name} ${state} ${status}`);

describe("connected nodes", () => {
  test("are a pipeline, where a device is the standard input of another node", async () => {
    const input = "0123456789abcdef".repeat(200_000);
    const folder = store({ "in/data": input });
    const before = openDescriptors();
    const instances = await runGroups(folder, [
      pipe("first", { name: "stdin", path: object("in/data") }, "zvm://second:/dev/stdin"),
      pipe("second", { name: "stderr" }, "zvm://third:stdin"),
      pipe("third", { name: "stderr" }, object("out/data")),
    ]);
    expect(states(instances)).toEqual(["first ran 200", "second ran 200", "third ran 200"]);
    expect(readFileSync(join(folder, "out/data"), "utf8") === input).toBe(true);
    await expect.poll(() => openedSince(before)).toEqual([]);
  });

  test("are counted as traffic of the network, which is none of the node's own", async () => {
    const folder = store({ "in/data": "x".repeat(10_000) });
    const [first, second] = await runGroups(folder, [
      pipe("first", { name: "stdin", path: object("in/data") }, "zvm://second:stdin"),
      group({ name: "second", program: "bin/cat", devices: [STDOUT] }),
    ]);
    expect(first?.accounting.network).toMatchObject({ reads: 0, writes: 4, writtenBytes: 10_000 });
    expect(first?.accounting.local).toMatchObject({ writes: 0, writtenBytes: 0 });
    expect(second?.accounting.network).toMatchObject({ writes: 0, reads: 4, readBytes: 10_000 });
    expect(second?.accounting.local).toMatchObject({ writtenBytes: 10_000 });
  });

  test("map and reduce: each finds its peers in its folders, by counts and by wildcards", async () => {
    const folder = store({ "in/a": "A1,", "in/b": "B2,", "in/c": "C3," });
    const input = { name: "stdin", path: object("in/*") };
    const instances = await runGroups(folder, [
      group({ name: "map", program: "bin/exchange", devices: [input], more: { connect: ["red"] } }),
      group({
        name: "red",
        program: "bin/exchange",
        devices: [{ name: "stdout", path: object("out/part.*") }],
        more: { count: 2 },
      }),
    ]);
    expect(states(instances).every((one) => one.endsWith("ran 200"))).toBe(true);
    for (const part of ["red-1", "red-2"]) {
      expect(readFileSync(join(folder, `out/part.${part}`), "utf8")).toBe("A1,B2,C3,");
    }
  });

  test("of one group write to all others, and not to themselves", async () => {
    const all = Array.from({ length: 8 }, (_, index) => `n-${index + 1};;`);
    const more = { count: 8, connect: ["n"] };
    const groups = [group({ name: "n", program: "bin/swap", devices: [STDOUT], more })];
    const folder = store();
    const instances = await runGroups(folder, groups, { concurrency: 1 });
    expect(bodies(instances)).toEqual(all.map((own) => all.filter((it) => it !== own).join("")));
    const again = await runGroups(folder, groups);
    expect(bodies(again)).toEqual(bodies(instances));
    expect(again.map(traceHashOf)).toEqual(instances.map(traceHashOf));
  });

  test("ask and answer, in a circle", async () => {
    const folder = store({
      "bin/ask": askingGuest("dev/out/server", "dev/in/server"),
      "bin/answer": answeringGuest("dev/in/client", "dev/out/client"),
    });
    const instances = await runGroups(folder, [
      group({ name: "client", program: "bin/ask", more: { connect: ["server"] } }),
      group({ name: "server", program: "bin/answer", devices: [], more: { connect: ["client"] } }),
    ]);
    expect(states(instances)).toEqual(["client ran 200", "server ran 200"]);
    expect(bodies(instances)).toEqual(["pong ping", ""]);
  });

  test("run beside others that are not connected, and that wait for their turn", async () => {
    const events: string[] = [];
    const instances = await runGroups(
      store(),
      [
        group({ name: "alone", program: "bin/hello" }),
        group({ name: "n", program: "bin/swap", more: { count: 3, connect: ["n"] } }),
      ],
      { concurrency: 2, onProgress: ({ kind, node }) => events.push(`${kind} ${node.name}`) },
    );
    expect(bodies(instances)).toEqual(["hello", "n-2;;n-3;;", "n-1;;n-3;;", "n-1;;n-2;;"]);
    expect(events.slice(0, 3)).toEqual(["started n-1", "started n-2", "started n-3"]);
  });

  test("cannot be connected to themselves, or to what is not there", async () => {
    const more = (connect: string) => ({ connect: [connect] });
    for (const [name, message] of [
      ["n", "Cannot bind to itself: n"],
      ["m", "Non-existing node in connect m"],
    ] as const) {
      const groups = [group({ program: "bin/exchange", more: more(name) })];
      await expect(runGroups(store(), groups)).rejects.toThrow(message);
    }
  });

  test("that exit with another code than 0 end their streams in order", async () => {
    const folder = store({
      "bin/seven": guestOf(
        `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 5)))
         (call $proc_exit (i32.const 7))`,
        '(data (i32.const 64) "seven")',
      ),
    });
    const instances = await runGroups(folder, [
      group({
        name: "first",
        program: "bin/seven",
        devices: [{ name: "stdout", path: "zvm://second:stdin" }],
      }),
      group({ name: "second", program: "bin/cat", devices: [STDOUT] }),
    ]);
    expect(states(instances)).toEqual(["first ran 200", "second ran 200"]);
    expect([instances[0]?.exitCode, instances[1]?.bodies]).toEqual([7, ["seven"]]);
  });

  test("64 of them write to each other", async () => {
    const more = { count: 64, connect: ["n"] };
    const groups = [group({ name: "n", program: "bin/swap", devices: [STDOUT], more })];
    const before = openDescriptors();
    const instances = await runGroups(store(), groups, { timeoutSeconds: 60 });
    expect(states(instances).every((one) => one.endsWith("ran 200"))).toBe(true);
    const sizes = instances.map(({ bodies: [body] }) => body?.length);
    expect(new Set(sizes)).toEqual(new Set([63 * 5]));
    await expect.poll(() => openedSince(before)).toEqual([]);
  }, 120_000);
});
