import { createHash } from "node:crypto";
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
  savingGuest,
  showingGuest,
  writingGuest,
} from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
  openDescriptors,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { configWith } from "../../zrt/nvram/index.ts";
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
    const before = openDescriptors();
    await runSession({ manifest });
    await runSession({ manifest: { ...manifest, program: "/nowhere" } });
    expect(openDescriptors()).toEqual(before);
    expect(childProcesses()).toEqual([]);
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

  test("names the place in the module", async () => {
    const program = guestOf("unreachable");
    const report = await runSession({ manifest: manifestFor(newFolder(), program) });
    const { outcome } = report;
    expect(outcome.kind === "faulted" && program[outcome.offset ?? -1]).toBe(0x00);
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
    expect(report.times.guestMs).toBeGreaterThanOrEqual(990);
    expect(report.times.wallMs).toBeLessThan(6000);
  });

  test("ends a loop in the start function by time", async () => {
    const program = guestOf("", "(func $f (loop $l (br $l))) (start $f)");
    const report = await runSession({
      manifest: manifestFor(newFolder(), program, { timeoutSeconds: 1 }),
    });
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
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
    expect(report.times.wallMs).toBeLessThan(6000);
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
    expect(report.times.wallMs).toBeLessThan(6000);
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
    expect(report.times.wallMs).toBeLessThan(6000);
    expect(childProcesses()).toEqual([]);
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

  test("network channels by name", async () => {
    const source = {
      kind: "network",
      protocol: "tcp",
      host: { kind: "address", address: "127.0.0.1" },
      port: 9,
      text: "tcp:127.0.0.1:9",
    } as const;
    const manifest = manifestFor(newFolder(), writingGuest("x"), {
      channels: channelsWith(channel("/dev/net", "", "wo", { sources: [source] })),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ errorCode: "ZVM_CHANNEL_NETWORK" }],
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

describe("the state of ZRT", () => {
  test("comes from the channel /dev/nvram", async () => {
    const folder = newFolder();
    const tar = join(folder, "out.tar");
    const nvram = join(folder, "nvram");
    writeFileSync(nvram, "[fstab]\nchannel=/dev/out.tar,mountpoint=/tmp,access=wo\n[nonsense]\n");
    const manifest = manifestFor(folder, savingGuest("tmp/saved", "kept text"), {
      channels: channelsWith(
        channel("/dev/nvram", nvram, "ro", { type: 3 }),
        channel("/dev/out.tar", tar, "wo"),
      ),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(tar, "latin1")).toContain("kept text");
    expect(report.warnings).toHaveLength(1);

    const again = manifestFor(folder, showingGuest("in/tmp/saved"), {
      channels: channelsWith(
        channel("/dev/stdout", join(folder, "shown"), "wo"),
        channel("/dev/image", tar, "ro", { type: 3 }),
      ),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/image", mountpoint: "/in" }];
    const second = await runSession({ manifest: again, zrt: configWith({ mounts }) });
    expect(second.outcome).toEqual({ kind: "exited", code: 0 });
    expect(readFileSync(join(folder, "shown"), "utf8")).toBe("kept text");
  });

  test("an image that is none is a warning", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "bad.tar"), "x".repeat(3000));
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/image", join(folder, "bad.tar"), "ro", { type: 3 })),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/image", mountpoint: "/in" }];
    const report = await runSession({ manifest, zrt: configWith({ mounts }) });
    expect(report.exitStatus).toBe(0);
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings[0]).toContain("/dev/image");
  });

  test("a configuration that is too long is refused", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, "nvram"), "#".repeat(10_241));
    const manifest = manifestFor(folder, writingGuest("x"), {
      channels: channelsWith(channel("/dev/nvram", join(folder, "nvram"), "ro", { type: 3 })),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toMatchObject({
      kind: "refused",
      findings: [{ errorCode: "ZVM_NVRAM" }],
    });
  });

  test("an export that does not fit loses the session", async () => {
    const folder = newFolder();
    const limits = { gets: 0n, getBytes: 0n, puts: 100n, putBytes: 600n };
    const manifest = manifestFor(folder, savingGuest("tmp/x", "y"), {
      channels: channelsWith(channel("/dev/o", join(folder, "o"), "wo", { limits })),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/o", mountpoint: "/tmp", access: "wo" as const }];
    const report = await runSession({ manifest, zrt: configWith({ mounts }) });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "export" });
    expect(report.exitStatus).toBe(125);
  });

  test("nothing is exported after a fault", async () => {
    const folder = newFolder();
    const manifest = manifestFor(folder, guestOf("unreachable"), {
      channels: channelsWith(channel("/dev/o", join(folder, "o"), "wo")),
    });
    const mounts = [{ ...MOUNT, channel: "/dev/o", mountpoint: "/tmp", access: "wo" as const }];
    const report = await runSession({ manifest, zrt: configWith({ mounts }) });
    expect(report.exitStatus).toBe(132);
    expect(readFileSync(join(folder, "o"))).toHaveLength(0);
  });
});

const MOUNT = {
  access: "ro",
  readonly: false,
  meta: "archive",
  removable: false,
  fsname: "tar",
} as const;

async function newPipe(folder: string): Promise<string> {
  const { execFileSync } = await import("node:child_process");
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  return path;
}
