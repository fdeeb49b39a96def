import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  invalidCodeGuest,
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
import { moduleOf } from "../../../test/support/wat.ts";
import { formatReportText } from "../report/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

function sha1(bytes: string | Uint8Array): string {
  return createHash("sha1").update(bytes).digest("hex");
}

describe("a session that ends well", () => {
  test("writes to a file, cuts it to what was written, and accounts for it", async () => {
    const folder = newFolder();
    const out = join(folder, "out");
    const limits = { gets: 0n, getBytes: 0n, puts: 10n, putBytes: 1000n };
    const manifest = manifestFor(folder, writingGuest("hello\n"), {
      channels: channelsWith(channel("/dev/stdout", out, "wo", { etag: true, limits })),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(report.exitStatus).toBe(0);
    expect(readFileSync(out, "utf8")).toBe("hello\n");
    expect(statSync(out).mode & 0o777).toBe(0o600);
    expect(report.channels.map(({ alias }) => alias)).toEqual([
      "/dev/stdin",
      "/dev/stdout",
      "/dev/stderr",
    ]);
    expect(report.channels[1]).toMatchObject({ puts: 1, putBytes: 6, hostWrites: 1 });
    expect(report.etags).toEqual([{ alias: "/dev/stdout", hex: sha1("hello\n") }]);
    expect(formatReportText(report)).toMatch(
      /^0\n0\n0\n\/dev\/stdout [0-9a-f]{40}\n\d+\.\d\d \d+\.\d\d 0 0 1 6 0 0 0 0\nok\n\n$/,
    );
  });

  test("gives the guest's exit code as status, whole in the report", async () => {
    const folder = newFolder();
    const report = await runSession({ manifest: manifestFor(folder, exitingGuest(1234)) });
    expect(report.outcome).toEqual({ kind: "exited", code: 1234 });
    expect(report.exitStatus).toBe(1234 & 0xff);
    expect(report.classic).toMatchObject({ userCode: 1234, exitCode: 0, state: "ok" });
    const negative = await runSession({ manifest: manifestFor(folder, exitingGuest(-5)) });
    expect(negative.classic.userCode).toBe(-5);
    expect(negative.exitStatus).toBe(251);
  });

  test("hashes linear memory as it was at the end", async () => {
    const memory = { sizeBytes: 2 ** 32, etag: true };
    const manifest = manifestFor(newFolder(), guestOf("(i32.store8 (i32.const 7) (i32.const 9))"), {
      memory,
    });
    const report = await runSession({ manifest });
    const expected = new Uint8Array(2 * 65_536);
    expected[7] = 9;
    expect(report.etags).toEqual([{ alias: "/dev/memory", hex: sha1(expected) }]);
    expect(report.memory.linearBytes).toBe(expected.length);
  });

  test("gives the same trace twice, and another one for another byte", async () => {
    const folder = newFolder();
    const trace = async (text: string): Promise<string | undefined> => {
      const manifest = manifestFor(folder, writingGuest(text), {
        channels: channelsWith(channel("/dev/stdout", "/dev/null", "wo", { etag: true })),
      });
      return (await runSession({ manifest })).traceHash;
    };
    const first = await trace("one");
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await trace("one")).toBe(first);
    expect(await trace("two")).not.toBe(first);
  });

  test("leaves no descriptor and no process behind", async () => {
    const folder = newFolder();
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/out", join(folder, "out"), "rw", { type: 3 })),
    });
    await runSession({ manifest });
    await expect.poll(childProcesses).toEqual([]);
    const before = openDescriptors();
    await runSession({ manifest });
    await runSession({ manifest: { ...manifest, program: "/nowhere" } });
    await expect.poll(() => openedSince(before)).toEqual([]);
    await expect.poll(childProcesses).toEqual([]);
  });

  test("lists the limits of channels that answered the guest", async () => {
    const limits = { gets: 0n, getBytes: 0n, puts: 1n, putBytes: 3n };
    const manifest = manifestFor(newFolder(), writingGuest("hello"), {
      channels: channelsWith(channel("/dev/stdout", "/dev/null", "wo", { limits })),
    });
    const report = await runSession({ manifest });
    expect(report.hits).toEqual([{ limit: "put-bytes", channel: "/dev/stdout" }]);
  });
});

describe("a session that is refused", () => {
  test("creates and changes nothing, and says everything", async () => {
    const folder = newFolder();
    const missing = join(folder, "missing");
    const kept = join(folder, "kept");
    writeFileSync(kept, "kept");
    const manifest = manifestFor(folder, new Uint8Array([1, 2, 3]), {
      timeoutSeconds: 0,
      channels: channelsWith(
        channel("/dev/stdout", missing, "wo", { etag: true }),
        channel("/dev/kept", kept, "wo"),
        channel("/dev/folder", folder, "ro"),
      ),
    });
    const report = await runSession({ manifest });
    const { outcome } = report;
    expect(outcome.kind === "refused" && outcome.findings.map(({ stage }) => stage)).toEqual([
      "module",
      "mount",
      "defence",
    ]);
    expect(report.exitStatus).toBe(126);
    expect(report.classic).toMatchObject({ validator: 2, exitCode: 8 });
    expect(report.etags).toEqual([{ alias: "/dev/stdout", hex: sha1("") }]);
    expect(existsSync(missing)).toBe(false);
    expect(readFileSync(kept, "utf8")).toBe("kept");
  });

  test("by the engine, too", async () => {
    const folder = newFolder();
    const missing = join(folder, "missing");
    const kept = join(folder, "kept");
    writeFileSync(kept, "kept");
    const manifest = manifestFor(folder, invalidCodeGuest(), {
      channels: channelsWith(
        channel("/dev/stdout", missing, "wo"),
        channel("/dev/kept", kept, "wo"),
      ),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toMatchObject({ kind: "refused", findings: [{ stage: "module" }] });
    expect(report.exitStatus).toBe(126);
    expect(report.classic).toMatchObject({ validator: 1, exitCode: 8 });
    expect(existsSync(missing)).toBe(false);
    expect(readFileSync(kept, "utf8")).toBe("kept");
  });

  test.each([
    ["a program that is not there", { program: "/nowhere/x.wasm" }, 127, 2],
    [
      "a missing file to read",
      { channels: channelsWith(channel("/dev/in", "/nowhere/x", "ro")) },
      125,
      14,
    ],
    [
      "a file in no folder",
      { channels: channelsWith(channel("/dev/out", "/nowhere/x", "wo")) },
      125,
      9,
    ],
    ["a folder", { channels: channelsWith(channel("/dev/in", "/tmp", "ro")) }, 125, 93],
    [
      "a device both ways",
      { channels: channelsWith(channel("/dev/x", "/dev/null", "rw")) },
      125,
      22,
    ],
  ])("%s", async (_, fields, status, code) => {
    const manifest = manifestFor(newFolder(), writingGuest("x"), fields);
    const report = await runSession({ manifest });
    expect(report.outcome.kind).toBe("refused");
    expect(report.exitStatus).toBe(status);
    expect(report.classic.exitCode).toBe(code);
  });

  test("a key that is not there", async () => {
    const source = {
      kind: "network",
      protocol: "tcp",
      host: { kind: "address", address: "127.0.0.1" },
      port: 9,
      text: "tcp:127.0.0.1:9",
    } as const;
    const manifest = manifestFor(newFolder(), writingGuest("x"), {
      channels: channelsWith(channel("/dev/net", "", "wo", { sources: [source] })),
      key: "/nonexistent/key",
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [
        {
          errorCode: "ZVM_CHANNEL_NETWORK",
          message: "Cannot use the key /nonexistent/key: no such file or directory",
        },
      ],
    });
    expect(report.exitStatus).toBe(125);
  });
});

describe("files as channels", () => {
  test("a file that is only written is emptied; one for both ways is not", async () => {
    const folder = newFolder();
    const [written, both] = [join(folder, "written"), join(folder, "both")];
    writeFileSync(written, "long contents");
    writeFileSync(both, "long contents");
    for (const [path, access] of [
      [written, "wo"],
      [both, "rw"],
    ] as const) {
      const manifest = manifestFor(folder, writingGuest("new"), {
        channels: channelsWith(channel("/dev/stdout", path, access, { type: 3 })),
      });
      expect((await runSession({ manifest })).exitStatus).toBe(0);
    }
    expect(readFileSync(written, "utf8")).toBe("new");
    expect(readFileSync(both, "utf8")).toBe("newg contents");
  });

  test("standard input is read from a file of the host", async () => {
    const folder = newFolder();
    const [input, output] = [join(folder, "in"), join(folder, "out")];
    const text = "0123456789".repeat(1000);
    writeFileSync(input, text);
    const manifest = manifestFor(folder, COPYING_GUEST, {
      channels: channelsWith(
        channel("/dev/stdin", input, "ro"),
        channel("/dev/stdout", output, "wo"),
      ),
    });
    const report = await runSession({ manifest });
    expect(readFileSync(output, "utf8")).toBe(text);
    expect(report.channels[0]).toMatchObject({ gets: 3, getBytes: 10_000 });
  });
});

describe("what stands in for sources", () => {
  test("contents and streams of this process", async () => {
    const manifest = manifestFor(newFolder(), COPYING_GUEST);
    const output = new PassThrough();
    const text = "line of text\n".repeat(20_000);
    const chunks: Buffer[] = [];
    output.on("data", (chunk: Buffer) => chunks.push(chunk));
    const report = await runSession({
      manifest,
      substitutes: new Map([
        ["/dev/stdin", { kind: "readable", stream: Readable.from([text]) }],
        ["/dev/stdout", { kind: "writable", stream: output }],
      ]),
    });
    expect(report.exitStatus).toBe(0);
    expect(Buffer.concat(chunks).toString()).toBe(text);
    expect(output.writable).toBe(true);
  });

  test("a guest that does not read all of a stream", async () => {
    const manifest = manifestFor(newFolder(), writingGuest("x"));
    const stream = Readable.from(["a".repeat(1_000_000), "b".repeat(1_000_000)]);
    const substitutes = new Map([["/dev/stdin", { kind: "readable", stream } as const]]);
    expect((await runSession({ manifest, substitutes })).exitStatus).toBe(0);
  });
});

describe("what is granted of the real world", () => {
  test("stands in the report, and guests with it run", async () => {
    const body = `
      (drop (call $clock (i32.const 0) (i64.const 1) (i32.const 64)))
      (drop (call $random (i32.const 128) (i32.const 64)))
      (if (i64.lt_u (i64.load (i32.const 64)) (i64.const 1600000000000000000)) (then unreachable))
      (if (i64.eqz (i64.load (i32.const 128))) (then unreachable))`;
    const program = moduleOf(`(module
      (import "wasi_snapshot_preview1" "clock_time_get"
        (func $clock (param i32 i64 i32) (result i32)))
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (memory (export "memory") 1) (func (export "_start") ${body}))`);
    const folder = newFolder();
    const real = manifestFor(folder, program, { clock: "real", seed: "real" });
    const report = await runSession({ manifest: real });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(report.granted).toEqual({ clock: true, entropy: true });
    const virtual = await runSession({ manifest: manifestFor(folder, program) });
    expect(virtual.outcome).toMatchObject({ kind: "faulted", fault: "unreachable" });
    expect(virtual.granted).toEqual({ clock: false, entropy: false });
  });
});

describe("a written file that has a limit", () => {
  const limits = { gets: 0n, getBytes: 0n, puts: 10n, putBytes: 5000n };

  test.each([
    ["is extended to it while the guest runs", true, 5000],
    ["is not where that is switched off", false, 0],
  ])("%s, and cut afterwards", async (_, preallocate, sizeBytes) => {
    const folder = newFolder();
    const out = join(folder, "out");
    const control = new AbortController();
    const sign = new PassThrough();
    const body = `(drop (call $write (i32.const 2) (i32.const 64) (i32.const 1)))
      (loop $again (br $again))`;
    const manifest = manifestFor(folder, guestOf(body), {
      channels: channelsWith(
        channel("/dev/stdout", out, "wo", { limits }),
        channel("/dev/stderr", "/dev/stderr", "wo"),
      ),
    });
    const substitutes = new Map([["/dev/stderr", { kind: "writable", stream: sign } as const]]);
    const session = runSession({ manifest, substitutes, preallocate, signal: control.signal });
    await once(sign, "data");
    expect(statSync(out).size).toBe(sizeBytes);
    control.abort();
    await session;
    expect(statSync(out).size).toBe(0);
  });

  test("is emptied by the host when the cell is killed", async () => {
    const folder = newFolder();
    const out = join(folder, "out");
    const manifest = manifestFor(folder, LOOPING_GUEST, {
      channels: channelsWith(channel("/dev/stdout", out, "wo", { limits })),
    });
    const session = runSession({ manifest });
    await expect.poll(() => statSync(out, { throwIfNoEntry: false })?.size).toBe(5000);
    for (const pid of childProcesses()) process.kill(Number(pid), "SIGKILL");
    const report = await session;
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "cell" });
    expect(report.exitStatus).toBe(125);
    expect(report.warnings).toHaveLength(1);
    expect(statSync(out).size).toBe(0);
  });
});

describe("judging only", () => {
  test("creates nothing and starts nothing", async () => {
    const folder = newFolder();
    const out = join(folder, "out");
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/stdout", out, "wo")),
    });
    const report = await runSession({ manifest, judgeOnly: true });
    expect(report.outcome).toEqual({ kind: "judged" });
    expect(report.classic).toMatchObject({ validator: 0, exitCode: 0, state: "ok" });
    expect(existsSync(out)).toBe(false);
  });
});

test("a broken channel ends the session, with the original's state", async () => {
  const manifest = manifestFor(newFolder(), writingGuest("x"), {
    channels: channelsWith(channel("/dev/stdout", "/dev/full", "wo")),
  });
  const report = await runSession({ manifest });
  expect(report.outcome).toMatchObject({ kind: "lost", cause: "channel" });
  expect(report.classic).toMatchObject({
    exitCode: 5,
    state: "/dev/stdout;0 failed to write: No space left on device",
  });
});

test("contents stand in for a file", async () => {
  const folder = newFolder();
  const out = join(folder, "out");
  const manifest = manifestFor(folder, COPYING_GUEST, {
    channels: channelsWith(channel("/dev/stdout", out, "wo")),
  });
  const bytes = new TextEncoder().encode("given contents");
  const substitutes = new Map([["/dev/stdin", { kind: "contents", bytes } as const]]);
  await runSession({ manifest, substitutes });
  expect(readFileSync(out, "utf8")).toBe("given contents");
});
