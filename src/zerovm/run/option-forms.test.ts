import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { judgeValue, ZvmError } from "../../base/index.ts";
import { PREPARE_OPTIONS, PREPARED_RUN_OPTIONS, RUN_OPTIONS } from "./option-forms.ts";

/** Options as a program without types may give them. */
function judged(options: Record<string, unknown>): string {
  try {
    judgeValue("run", { program: "python", ...options }, RUN_OPTIONS);
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
  [{ env: { A: 1 } }, "env.A"],
  [{ env: ["A=1"] }, "env"],
  [{ args: "a text" }, "args"],
  [{ args: ["\ud800"] }, "args[0] is well-formed text"],
  [{ env: { A: "\udfff" } }, "env.A is well-formed text"],
  [{ program: "\ud800.wasm" }, "program"],
  [{ stdin: { text: "\ud800" } }, "stdin"],
  [
    { timeoutt: 5 },
    'no option "timeoutt" in run; did you mean timeoutSeconds? There are program, ',
  ],
  [{ memory: 5 }, "did you mean memoryBytes?"],
  [{ stdOut: "ignore" }, "did you mean stdout?"],
  [{ nothingLikeIt: 1 }, 'no option "nothingLikeIt" in run; there are program, args, '],
  [{ limits: { "fs-byte": 1 } }, 'no limit "fs-byte" in limits of run; did you mean fs-bytes?'],
  [{ read: [{ path: "a", name: "b" }] }, '"name" in read[0] of run'],
  [{ pool: {} }, "pool is a CellPool"],
  [{ signal: true }, "signal is an AbortSignal"],
  [{ fuel: 5 }, "fuel is a bigint"],
  [{ isolation: "weakly" }, "isolation is one of full, weak, none"],
  [{ dryRun: "yes" }, "dryRun is true or false"],
  [{ record: "" }, "record"],
  [{ runtimes: { onFetch: 1 } }, "runtimes.onFetch is a function"],
  [{ etag: "foo" }, "etag"],
  [{ clock: -1 }, "clock"],
  [{ clock: 1.5 }, "clock"],
  [{ seed: 1 }, "seed"],
  [{ seed: -1n }, "seed"],
  [{ timeoutSeconds: 0 }, "timeoutSeconds"],
  [{ timeoutSeconds: 0.0001 }, "timeoutSeconds is seconds from 0.001 to 2147483647"],
  [{ timeoutSeconds: Number.NaN }, "timeoutSeconds"],
  [{ timeoutSeconds: Number.POSITIVE_INFINITY }, "timeoutSeconds"],
  [{ memoryBytes: -1 }, "memoryBytes"],
  [{ limits: { foo: 1 } }, '"foo"'],
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
  { timeoutSeconds: 0.5, limits: { "fs-bytes": 0 }, env: undefined, args: ["\u{1f600}"] },
  { stdin: new ReadableStream(), stdout: new WritableStream(), stderr: new PassThrough() },
])("%o is taken", (options) => {
  expect(judged(options)).toBe("");
});

test("what is of no kind at all is told as well", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  expect(judged({ args: [cyclic] })).toMatch(/args\[0\] is .*, not \[object Array\]/);
  expect(judged({ etag: Object.create(null) })).toContain("not [object Object]");
  const trap = {
    get path() {
      throw new TypeError("caught");
    },
  };
  expect(judged({ read: [trap] })).toBe("What run was given cannot be read");
});

test("a program is prepared with other options than one is run with", () => {
  const prepared = () => judgeValue("prepare", { program: "p", stdin: "ignore" }, PREPARE_OPTIONS);
  expect(prepared).toThrow('There is no option "stdin" in prepare');
  const session = () => judgeValue("run", { folders: [] }, PREPARED_RUN_OPTIONS);
  expect(session).toThrow('There is no option "folders" in run');
});
