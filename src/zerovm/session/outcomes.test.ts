import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  COPYING_GUEST,
  guestOf,
  LOOPING_GUEST,
  writingGuest,
} from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { readModule } from "../../wasm/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

describe("a guest that faults", () => {
  const table =
    "(type $t (func)) (type $p (func (param i32))) (table 2 funcref) (elem (i32.const 0) $g) (func $g)";
  test.each([
    ["unreachable", "unreachable", "", "unreachable", 132, 4],
    ["a null entry", "(call_indirect (type $t) (i32.const 1))", table, "indirect-call", 132, 4],
    [
      "a wrong type",
      "(call_indirect (type $p) (i32.const 1) (i32.const 0))",
      table,
      "indirect-call",
      132,
      4,
    ],
    ["an entry out of bounds", "(call_indirect (type $t) (i32.const 9))", table, "table", 132, 4],
    ["division by zero", "(drop (i32.div_s (i32.const 1) (i32.const 0)))", "", "division", 136, 8],
    ["remainder by zero", "(drop (i32.rem_u (i32.const 1) (i32.const 0)))", "", "division", 136, 8],
    [
      "a quotient too large",
      "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))",
      "",
      "division",
      136,
      8,
    ],
    ["a conversion", "(drop (i32.trunc_f64_s (f64.const nan)))", "", "conversion", 136, 8],
    ["a load out of bounds", "(drop (i32.load (i32.const -4)))", "", "memory-bounds", 139, 11],
    [
      "a fill out of bounds",
      "(memory.fill (i32.const 131070) (i32.const 0) (i32.const 9))",
      "",
      "memory-bounds",
      139,
      11,
    ],
    ["an uncaught exception", "(throw $e)", "(tag $e)", "exception", 132, 4],
  ])("by %s", async (_, body, extra, fault, status, signal) => {
    const report = await runSession({ manifest: manifestFor(newFolder(), guestOf(body, extra)) });
    expect(report.outcome).toMatchObject({ kind: "faulted", fault });
    expect(report.exitStatus).toBe(status);
    expect(report.classic).toMatchObject({ exitCode: 4, userCode: 0 });
    expect(report.classic.state).toMatch(
      new RegExp(`^Signal ${signal} from untrusted code: Halting at 0x[0-9A-F]{12}$`),
    );
  });

  test("names the function in the module", async () => {
    const program = guestOf("unreachable");
    const report = await runSession({ manifest: manifestFor(newFolder(), program) });
    const { outcome } = report;
    const start = readModule(program).exports.find(({ name }) => name === "_start");
    expect(outcome).toMatchObject({ kind: "faulted", functionIndex: start?.index });
  });

  test.each([
    [
      "a loop that was moved",
      "(loop $l (if (i32.eq (local.get 0) (i32.const 9999)) (then unreachable)) (local.set 0 (i32.add (local.get 0) (i32.const 1))) (br $l))",
    ],
    ["a bulk operation", "(memory.fill (i32.const 131070) (i32.const 0) (i32.const 9))"],
  ])("names the function in the module of a fault in %s", async (_, body) => {
    const program = guestOf(`(local i32) ${body}`);
    const { outcome } = await runSession({ manifest: manifestFor(newFolder(), program) });
    const start = readModule(program).exports.find(({ name }) => name === "_start");
    expect(outcome).toMatchObject({ kind: "faulted", functionIndex: start?.index });
  });

  test("keeps what it wrote before, and its account", async () => {
    const folder = newFolder();
    const out = join(folder, "out");
    const manifest = manifestFor(
      folder,
      guestOf(
        "(drop (call $write (i32.const 1) (i32.const 64) (i32.const 2))) unreachable",
        '(data (i32.const 64) "ab")',
      ),
      { channels: channelsWith(channel("/dev/stdout", out, "wo")) },
    );
    const report = await runSession({ manifest });
    expect(report.exitStatus).toBe(132);
    expect(readFileSync(out, "utf8")).toBe("ab");
    expect(report.channels[1]?.putBytes).toBe(2);
  });
});

describe("a session that reaches a limit", () => {
  test("ends an endless loop by time, with its account", async () => {
    const manifest = manifestFor(newFolder(), LOOPING_GUEST, { timeoutSeconds: 1 });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(report.exitStatus).toBe(124);
    expect(report.classic).toMatchObject({ exitCode: 4, state: "session timeout" });
    expect(report.channels).toHaveLength(3);
    // Making the instance is part of the guest's time.
    const { instantiateMs, guestMs } = report.times;
    expect(instantiateMs + guestMs).toBeGreaterThanOrEqual(990);
  });

  test.each([
    ["filling", "(table.fill $t (i32.const 0) (ref.func $g) (i32.const 500000))"],
    ["copying", "(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 499999))"],
  ])("ends the %s of a table of the largest size by time", async (_, body) => {
    const program = guestOf(
      `(drop (table.grow $t (ref.null func) (i32.const 499999))) (loop $l ${body} (br $l))`,
      "(table $t 1 funcref) (func $g) (elem declare func $g)",
    );
    const report = await runSession({
      manifest: manifestFor(newFolder(), program, { timeoutSeconds: 3 }),
    });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(report.hits).toEqual([]);
    expect(report.traceHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test("ends a loop in the start function by time", async () => {
    const program = guestOf("", "(func $f (loop $l (br $l))) (start $f)");
    const report = await runSession({
      manifest: manifestFor(newFolder(), program, { timeoutSeconds: 1 }),
    });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
  });

  test.each([
    ["fuel", "(loop $l (br $l))", 1_000_001n],
    ["stack", "(call $f)", undefined],
  ])("ends a start function by %s, with its account", async (limit, body, used) => {
    const folder = newFolder();
    const out = join(folder, "out");
    const program = guestOf(
      "unreachable",
      `(func $f ${body}) (start $s) (data (i32.const 64) "ab")
       (func $s (drop (call $write (i32.const 1) (i32.const 64) (i32.const 2))) (call $f))`,
    );
    const report = await runSession({
      manifest: manifestFor(folder, program, {
        channels: channelsWith(channel("/dev/stdout", out, "wo")),
        ...(used === undefined ? {} : { fuel: 1_000_000n }),
      }),
    });
    expect(report.outcome).toEqual({ kind: "limited", limit });
    expect(report.exitStatus).toBe(124);
    expect(report.traceHash).toMatch(/^[0-9a-f]{64}$/);
    expect(report.memory.linearBytes).toBe(131_072);
    expect(report.channels[1]?.putBytes).toBe(2);
    expect(readFileSync(out, "utf8")).toBe("ab");
    expect(report.fuel?.used).toBe(used);
  });

  test("takes the fuel of a start function from what the program has", async () => {
    const program = guestOf(
      "(loop $l (br_if $l (i32.const 0)))",
      "(func $s (local $i i32) (local.set $i (i32.const 100)) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))) (start $s)",
    );
    const run = (fuel: bigint) =>
      runSession({ manifest: manifestFor(newFolder(), program, { fuel }) });
    const whole = await run(10_000n);
    const used = whole.fuel?.used ?? 0n;
    expect(used).toBeGreaterThan(500n);
    expect((await run(used)).outcome).toEqual({ kind: "exited", code: 0 });
    expect((await run(used - 1n)).outcome).toEqual({ kind: "limited", limit: "fuel" });
  });

  test("ends a guest that waits on a pipe without a writer", async () => {
    const folder = newFolder();
    const pipe = await newPipe(folder);
    const manifest = manifestFor(folder, COPYING_GUEST, {
      timeoutSeconds: 1,
      channels: channelsWith(channel("/dev/stdin", pipe, "ro")),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(report.channels).toHaveLength(3);
  });

  test("ends a guest that writes to a pipe that nobody reads", async () => {
    const folder = newFolder();
    const pipe = await newPipe(folder);
    const endless =
      "(loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 65536))) (br $l))";
    const manifest = manifestFor(folder, guestOf(endless), {
      timeoutSeconds: 1,
      channels: channelsWith(channel("/dev/stdout", pipe, "wo")),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
  });

  test("ends endless recursion by stack", async () => {
    const program = guestOf("(call $f)", "(func $f (call $f))");
    const report = await runSession({ manifest: manifestFor(newFolder(), program) });
    expect(report.outcome).toEqual({ kind: "limited", limit: "stack" });
    expect(report.exitStatus).toBe(124);
  });

  test("answers growth beyond the memory limit, and goes on", async () => {
    const program = guestOf(`
      (if (i32.ne (i32.const 2) (memory.grow (i32.const 1))) (then unreachable))
      (if (i32.ne (i32.const -1) (memory.grow (i32.const 1))) (then unreachable))`);
    const memory = { sizeBytes: 3 * 65_536 + 100, etag: false };
    const report = await runSession({ manifest: manifestFor(newFolder(), program, { memory }) });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(report.memory).toMatchObject({ linearBytes: 3 * 65_536, limitBytes: memory.sizeBytes });
  });

  test("answers growth of a table beyond its limit", async () => {
    const program = guestOf(
      "(if (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 9))) (then unreachable))",
      "(table $t 2 funcref)",
    );
    const manifest = manifestFor(newFolder(), program, { limits: { table: 10 } });
    expect((await runSession({ manifest })).outcome).toEqual({ kind: "exited", code: 0 });
  });

  test("ends with a report that would be too long", async () => {
    const manifest = manifestFor(newFolder(), writingGuest("x"), { limits: { report: 10 } });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "limited", limit: "report" });
    expect(report.exitStatus).toBe(124);
  });
});

describe("a session that is ended by its caller", () => {
  test("ends in order, with its account", async () => {
    const control = new AbortController();
    const manifest = manifestFor(newFolder(), LOOPING_GUEST);
    setTimeout(() => control.abort(), 500);
    const report = await runSession({ manifest, signal: control.signal });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
    expect(report.exitStatus).toBe(125);
    await expect.poll(childProcesses).toEqual([]);
  });

  test("never starts when the signal came before", async () => {
    const folder = newFolder();
    const out = join(folder, "out");
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/stdout", out, "wo")),
    });
    const report = await runSession({ manifest, signal: AbortSignal.abort() });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
    expect(existsSync(out)).toBe(false);
  });
});

async function newPipe(folder: string): Promise<string> {
  const { execFileSync } = await import("node:child_process");
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}
