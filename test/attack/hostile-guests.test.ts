import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ZEROVM } from "../support/command-line.ts";
import { Shell } from "../support/shell.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";
import { moduleOf } from "../support/wat.ts";
import { HOSTILE_MODULES } from "./hostile-modules.ts";

/** Guests and modules that mean harm, in whole sessions: each ends in order, with its report. */

const newFolder = temporaryFolders();

interface Report {
  readonly outcome: { readonly kind: string; readonly code?: number };
  readonly channels: readonly { readonly alias: string; readonly putBytes: string }[];
  readonly denied: readonly unknown[];
}

function shellWith(program: Uint8Array): Shell {
  const shell = new Shell(newFolder());
  shell.put("p.wasm", program);
  return shell;
}

function reportOf(shell: Shell): Report {
  return JSON.parse(shell.read("report")) as Report;
}

const RUN = "zerovm run --report-file report --timeout 20";

describe("a module with", () => {
  test.each(HOSTILE_MODULES)("%s ends with %i", async (_name, expected, make) => {
    const shell = shellWith(make());
    const { status, stderr } = await shell.run(`${RUN} p.wasm`);
    expect(status).toBe(expected);
    expect(reportOf(shell).outcome.kind).toBe(expected === 0 ? "exited" : "refused");
    expect(stderr.length).toBeLessThan(2000);
    await expect.poll(() => shell.survivors()).toEqual([]);
  });
});

/** Imports under short names, a memory of 4 GiB, and what the guest does with them. */
function hostile(body: string): Uint8Array {
  const call = (name: string, types: string): string =>
    `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${types}) (result i32)))`;
  return moduleOf(`(module
    ${call("fd_write", "i32 i32 i32 i32")}
    ${call("fd_read", "i32 i32 i32 i32")}
    ${call("random_get", "i32 i32")}
    ${call("fd_close", "i32")}
    ${call("fd_renumber", "i32 i32")}
    ${call("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32")}
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 65536)
    ${body})`);
}

/** Exits with the errno of one call, on a memory where every address is one. */
function answering(call: string): Uint8Array {
  return hostile(`(func (export "_start") (call $exit ${call}))`);
}

const SUCCESS = 0;
const FAULT = 21;
const INVALID = 28;

describe("at the edges of a memory of 4 GiB", () => {
  test.each([
    ["the last byte", "(call $random_get (i32.const -1) (i32.const 1))", [SUCCESS]],
    ["one past it", "(call $random_get (i32.const -1) (i32.const 2))", [FAULT]],
    ["the middle", "(call $random_get (i32.const 0x7fffffff) (i32.const 2))", [SUCCESS]],
    ["a result past the end", read("(i32.const 0)", "(i32.const 0)", "-2"), [FAULT, INVALID]],
    ["a list past the end", read("(i32.const -8)", "(i32.const 2)", "16"), [FAULT, INVALID]],
    ["a list of 2^31", read("(i32.const 0)", "(i32.const 0x80000000)", "16"), [FAULT, INVALID]],
    ["a list of 2^32 - 1", read("(i32.const 0)", "(i32.const -1)", "16"), [FAULT, INVALID]],
    ["a list of 2^29", read("(i32.const 8)", "(i32.const 0x20000000)", "0"), [FAULT, INVALID]],
  ])("%s is answered", async (_name, call, expected) => {
    const shell = shellWith(answering(call));
    const { status } = await shell.run(`${RUN} p.wasm`, "input");
    expect(reportOf(shell).outcome.kind).toBe("exited");
    expect(status).toBeOneOf(expected);
  });

  test("results that lie on the list they come from harm nobody", async () => {
    const shell = shellWith(
      hostile(`(func (export "_start")
        (i32.store (i32.const 0) (i32.const 0))
        (i32.store (i32.const 4) (i32.const 64))
        (i32.store (i32.const 8) (i32.const 4))
        (i32.store (i32.const 12) (i32.const -1))
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 4)))
        (call $exit (i32.const 7)))`),
    );
    expect((await shell.run(`${RUN} p.wasm`, "x".repeat(200))).status).toBe(7);
  });
});

function read(list: string, count: string, result: string): string {
  return `(call $fd_read (i32.const 0) ${list} ${count} (i32.const ${result}))`;
}

describe("a guest that", () => {
  test("closes all it has still gets its report", async () => {
    const shell = shellWith(
      hostile(`(func (export "_start") (local $fd i32)
        (loop $next
          (drop (call $fd_close (local.get $fd)))
          (drop (call $fd_renumber (local.get $fd) (i32.const 0)))
          (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $fd) (i32.const 5000))))
        (call $exit (i32.const 3)))`),
    );
    expect((await shell.run(`${RUN} p.wasm`)).status).toBe(3);
    expect(reportOf(shell).channels.map(({ alias }) => alias)).toContain("/dev/stdout");
  });

  test("asks for two hundred thousand names keeps the report small", async () => {
    const shell = shellWith(
      hostile(`(func (export "_start") (local $count i32)
        (memory.fill (i32.const 1024) (i32.const 0x61) (i32.const 4000))
        (loop $next
          (i32.store (i32.const 1024) (local.get $count))
          (i32.store (i32.const 1024) (i32.or (i32.load (i32.const 1024)) (i32.const 0x61616161)))
          (i32.store (i32.const 1030) (i32.add (i32.const 0x30303030) (local.get $count)))
          (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 1024) (i32.const 200)
            (i32.const 0) (i64.const 0) (i64.const 0) (i32.const 0) (i32.const 16)))
          (local.set $count (i32.add (local.get $count) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $count) (i32.const 200000))))
        (call $exit (i32.const 0)))`),
    );
    const { stderr } = await shell.run(`${RUN} p.wasm`);
    expect(reportOf(shell).outcome.kind).toBe("exited");
    expect(shell.read("report").length).toBeLessThan(2 ** 20);
    expect(stderr.length).toBeLessThan(10_000);
  });

  const FLOOD = hostile(`(func (export "_start")
    (i32.store (i32.const 4) (i32.const 1048576))
    (loop $next
      (br_if $next (i32.eqz
        (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16))))))`);

  test("floods a reader who goes away is ended", async () => {
    const shell = shellWith(FLOOD);
    const { stdout } = await shell.run(`${RUN} p.wasm | head -c 1000 | wc -c`);
    expect(stdout.trim()).toBe("1000");
    await expect.poll(() => shell.survivors()).toEqual([]);
  });

  test("floods a slow reader is ended by its time, and nothing is held back in memory", async () => {
    const shell = shellWith(FLOOD);
    const options = ["--timeout", "2", "--report-file", "report"];
    const child = spawn(process.execPath, [ZEROVM, "run", ...options, "p.wasm"], {
      cwd: shell.folder,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = new Promise<number | null>((done) => child.on("exit", done));
    child.stdout.pause();
    const status = await Promise.race([ended, sleep(30_000, "late" as const)]);
    child.stdout.destroy();
    expect(status).toBe(124);
    expect(Number(reportOf(shell).channels[1]?.putBytes)).toBeLessThan(2 ** 22);
  });
});

describe("a host that has no descriptors left", () => {
  test.each([18, 22, 26, 40])("says so (%d of them)", async (count) => {
    const shell = shellWith(answering("(i32.const 5)"));
    const { status, stderr } = await shell.run(`ulimit -n ${count}; ${RUN} p.wasm`);
    await expect.poll(() => shell.survivors()).toEqual([]);
    if (status === 5) return;
    // Below some number Node itself cannot start.
    expect(status).not.toBe(0);
    expect(stderr).not.toBe("");
  });
});
