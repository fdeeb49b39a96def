import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { captured } from "../../../test/support/captured.ts";
import { zerovm } from "../../../test/support/command-line.ts";
import { COPYING_GUEST, savingGuest, showingGuest } from "../../../test/support/guests.ts";
import { makeTree, readTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";
import { run } from "../../zerovm/index.ts";

const newFolder = temporaryFolders();
const home = process.cwd();
let folder = "";

beforeEach(() => {
  folder = newFolder();
  process.chdir(folder);
});

afterEach(() => {
  process.chdir(home);
});

function report(path: string) {
  return JSON.parse(readFileSync(path, "utf8"));
}

test("a session with a folder and standard input is replayed when both are gone", async () => {
  writeFileSync("copy.wasm", COPYING_GUEST);
  makeTree(join(folder, "d"), { file: "text of a file" });
  const args = ["run", "--record", "s", "--report-file", "a.json", "--dir", "d", "copy.wasm"];
  const first = await zerovm(args, { cwd: folder, input: "some input\n" });
  expect([first.status, first.stdout, first.stderr]).toEqual([0, "some input\n", ""]);
  rmSync("d", { recursive: true });
  rmSync("copy.wasm");
  const again = await zerovm(["replay", "--report-file", "b.json", "s"], { cwd: folder });
  expect([again.status, again.stdout, again.stderr]).toEqual([0, "some input\n", ""]);
  expect(report("b.json").verified).toEqual({ agrees: true });
  expect(report("b.json").traceHash).toBe(report("a.json").traceHash);
});

test("a folder is read from the record, and nothing is written to the host again", async () => {
  writeFileSync("show.wasm", showingGuest("d/file"));
  writeFileSync("save.wasm", savingGuest("d/new", "text"));
  makeTree(join(folder, "d"), { file: "text of a file" });
  const show = ["run", "--record", "shown", "--dir", "d", "show.wasm"];
  expect((await zerovm(show, { cwd: folder })).stdout).toBe("text of a file");
  const save = ["run", "--record", "saved", "--dir", "d:/d:rw", "save.wasm"];
  expect((await zerovm(save, { cwd: folder })).status).toBe(0);
  rmSync("d", { recursive: true });
  expect((await zerovm(["replay", "shown"], { cwd: folder })).stdout).toBe("text of a file");
  const replayed = await zerovm(["replay", "saved"], { cwd: folder });
  expect([replayed.status, replayed.stderr]).toEqual([0, ""]);
  expect(existsSync("d")).toBe(false);
});

test("streams that were terminals for the guest are so again", async () => {
  const asking = moduleOf(`(module
    (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $ask (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (func (export "_start")
      (drop (call $ask (i32.const 1) (i32.const 64)))
      (call $exit (i32.load8_u (i32.const 64)))))`);
  writeFileSync("asking.wasm", asking);
  const options = { program: "asking.wasm", interactive: true, record: "s" } as const;
  const { report: first } = await run({ ...options, stdin: { text: "typed" } });
  expect(first.outcome).toEqual({ kind: "exited", code: CHARACTER_DEVICE });
  const again = await zerovm(["replay", "s"], { cwd: folder });
  expect([again.status, again.stderr]).toEqual([CHARACTER_DEVICE, ""]);
});

/** A manifest for a program and what it may read. */
function manifestOf(program: string, input: string): string {
  return [
    "Version = 20130611",
    `Program = ${join(folder, program)}`,
    "Memory = 4294967296, 0",
    "Timeout = 20",
    `Channel = ${join(folder, input)}, /dev/stdin, 0, 0, 99, 9999, 0, 0`,
    `Channel = ${join(folder, "out")}, /dev/stdout, 0, 0, 0, 0, 99, 9999`,
    "Channel = /dev/null, /dev/stderr, 0, 0, 0, 0, 99, 9999",
    "",
  ].join("\n");
}

test("what a manifest declares is recorded, and verified, as what options grant is", async () => {
  writeFileSync("copy.wasm", COPYING_GUEST);
  writeFileSync("in", "some input\n");
  writeFileSync("m", manifestOf("copy.wasm", "in"));
  const verified = await captured(["exec", "--verify", "--report-file", "v.json", "m"]);
  expect([verified.status, verified.stderr]).toEqual([0, ""]);
  expect(report("v.json").verified).toEqual({ agrees: true });
  const args = ["exec", "--tier=dynamic", "--record", "s", "--report-file", "a.json", "m"];
  const recorded = await captured(args);
  expect([recorded.status, recorded.stderr]).toEqual([0, ""]);
  expect(readFileSync("out", "utf8")).toBe("some input\n");
  for (const path of ["in", "out", "copy.wasm"]) rmSync(path);
  const again = await zerovm(["replay", "--report-file", "b.json", "s"], { cwd: folder });
  expect([again.status, again.stderr]).toEqual([0, ""]);
  expect(report("b.json")).toMatchObject({ verified: { agrees: true }, tier: "dynamic" });
  expect(report("b.json").traceHash).toBe(report("a.json").traceHash);
  expect(existsSync("out")).toBe(false);
});

test.each([
  [["--record", "m"], "the same file is the manifest"],
  [["--record", "in"], "the same file is the source of /dev/stdin"],
  [["--record", "copy.wasm"], "the same file is the program"],
  [["--record", "new", "--verify"], "Record a session or verify it"],
  [["--record", "new", "--report-file", "new"], "the same file is the record"],
])("exec %j is refused before anything runs", async (options, message) => {
  writeFileSync("copy.wasm", COPYING_GUEST);
  writeFileSync("in", "some input\n");
  writeFileSync("m", manifestOf("copy.wasm", "in"));
  const before = readTree(folder);
  const { status, stderr } = await captured(["exec", ...options, "m"]);
  expect(status).toBe(125);
  expect(stderr).toContain(message);
  expect(readTree(folder)).toEqual(before);
});

/** The file type of WASI. */
const CHARACTER_DEVICE = 2;

test.each([
  [["--record", "p.wasm"], "p.wasm"],
  [["--record", "new", "--verify"], "Record a session or verify it"],
  [["--record", "missing/new"], "Cannot grant '--record missing/new'"],
  [["--record", "/dev/null"], "and no file"],
  [["--record", "data", "-r", "data"], "data"],
])("%j is refused before anything runs", async (options, message) => {
  writeFileSync("p.wasm", COPYING_GUEST);
  writeFileSync("data", "data");
  const before = readTree(folder);
  const { status, stderr } = await captured(["run", ...options, "p.wasm"]);
  expect(status).toBe(125);
  expect(stderr).toContain(message);
  expect(readTree(folder)).toEqual(before);
});

test.each([
  [[], "name one RECORD"],
  [["missing"], "zerovm: Cannot read the record missing: no such file or directory\n"],
  [["."], "zerovm: Cannot read the record .: it is no regular file\n"],
  [["data"], "is none: it does not begin with 'zerovm record 1'"],
  [["--timeout", "x", "data"], "--timeout is seconds from 0.001 to"],
])("replay %j is an error", async (args, message) => {
  writeFileSync("data", "data that is long enough for a head");
  const { status, stderr } = await captured(["replay", ...args]);
  expect(status).toBe(125);
  expect(stderr).toContain(message);
});
