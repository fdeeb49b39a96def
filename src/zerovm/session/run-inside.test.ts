import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { guestOf, LOOPING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { childProcesses, manifestFor } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

describe("a session in the process of its host", () => {
  test("has the results and the trace of one in a cell, and says that no wall stood", async () => {
    const manifest = manifestFor(newFolder(), writingGuest("hello"));
    const inside = await runSession({ manifest, isolation: "none" });
    const walled = await runSession({ manifest });
    expect(inside).toMatchObject({ isolation: "none", walls: [] });
    expect(walled.walls).toContain("seccomp");
    expect(inside.traceHash).toBe(walled.traceHash);
    expect([inside.outcome, inside.channels]).toEqual([walled.outcome, walled.channels]);
    await expect.poll(childProcesses).toEqual([]);
  });

  test("ends at its limits", async () => {
    const manifest = manifestFor(newFolder(), LOOPING_GUEST, { timeoutSeconds: 1 });
    const { outcome } = await runSession({ manifest, isolation: "none" });
    expect(outcome).toEqual({ kind: "limited", limit: "time" });
    const metered = manifestFor(newFolder(), LOOPING_GUEST, { fuel: 1000n });
    const report = await runSession({ manifest: metered, isolation: "none" });
    expect(report.outcome).toEqual({ kind: "limited", limit: "fuel" });
    expect(report.fuel).toMatchObject({ limit: 1000n });
  });

  const endless: readonly [kind: string, body: string][] = [
    ["a tight loop", "(loop (br 0))"],
    [
      "a fill of all its memory",
      "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000)) (br 0))",
    ],
    ["calls", "(loop (call $idle) (br 0))"],
    [
      "a loop with a call of the host",
      "(loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 0))) (br 0))",
    ],
  ];
  test.each(endless)("ends %s, whoever looks at the clock", async (_kind, body) => {
    const program = guestOf(body, "(func $idle (nop))", '(memory (export "memory") 1024)');
    const manifest = manifestFor(newFolder(), program, { timeoutSeconds: 1 });
    const own = await runSession({ manifest, isolation: "none" });
    expect(own.outcome).toEqual({ kind: "limited", limit: "time" });
    expect(own.fuel).toBeUndefined();
    const { signal } = new AbortController();
    const watched = await runSession({ manifest, isolation: "none", signal });
    expect(watched.outcome).toEqual({ kind: "limited", limit: "time" });
  });

  test("uses as much fuel as in a cell, however often it asks for more", async () => {
    const program = guestOf(`(local $i i32)
      (loop
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if 0 (i32.lt_u (local.get $i) (i32.const 3000000))))`);
    for (const fuel of [1_000_000_000n, 5_000_000n]) {
      const manifest = manifestFor(newFolder(), program, { fuel });
      const inside = await runSession({ manifest, isolation: "none" });
      const walled = await runSession({ manifest });
      expect([inside.fuel, inside.outcome]).toEqual([walled.fuel, walled.outcome]);
      expect(inside.fuel?.used).toBeGreaterThan(5_000_000n);
    }
  });

  test("refuses a module that calls through a table which only the sandbox has", async () => {
    const table = "(call_indirect (i32.const 0))";
    const bytes = moduleOf(`(module (table 1 funcref) (memory (export "memory") 1)
      (func (export "_start") ${table}))`);
    // The index of the table, behind that of the type.
    const at = bytes.lastIndexOf(0x11) + 2;
    const program = Uint8Array.from(bytes, (byte, index) => (index === at ? 1 : byte));
    const manifest = manifestFor(newFolder(), program);
    const { outcome } = await runSession({ manifest, isolation: "none" });
    expect(outcome.kind).toBe("refused");
  });

  test("passes streams of the caller on, before and afterwards", async () => {
    const program = guestOf(`
      (drop (call $read (i32.const 0) (i32.const 64) (i32.const 1)))
      (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1)))`);
    const out = new PassThrough();
    const written = text(out);
    const substitutes = new Map([
      ["/dev/stdin", { kind: "readable", stream: Readable.from(["ab", "cdefgh"]) } as const],
      ["/dev/stdout", { kind: "writable", stream: out } as const],
    ]);
    const manifest = manifestFor(newFolder(), program);
    const report = await runSession({ manifest, substitutes, isolation: "none" });
    out.end();
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(await written).not.toBe("");
  });

  test("is lost when the stream that it wrote to is closed", async () => {
    const stream = new PassThrough();
    stream.destroy();
    const substitutes = new Map([["/dev/stdout", { kind: "writable", stream } as const]]);
    const manifest = manifestFor(newFolder(), writingGuest("hello"));
    const report = await runSession({ manifest, substitutes, isolation: "none" });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "channel" });
    expect(report.channels[1]?.putBytes).toBe(5);
  });

  test("never begins when the stream that it reads breaks", async () => {
    const stream = new PassThrough();
    const substitutes = new Map([["/dev/stdin", { kind: "readable", stream } as const]]);
    const manifest = manifestFor(newFolder(), writingGuest("hello"));
    const session = runSession({ manifest, substitutes, isolation: "none" });
    stream.destroy(new Error("torn"));
    expect((await session).outcome).toMatchObject({
      kind: "lost",
      cause: "channel",
      message: "/dev/stdin;0 failed to read: torn",
    });
  });

  test("waits for a stream no longer when it is interrupted, and gives it back", async () => {
    const stream = new PassThrough();
    const substitutes = new Map([["/dev/stdin", { kind: "readable", stream } as const]]);
    const manifest = manifestFor(newFolder(), writingGuest("hello"));
    const control = new AbortController();
    const { signal } = control;
    const session = runSession({ manifest, substitutes, signal, isolation: "none" });
    setImmediate(() => control.abort());
    expect((await session).outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
    await expect
      .poll(() => stream.eventNames().sort())
      .toEqual(new PassThrough().eventNames().sort());
    expect(stream.destroyed).toBe(false);
  });

  test("never begins when the signal came before", async () => {
    const manifest = manifestFor(newFolder(), LOOPING_GUEST);
    const signal = AbortSignal.abort();
    const { outcome } = await runSession({ manifest, signal, isolation: "none" });
    expect(outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
  });
});
