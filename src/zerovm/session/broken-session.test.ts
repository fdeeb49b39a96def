import { createReadStream, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { COPYING_GUEST, guestOf, LOOPING_GUEST } from "../../../test/support/guests.ts";
import {
  channel,
  channelsWith,
  childProcesses,
  manifestFor,
} from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { Manifest } from "../manifest/index.ts";
import type { Substitute } from "./request.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();
// A cell that is still on its way out could be taken for that of the next test.
afterEach(async () => {
  await expect.poll(childProcesses).toEqual([]);
});

describe("a guest that catches what ends it", () => {
  const write = "(drop (call $write (i32.const 1) (i32.const 64) (i32.const 2)))";
  const caught = (what: string, then: string): Uint8Array =>
    guestOf(`(block $out (try (do ${what}) (catch_all (br $out)))) ${then}`);

  test.each([
    ["exits again", "(call $proc_exit (i32.const 7))"],
    ["returns", ""],
    ["writes", write],
    ["faults", "unreachable"],
    ["loops until it is cut", "(loop $again (br $again))"],
  ])("has its first exit, although it %s", async (_, then) => {
    const program = caught("(call $proc_exit (i32.const 3))", then);
    const fields = { timeoutSeconds: 1 };
    const report = await runSession({ manifest: manifestFor(newFolder(), program, fields) });
    expect(report.outcome).toEqual({ kind: "exited", code: 3 });
    expect(report.channels[1]).toMatchObject({ puts: 0 });
  });

  test("does not hide a channel that broke", async () => {
    const manifest = manifestFor(newFolder(), caught(write, "(call $proc_exit (i32.const 7))"), {
      channels: channelsWith(channel("/dev/stdout", "/dev/full", "wo")),
    });
    const report = await runSession({ manifest });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "channel" });
  });
});

function streamed(guest: Uint8Array, alias: string, substitute: Substitute, seconds = 20) {
  const manifest: Manifest = manifestFor(newFolder(), guest, { timeoutSeconds: seconds });
  return { manifest, substitutes: new Map([[alias, substitute]]) };
}

describe("streams of the caller that break", () => {
  const readable = (stream: Readable): Substitute => ({ kind: "readable", stream });

  test.each([
    ["a file that is not there", () => createReadStream("/nowhere/x"), "no such file"],
    ["an error later", () => failingLater(new Error("gone")), "gone"],
    ["an end without an end", () => failingLater(), "closed before its end"],
  ])("on reading: %s", async (_, make, words) => {
    const request = streamed(COPYING_GUEST, "/dev/stdin", readable(make()));
    const { outcome } = await runSession(request);
    expect(outcome).toMatchObject({ kind: "lost", cause: "channel" });
    expect(outcome.kind === "lost" && outcome.message).toContain("/dev/stdin;0 failed to read");
    expect(outcome.kind === "lost" && outcome.message).toContain(words);
  });

  test("on writing", async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error("full")) });
    const guest = guestOf(`(drop (call $write (i32.const 1) (i32.const 64) (i32.const 9)))
      (loop $again (br $again))`);
    const report = await runSession(streamed(guest, "/dev/stdout", { kind: "writable", stream }));
    expect(report.outcome).toMatchObject({
      kind: "lost",
      cause: "channel",
      message: "/dev/stdout;0 failed to write: full",
    });
  });

  test("a stream that was read to its end before is empty", async () => {
    const stream = Readable.from(["text"]);
    for await (const chunk of stream) expect(chunk).toBe("text");
    const report = await runSession(streamed(COPYING_GUEST, "/dev/stdin", readable(stream)));
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
  });
});

function failingLater(error?: Error): Readable {
  const stream = new Readable({ read: () => undefined });
  setTimeout(() => stream.destroy(error), 300);
  return stream;
}

test.each([1, 60_000])(
  "output that nobody takes does not outlive the time: %i writes",
  async (n) => {
    const guest = guestOf(`(local $left i32) (local.set $left (i32.const ${n}))
    (loop $more
      (drop (call $write (i32.const 1) (i32.const 0) (i32.const 100000)))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`);
    const stream = new PassThrough();
    const report = await runSession(
      streamed(guest, "/dev/stdout", { kind: "writable", stream }, 1),
    );
    expect(report.outcome).toEqual({ kind: "limited", limit: "time" });
    await expect.poll(childProcesses).toEqual([]);
  },
);

/**
 * The process of the session that was just asked for, before it got its order: the event loop of
 * the host does not turn meanwhile.
 */
async function cellProcess(): Promise<number> {
  for (let turn = 0; turn < 5000; turn++) {
    const pid = childProcesses().at(-1);
    const name = pid === undefined ? "unshare" : readFileSync(`/proc/${pid}/comm`, "utf8").trim();
    if (name !== "unshare") return Number(pid);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    await Promise.resolve();
  }
  throw new Error("There is no cell");
}

test("an abort before the start of the guest holds", async () => {
  const control = new AbortController();
  const session = runSession({
    manifest: manifestFor(newFolder(), LOOPING_GUEST),
    signal: control.signal,
  });
  await cellProcess();
  control.abort();
  expect((await session).outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
});

test("a sparse file stays as it was when the cell dies before it starts", async () => {
  const folder = newFolder();
  const out = join(folder, "out");
  writeFileSync(out, "");
  truncateSync(out, 5000);
  const limits = { gets: 0n, getBytes: 0n, puts: 10n, putBytes: 5000n };
  const manifest = manifestFor(folder, LOOPING_GUEST, {
    channels: channelsWith(channel("/dev/stdout", out, "wo", { limits })),
  });
  const session = runSession({ manifest });
  process.kill(await cellProcess(), "SIGKILL");
  expect((await session).outcome).toMatchObject({ kind: "lost", cause: "cell" });
  expect(statSync(out).size).toBe(5000);
});
