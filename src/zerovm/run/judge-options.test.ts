import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { ZvmError } from "../../base/index.ts";
import { judgeOptions } from "./judge-options.ts";
import type { SessionOptions } from "./options.ts";

/** Options as a program without types may give them. */
function judged(options: Record<string, unknown>): string {
  try {
    judgeOptions({ program: "python", ...options } as SessionOptions);
    return "";
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    return error.message;
  }
}

function lockedReadable(): ReadableStream {
  const stream = new ReadableStream();
  stream.getReader();
  return stream;
}

function lockedWritable(): WritableStream {
  const stream = new WritableStream();
  stream.getWriter();
  return stream;
}

test.each([
  [{ program: undefined }, "program"],
  [{ program: "" }, "program"],
  [{ args: [1] }, "args"],
  [{ args: ["a\0b"] }, "args"],
  [{ env: { "A=B": "x" } }, "env"],
  [{ env: { A: 1 } }, "env"],
  [{ etag: "foo" }, "etag"],
  [{ tier: "fast" }, "tier"],
  [{ clock: -1 }, "clock"],
  [{ clock: 1.5 }, "clock"],
  [{ seed: 1 }, "seed"],
  [{ seed: -1n }, "seed"],
  [{ timeoutSeconds: 0 }, "timeoutSeconds"],
  [{ timeoutSeconds: Number.POSITIVE_INFINITY }, "timeoutSeconds"],
  [{ memoryBytes: -1 }, "memoryBytes"],
  [{ limits: { foo: 1 } }, "'foo'"],
  [{ limits: { "fs-bytes": "x" } }, "limits.fs-bytes"],
  [{ read: ["sales.csv"] }, "read"],
  [{ stdin: "a text" }, "stdin"],
  [{ stdin: null }, "stdin"],
  [{ stdin: { text: 1 } }, "stdin"],
  [{ stdin: new WritableStream() }, "stdin"],
  [{ stdin: lockedReadable() }, "that nobody reads, not [object ReadableStream]"],
  [{ stdout: "x" }, "stdout"],
  [{ stdout: new ReadableStream() }, "stdout"],
  [{ stderr: lockedWritable() }, "stderr"],
  [{ folders: [{ host: ".", mode: "xx" }] }, "folders"],
  [{ images: [{ path: "a.tar", mountpoint: "x", mode: "ro" }] }, "images"],
])("%o is refused by name", (options, name) => {
  expect(judged(options)).toContain(name);
});

test.each([
  {},
  { clock: "real", seed: "real", etag: "md5" },
  { clock: 0, seed: 2n ** 64n - 1n, limits: { time: 1 }, env: { A: "" } },
  { folders: [{ host: ".", mode: "rw" }], read: [{ path: "a" }] },
  { stdin: { text: "" }, stdout: "collect", stderr: "inherit" },
  { stdin: new ReadableStream(), stdout: new WritableStream(), stderr: new PassThrough() },
])("%o is taken", (options) => {
  expect(judged(options)).toBe("");
});
