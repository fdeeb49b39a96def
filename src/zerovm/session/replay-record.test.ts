import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { COPYING_GUEST, guestOf, LOOPING_GUEST } from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
  openDescriptors,
  openedSince,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";
import { configWith } from "../../zrt/index.ts";
import { replay } from "./replay-record.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

/** Writes the time and eight random bytes to standard output. */
const REAL_GUEST = moduleOf(`(module
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write"
    (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\40\\00\\00\\00\\10\\00\\00\\00")
  (func (export "_start")
    (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 64)))
    (drop (call $random (i32.const 72) (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))`);

/** Reads a byte of /dev/data, writes two more to it, reads the next, and exits with their sum. */
const FILE_GUEST = guestOf(
  `(local $fd i32)
   (local.set $fd (call $open (i32.const 64) (i32.const 8) (i32.const 0) (i64.const 66)))
   (drop (call $read (local.get $fd) (i32.const 1024) (i32.const 1)))
   (drop (call $write (local.get $fd) (i32.const 1024) (i32.const 1)))
   (drop (call $read (local.get $fd) (i32.const 1025) (i32.const 1)))
   (call $proc_exit (i32.add (i32.load8_u (i32.const 1024)) (i32.load8_u (i32.const 1025))))`,
  `(data (i32.const 64) "dev/data")`,
);

function input(...chunks: readonly string[]) {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return new Map([["/dev/stdin", { kind: "readable", stream } as const]]);
}

test("a session is repeated without its files, and without writing them", async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  writeFileSync(data, "\x01\x02\x03");
  const manifest = manifestFor(folder, FILE_GUEST, {
    channels: channelsWith(channel("/dev/data", data, "rw", { type: 3 })),
  });
  const zrt = configWith({ mapping: [{ channel: "/dev/data", mode: "file", truncate: true }] });
  const record = join(folder, "record");
  const report = await runSession({ manifest, zrt, preallocate: false, record });
  expect(report.outcome).toEqual({ kind: "exited", code: 4 });
  expect(readFileSync(data, "latin1")).toBe("\x01\x01\x03");
  for (const path of [data, manifest.program]) rmSync(path);
  const again = await replay({ path: record });
  expect(again.outcome).toEqual(report.outcome);
  expect(again.traceHash).toBe(report.traceHash);
  expect(again.verified).toEqual({ agrees: true });
  expect(again.channels).toEqual(report.channels);
  expect(existsSync(data)).toBe(false);
});

test("the host's clock and entropy come back", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, REAL_GUEST, { clock: "real", seed: "real" });
  const report = await runSession({ manifest, record });
  expect(report.granted).toEqual({ clock: true, entropy: true });
  const digest = report.channels[1]?.digest;
  const again = await replay({ path: record });
  expect(again.verified).toEqual({ agrees: true });
  expect(again.channels[1]?.digest).toBe(digest);
  const other = await runSession({ manifest, record });
  expect(other.channels[1]?.digest).not.toBe(digest);
});

test("short reads of an interactive session come back as they were", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, COPYING_GUEST);
  async function* typed() {
    for (const line of ["a\n", "longer\n", "b\n"]) {
      yield line;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  const stream = Readable.from(typed());
  const substitutes = new Map([["/dev/stdin", { kind: "readable", stream } as const]]);
  const report = await runSession({ manifest, record, interactive: true, substitutes });
  expect(report.interactive).toBe(true);
  expect(report.channels[0]?.getBytes).toBe(11);
  const again = await replay({ path: record });
  expect(again.verified).toEqual({ agrees: true });
  expect(again.channels[0]).toEqual(report.channels[0]);
  expect(again.interactive).toBe(true);
});

/** A record in which a part, found by its text, is another of the same length. */
function withPart(record: string, before: Buffer, after: Buffer): string {
  const hash = (it: Uint8Array) => createHash("sha256").update(it).digest("hex");
  const text = readFileSync(record, "latin1");
  return text
    .replace(hash(before), hash(after))
    .replace(before.toString("latin1"), () => after.toString("latin1"));
}

test("a replay that differs names the first host call that does", async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  writeFileSync(data, "\x07\x02\x03");
  const manifest = manifestFor(folder, FILE_GUEST, {
    channels: channelsWith(channel("/dev/data", data, "rw", { type: 3 })),
  });
  const zrt = configWith({ mapping: [{ channel: "/dev/data", mode: "file", truncate: true }] });
  const record = join(folder, "record");
  const report = await runSession({ manifest, zrt, preallocate: false, record });
  expect(report.outcome).toEqual({ kind: "exited", code: 10 });
  const bytes = readFileSync(record);
  const start = bytes.indexOf("zerovm intake 1\n");
  const [, size] = /"name":"intake","sizeBytes":(\d+)/.exec(bytes.toString("latin1")) ?? [];
  const intake = bytes.subarray(start, start + Number(size));
  const other = Buffer.from(intake);
  // What the first read took in: seven becomes eight.
  other[other.indexOf(7, 16)] = 8;
  writeFileSync(record, withPart(record, intake, other), "latin1");
  const again = await replay({ path: record });
  expect(again.verified).toEqual({
    agrees: false,
    difference: "call 5: proc_exit(10) against proc_exit(11)",
  });
  expect(again.outcome).toMatchObject({
    kind: "lost",
    cause: "verify",
    message: expect.stringContaining("call 5: proc_exit(10) against proc_exit(11)"),
  });
});

test("a replay that comes to something else has failed", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, COPYING_GUEST);
  const report = await runSession({ manifest, record, substitutes: input("text") });
  const bytes = readFileSync(record, "latin1");
  const hash = report.traceHash ?? "";
  writeFileSync(record, bytes.replace(hash, "0".repeat(64)), "latin1");
  const again = await replay({ path: record });
  const difference = "the trace hash is not the same";
  expect(again.exitStatus).toBe(125);
  expect(again.verified).toEqual({ agrees: false, difference });
  expect(again.outcome).toMatchObject({ kind: "lost", cause: "verify" });
});

test("fuel that was counted is compared as well", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, COPYING_GUEST, { fuel: 10_000n });
  const report = await runSession({ manifest, record });
  const used = report.fuel?.used ?? 0n;
  expect((await replay({ path: record })).fuel).toEqual({ used, limit: 10_000n });
  const bytes = readFileSync(record, "latin1");
  writeFileSync(
    record,
    bytes.replace(`"fuel":"${used}"`, `"fuel":"${"9".repeat(`${used}`.length)}"`),
    "latin1",
  );
  const other = await replay({ path: record });
  expect(other.verified?.difference).toMatch(/^9+ units of fuel against \d+$/);
});

test("the program of a record is judged as every program is", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, COPYING_GUEST);
  await runSession({ manifest, record });
  const bytes = readFileSync(record);
  const program = bytes.subarray(bytes.indexOf("\0asm"));
  const [before] = /"name":"program","sizeBytes":\d+/.exec(bytes.toString("latin1")) ?? [""];
  const sizeBytes = Number(before.split(":").at(-1));
  const bad = Buffer.from(program.subarray(0, sizeBytes));
  // The import `fd_read` becomes one that nobody offers.
  bad.write("fd_rexd", bad.indexOf("fd_read"), "latin1");
  const hash = (it: Uint8Array) => createHash("sha256").update(it).digest("hex");
  const text = bytes.toString("latin1");
  const good = program.subarray(0, sizeBytes);
  const changed = text
    .replace(hash(good), hash(bad))
    .replace(good.toString("latin1"), () => bad.toString("latin1"));
  writeFileSync(record, changed, "latin1");
  const report = await replay({ path: record });
  expect(report.outcome).toMatchObject({ kind: "refused" });
  expect(report.exitStatus).toBe(126);
});

test("a session that its time ends leaves no record, and says so", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, LOOPING_GUEST, { timeoutSeconds: 1 });
  const report = await runSession({ manifest, record });
  expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
  expect(report.warnings).toContainEqual(expect.stringMatching(/^Not recorded: /));
  expect(existsSync(record)).toBe(false);
});

test("what does not fit into a record is refused by name before anything runs", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, COPYING_GUEST, { limits: { record: 100 } });
  const running = runSession({ manifest, record });
  await expect(running).rejects.toThrow(/the program has \d+ bytes; a record holds 100 bytes/);
  expect(existsSync(record)).toBe(false);
});

test("leaves no descriptor and no process behind", async () => {
  const folder = newFolder();
  const record = join(folder, "record");
  const manifest = manifestFor(folder, COPYING_GUEST);
  await runSession({ manifest, record });
  await replay({ path: record });
  await expect.poll(childProcesses).toEqual([]);
  const before = openDescriptors();
  await runSession({ manifest, record });
  await replay({ path: record });
  writeFileSync(join(folder, "bad"), readFileSync(record).subarray(0, -1));
  await expect(replay({ path: join(folder, "bad") })).rejects.toThrow("its parts need");
  await expect.poll(() => openedSince(before)).toEqual([]);
  await expect.poll(childProcesses).toEqual([]);
});
