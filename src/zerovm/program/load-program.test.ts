import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { moduleOf } from "../../../test/support/wat.ts";
import { ZvmError } from "../../base/index.ts";
import { inspectProgram } from "./inspect-program.ts";
import {
  closeProgram,
  examineProgram,
  type LoadOptions,
  loadProgram,
  type Program,
  readProgram,
} from "./load-program.ts";

const folder = mkdtempSync(join(tmpdir(), "zerovm-program-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const OPTIONS: LoadOptions = {
  memoryBytes: 20 * 65_536,
  tableElements: 100,
  hostImports: new Map([["wasi_snapshot_preview1", new Set(["proc_exit"])]]),
};

const GOOD = moduleOf(`(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 2) (table 3 funcref) (func (export "_start")))`);

function fileOf(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

function withProgram<T>(path: string, use: (program: Program) => T): T {
  const program = loadProgram(path, OPTIONS);
  try {
    return use(program);
  } finally {
    closeProgram(program);
  }
}

function errorOf(run: () => unknown): ZvmError {
  try {
    run();
  } catch (error) {
    if (error instanceof ZvmError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("loadProgram()", () => {
  test("gives a frozen program and its bytes", () => {
    withProgram(fileOf("good.wasm", GOOD), (program) => {
      expect(Object.isFrozen(program)).toBe(true);
      expect(program.sizeBytes).toBe(GOOD.length);
      expect(Buffer.from(readProgram(program))).toEqual(Buffer.from(GOOD));
    });
  });

  test("a file that changes after the check is not compiled", () => {
    const path = fileOf("changing.wasm", GOOD);
    withProgram(path, (program) => {
      writeFileSync(path, Uint8Array.from([...GOOD, 0, 1, 0]));
      expect(errorOf(() => readProgram(program)).message).toMatch(/changed after it was checked/);
    });
  });

  test("throws all findings, each with file, place and recipe", () => {
    const bytes = moduleOf('(module (import "env" "f" (func)) (memory (export "memory") 1))');
    const path = fileOf("bad.wasm", bytes);
    const error = errorOf(() => loadProgram(path, OPTIONS));
    expect(error.code).toBe("ZVM_PROGRAM_REFUSED");
    expect(error.kind.exitStatus).toBe(126);
    expect(error.diagnostics).toHaveLength(2);
    expect(error.message).toContain(`${path}:offset 0x`);
    expect(error.message).toContain("Import env.f is unknown");
    expect(error.message).toContain("has no _start");
  });

  const missing: readonly [text: string, path: string, exitStatus: number, message: RegExp][] = [
    ["missing", join(folder, "none.wasm"), 127, /There is no program .*none\.wasm/],
    ["below a file", "/etc/passwd/x.wasm", 127, /There is no program/],
    ["a folder", folder, 127, /is a directory/],
    ["a device", "/dev/zero", 126, /is a device or pipe/],
  ];
  test.each(missing)("%s", (_text, path, exitStatus, message) => {
    const error = errorOf(() => loadProgram(path, OPTIONS));
    expect(error.kind.exitStatus).toBe(exitStatus);
    expect(error.message).toMatch(message);
  });

  test("a pipe does not block", () => {
    const path = join(folder, "pipe");
    execFileSync("mkfifo", [path]);
    expect(errorOf(() => loadProgram(path, OPTIONS)).message).toMatch(/device or pipe/);
    expect(errorOf(() => inspectProgram(path, OPTIONS)).code).toBe("ZVM_FILE");
  });

  // Permission bits do not hold for root.
  test.skipIf(process.getuid?.() === 0)("a file that may not be read", () => {
    const path = fileOf("closed.wasm", GOOD);
    chmodSync(path, 0);
    expect(errorOf(() => loadProgram(path, OPTIONS)).kind.exitStatus).toBe(125);
  });

  test("a file above 1 GiB is refused by its size", () => {
    const path = fileOf("huge.wasm", GOOD);
    truncateSync(path, 2 ** 30 + 1);
    const error = errorOf(() => loadProgram(path, OPTIONS));
    expect(error.message).toMatch(/1073741825 bytes, and a program has at most 1073741824/);
    expect(errorOf(() => inspectProgram(path, OPTIONS)).message).toMatch(/at most 1073741824/);
  });
});

describe("examineProgram() has the original's codes and states", () => {
  mkdirSync(join(folder, "sub"));
  const cases: readonly [text: string, path: string, stage: string, code: number, state: string][] =
    [
      [
        "missing",
        join(folder, "no.nexe"),
        "program",
        2,
        `Cannot open '${join(folder, "no.nexe")}'. No such file or directory`,
      ],
      ["text", fileOf("text.nexe", "no module ".repeat(20)), "module", 8, "check failed"],
      ["of size 0, a device", "/dev/zero", "module", 5, "check failed"],
      ["of size 0, a file", fileOf("empty.nexe", ""), "module", 5, "check failed"],
      ["a folder", join(folder, "sub"), "module", 5, "check failed"],
    ];
  test.each(cases)("%s", (_text, path, stage, code, state) => {
    const verdict = examineProgram(path, OPTIONS);
    expect(verdict).toMatchObject({ kind: "refused", findings: [{ stage, code, state }] });
  });
});
