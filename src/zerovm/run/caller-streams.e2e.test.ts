import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import {
  COPYING_GUEST,
  guestOf,
  LOOPING_GUEST,
  writingGuest,
} from "../../../test/support/guests.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { run } from "./index.ts";

const newFolder = temporaryFolders();

function program(bytes: Uint8Array): string {
  const path = join(newFolder(), "p.wasm");
  writeFileSync(path, bytes);
  return path;
}

function readable(...chunks: readonly unknown[]): ReadableStream {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

interface Sink {
  readonly stream: WritableStream<Uint8Array>;
  readonly chunks: Uint8Array[];
  readonly state: { isClosed: boolean };
}

function sink(delayMs = 0): Sink {
  const chunks: Uint8Array[] = [];
  const state = { isClosed: false };
  const stream = new WritableStream<Uint8Array>({
    async write(chunk) {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      chunks.push(chunk);
    },
    close() {
      state.isClosed = true;
    },
  });
  return { stream, chunks, state };
}

const EXITED = { kind: "exited", code: 0 };

describe("web streams", () => {
  test("all kinds of chunks in, bytes out; both streams are the caller's again", async () => {
    const stdin = readable("hä", new TextEncoder().encode("pp"), new Uint8Array([0x79]).buffer);
    const { stream: stdout, chunks, state } = sink();
    const { report } = await run({ program: program(COPYING_GUEST), stdin, stdout });
    expect(report.outcome).toEqual(EXITED);
    expect(Buffer.concat(chunks).toString()).toBe("häppy");
    expect([stdin.locked, stdout.locked, state.isClosed]).toEqual([false, false, false]);
    await stdout.close();
    expect(state.isClosed).toBe(true);
  });

  test("a megabyte through both ways, to one who takes his time", async () => {
    const bytes = new Uint8Array(2 ** 20).map((_value, index) => index % 251);
    const stdin = readable(bytes.subarray(0, 700_000), bytes.subarray(700_000));
    const { stream: stdout, chunks } = sink(5);
    await run({ program: program(COPYING_GUEST), stdin, stdout });
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  test("one stream for both outputs", async () => {
    const { stream, chunks } = sink();
    const both = `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 1)))
      (drop (call $write (i32.const 2) (i32.const 65) (i32.const 1)))`;
    const guest = program(guestOf(both, `(data (i32.const 64) "ab")`));
    await run({ program: guest, stdout: stream, stderr: stream });
    expect(Buffer.concat(chunks).toString().split("").sort().join("")).toBe("ab");
    expect(stream.locked).toBe(false);
  });

  test("what the guest does not read stays in the stream", async () => {
    const stdin = new ReadableStream<string>(
      { pull: (controller) => controller.enqueue("x") },
      { highWaterMark: 0 },
    );
    const { report } = await run({ program: program(writingGuest("done")), stdin });
    expect(report.outcome).toEqual(EXITED);
    expect(stdin.locked).toBe(false);
    expect(await stdin.getReader().read()).toEqual({ done: false, value: "x" });
  });

  test.each<[string, ReadableStream, string]>([
    [
      "that breaks",
      new ReadableStream({ pull: () => Promise.reject(new Error("no more")) }),
      "/dev/stdin;0 failed to read: no more",
    ],
    ["of numbers", readable(1), "neither bytes nor text"],
  ])("a stream to read %s loses the session", async (_, stdin, message) => {
    const { report } = await run({ program: program(COPYING_GUEST), stdin });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "channel" });
    expect(report.classic.state).toContain(message);
  });

  test("a stream to write that breaks loses the session", async () => {
    const stdout = new WritableStream({ write: () => Promise.reject(new Error("no room")) });
    const endless = guestOf(`(loop $more
      (br_if $more (i32.eqz (call $write (i32.const 1) (i32.const 64) (i32.const 4096)))))`);
    const { report } = await run({ program: program(endless), stdout });
    expect(report.outcome).toMatchObject({
      kind: "lost",
      cause: "channel",
      message: "/dev/stdout;0 failed to write: no room",
    });
  });

  test("an interruption does not wait for who never takes what was written", async () => {
    const control = new AbortController();
    const stdout = new WritableStream({
      write: () => {
        control.abort();
        return new Promise(() => undefined);
      },
    });
    const writing = guestOf(`(drop (call $write (i32.const 1) (i32.const 64) (i32.const 8)))
      (loop $again (br $again))`);
    const { report } = await run({ program: program(writing), stdout, signal: control.signal });
    expect(report.outcome).toMatchObject({ kind: "lost", cause: "interrupted" });
    expect(stdout.locked).toBe(false);
  });
});

describe("a stream of Node that breaks before the session needs it", () => {
  test.each(["stdin", "stdout", "stderr"] as const)("%s is heard", async (name) => {
    const stream = new PassThrough();
    const ended = run({ program: program(LOOPING_GUEST), timeoutSeconds: 20, [name]: stream });
    stream.destroy(new Error("too early"));
    const { report } = await ended;
    const verb = name === "stdin" ? "read" : "write";
    expect(report.outcome).toMatchObject({
      kind: "lost",
      message: `/dev/${name};0 failed to ${verb}: too early`,
    });
    expect(stream.listenerCount("error")).toBe(0);
  });
});
