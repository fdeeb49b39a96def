import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  LOOPING_GUEST,
  writingGuest,
} from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
  openDescriptors,
  openedSince,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { ZrtConfig } from "../../zrt/index.ts";
import { configWith } from "../../zrt/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

/** Opens /dev/data, reads two bytes, shows the first, adds 1, writes that and exits with it. */
function countingGuest(rights: number): Uint8Array {
  return guestOf(
    `(local $fd i32)
   (local.set $fd (call $open (i32.const 64) (i32.const 8) (i32.const 0) (i64.const ${rights})))
   (drop (call $read (local.get $fd) (i32.const 1024) (i32.const 2)))
   (drop (call $write (i32.const 1) (i32.const 1024) (i32.const 1)))
   (i32.store8 (i32.const 1024) (i32.add (i32.load8_u (i32.const 1024)) (i32.const 1)))
   (drop (call $write (local.get $fd) (i32.const 1024) (i32.const 1)))
   (call $proc_exit (i32.load8_u (i32.const 1024)))`,
    `(data (i32.const 64) "dev/data")`,
  );
}

const READS = 2;
const READS_AND_WRITES = 2 + 64;

const AS_FILE: ZrtConfig = configWith({
  mapping: [{ channel: "/dev/data", mode: "file", truncate: true }],
});

test("both runs of a session agree, and the second one writes nowhere", async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  writeFileSync(data, "A");
  const manifest = manifestFor(folder, countingGuest(READS_AND_WRITES), {
    channels: channelsWith(channel("/dev/data", data, "rw", { type: 3 })),
  });
  const request = { manifest, zrt: AS_FILE, preallocate: false };
  const report = await runSession({ ...request, verify: true });
  expect(report.outcome).toEqual({ kind: "exited", code: 66 });
  expect(report.verified).toEqual({ agrees: true });
  expect(readFileSync(data, "utf8")).toBe("AB");
  expect((await runSession({ ...request, verify: true })).verified).toEqual({ agrees: true });
  expect(report.channels.every(({ digest }) => /^[0-9a-f]{40}$/.test(digest ?? ""))).toBe(true);
});

test("a stream is read once, and what the caller gets was written once", async () => {
  const manifest = manifestFor(newFolder(), COPYING_GUEST);
  const written: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  const text = "some lines\n".repeat(20_000);
  const report = await runSession({
    manifest,
    verify: true,
    substitutes: new Map([
      [
        "/dev/stdin",
        { kind: "readable", stream: Readable.from([text.slice(0, 5), text.slice(5)]) },
      ],
      ["/dev/stdout", { kind: "writable", stream }],
    ]),
  });
  expect(report.verified).toEqual({ agrees: true });
  expect(report.exitStatus).toBe(0);
  expect(Buffer.concat(written).toString()).toBe(text);
});

test("leaves no descriptor and no process behind", async () => {
  const manifest = manifestFor(newFolder(), writingGuest("x"));
  await runSession({ manifest, verify: true });
  await expect.poll(childProcesses).toEqual([]);
  const before = openDescriptors();
  await runSession({ manifest, verify: true });
  await expect.poll(() => openedSince(before)).toEqual([]);
  await expect.poll(childProcesses).toEqual([]);
});

test("where the runs differ the first difference is shown, and the session has failed", async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  writeFileSync(data, "A");
  const manifest = manifestFor(folder, countingGuest(READS), {
    channels: channelsWith(channel("/dev/data", data, "ro", { type: 3 })),
  });
  // The guest has read the file when it writes, so that only the second run finds the change.
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      writeFileSync(data, "X");
      done();
    },
  });
  const report = await runSession({
    manifest,
    zrt: AS_FILE,
    verify: true,
    substitutes: new Map([["/dev/stdout", { kind: "writable", stream }]]),
  });
  const difference = "call 5: proc_exit(66) against proc_exit(89); /dev/data changed meanwhile";
  expect(report.verified).toEqual({ agrees: false, difference });
  expect(report.outcome).toMatchObject({ kind: "lost", cause: "verify" });
  expect(report.exitStatus).toBe(125);
});

test("the status is the guest's own where both runs agree, a fault included", async () => {
  const folder = newFolder();
  const manifest = manifestFor(folder, exitingGuest(7));
  expect((await runSession({ manifest, verify: true })).exitStatus).toBe(7);
  const faulting = manifestFor(folder, guestOf("(unreachable)"));
  const report = await runSession({ manifest: faulting, verify: true });
  expect(report.exitStatus).toBe(132);
  expect(report.verified).toEqual({ agrees: true });
});

test("a session that its time ends is not compared, and says so", async () => {
  const manifest = manifestFor(newFolder(), LOOPING_GUEST, { timeoutSeconds: 1 });
  const report = await runSession({ manifest, verify: true });
  expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
  expect(report.verified).toBeUndefined();
  expect(report.warnings).toContainEqual(expect.stringContaining("Not verified"));
});

test("what may be kept of the intake is limited", async () => {
  const manifest = manifestFor(newFolder(), COPYING_GUEST, { limits: { record: 1000 } });
  const contents = (size: number) => {
    return new Map([
      ["/dev/stdin", { kind: "readable" as const, stream: Readable.from([Buffer.alloc(size)]) }],
    ]);
  };
  const within = await runSession({ manifest, verify: true, substitutes: contents(900) });
  expect(within.verified).toEqual({ agrees: true });
  const beyond = await runSession({ manifest, verify: true, substitutes: contents(1000) });
  expect(beyond.outcome).toMatchObject({
    kind: "lost",
    message: expect.stringContaining("--limit record="),
  });
});

test("the hash of a session that is not verified has no digest of channels without etags", async () => {
  const manifest = manifestFor(newFolder(), writingGuest("x"));
  const plain = await runSession({ manifest });
  const verified = await runSession({ manifest, verify: true });
  expect(plain.verified).toBeUndefined();
  expect(plain.channels[1]?.digest).toBeUndefined();
  expect(verified.traceHash).not.toBe(plain.traceHash);
  expect((await runSession({ manifest, verify: true })).traceHash).toBe(verified.traceHash);
});
