import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";
import { freeze } from "./freeze.ts";
import { inspect } from "./inspect.ts";
import { run } from "./run.ts";

const newFolder = temporaryFolders();

/** Writes the word at 64, which its initialiser may change, and what a counter has come to. */
function program(init: string, fields = "", start = "(call $say)"): Uint8Array {
  return moduleOf(`(module
    (import "wasi_snapshot_preview1" "fd_write"
      (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read"
      (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "clock_time_get"
      (func $clock (param i32 i64 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_open"
      (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "path_unlink_file"
      (func $unlink (param i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "word")
    (data (i32.const 128) "dev/in")
    (data (i32.const 160) "tmp/file")
    ${fields}
    (func $write (param $at i32) (param $size i32)
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $size))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func $say (call $write (i32.const 64) (i32.const 4)))
    (func $open (param $at i32) (param $size i32) (param $flags i32) (param $rights i64)
      (result i32)
      (drop (call $path_open (i32.const 3) (i32.const 0) (local.get $at) (local.get $size)
        (local.get $flags) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 12)))
      (i32.load (i32.const 12)))
    (func (export "wizer.initialize") ${init})
    (func (export "_start") ${start}))`);
}

/** A folder with a program, and what becomes of it. */
class Place {
  readonly folder = newFolder();
  readonly program = join(this.folder, "program.wasm");
  readonly image = join(this.folder, "image");

  constructor(bytes: Uint8Array) {
    writeFileSync(this.program, bytes);
  }

  freeze(options: Partial<Parameters<typeof freeze>[0]> = {}) {
    return freeze({ program: this.program, output: this.image, ...options });
  }

  async text(options: Partial<Parameters<typeof run>[0]> = {}): Promise<string> {
    const { report, stdout } = await run({ program: this.image, ...options });
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    return Buffer.from(stdout).toString("latin1");
  }
}

/** "ofen" */
const SET = "(i32.store (i32.const 64) (i32.const 0x6e65_666f))";

// Cells need Linux.
describe.runIf(process.platform === "linux")("a frozen program", () => {
  test("begins where its initialiser ended, and is a program by itself", async () => {
    const place = new Place(program(SET));
    const { report, image } = await place.freeze();
    expect(report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(report.walls).toContain("seccomp");
    expect(await place.text()).toBe("ofen");
    expect(image?.sizeBytes).toBe(readFileSync(place.image).length);
    const { module } = await inspect(place.image);
    expect(module?.exports.map(({ name }) => name)).toEqual(["memory", "_start"]);
    const { createHash } = await import("node:crypto");
    const sourceHash = createHash("sha256").update(readFileSync(place.program)).digest("hex");
    expect(module?.frozen).toEqual({ sourceHash, clockNs: "0", entropyBytes: "0" });
    expect(WebAssembly.validate(readFileSync(place.image))).toBe(true);
  });

  test("is the same, byte by byte, for the same program", async () => {
    const place = new Place(program(`${SET} (drop (call $random (i32.const 512) (i32.const 64)))`));
    await place.freeze();
    const first = readFileSync(place.image);
    await place.freeze();
    expect(readFileSync(place.image).equals(first)).toBe(true);
  });

  test("has its globals of every type, its larger memory, and no start function", async () => {
    const fields = `
      (global $a (mut i32) (i32.const 1)) (global $b (mut i64) (i64.const 1))
      (global $c (mut f32) (f32.const 1)) (global $d (mut f64) (f64.const 1))
      (global $e (mut v128) (v128.const i32x4 1 1 1 1)) (global $f (mut funcref) (ref.null func))
      (global $fixed i32 (i32.const 9))
      (func $early (i32.store (i32.const 64)
        (i32.add (i32.load (i32.const 64)) (i32.const 1))))
      (start $early)`;
    const init = `
      (global.set $a (i32.const -2)) (global.set $b (i64.const -3))
      (global.set $c (f32.const 0.5)) (global.set $d (f64.const -0.25))
      (global.set $e (v128.const i32x4 5 6 7 8))
      (drop (memory.grow (i32.const 3)))
      (i32.store (i32.const 200000) (i32.const 7))`;
    const start = `
      (if (i32.ne (global.get $a) (i32.const -2)) (then unreachable))
      (if (i64.ne (global.get $b) (i64.const -3)) (then unreachable))
      (if (f32.ne (global.get $c) (f32.const 0.5)) (then unreachable))
      (if (f64.ne (global.get $d) (f64.const -0.25)) (then unreachable))
      (if (i32.ne (i32x4.extract_lane 2 (global.get $e)) (i32.const 7)) (then unreachable))
      (if (i32.ne (global.get $fixed) (i32.const 9)) (then unreachable))
      (if (i32.ne (memory.size) (i32.const 4)) (then unreachable))
      (if (i32.ne (i32.load (i32.const 200000)) (i32.const 7)) (then unreachable))
      (call $say)`;
    const place = new Place(program(init, fields, start));
    await place.freeze();
    // The start function ran once, when it was frozen.
    expect(await place.text()).toBe("xord");
  });

  test("goes on with its clock and its entropy", async () => {
    const look = "(drop (call $clock (i32.const 1) (i64.const 0) (i32.const 1024)))";
    const random = "(drop (call $random (i32.const 1032) (i32.const 100)))";
    const show = "(call $write (i32.const 1024) (i32.const 108))";
    const plain = new Place(program("", "", `${look} ${random} ${look} ${random} ${show}`));
    writeFileSync(plain.image, readFileSync(plain.program));
    const frozen = new Place(program(`${look} ${random}`, "", `${look} ${random} ${show}`));
    await frozen.freeze({ clock: 5, seed: 7n });
    const options = { clock: 5, seed: 7n };
    expect(await frozen.text(options)).toBe(await plain.text(options));
    const { module } = await inspect(frozen.image);
    expect(module?.frozen).toMatchObject({ clockNs: "1000", entropyBytes: "100" });
  });

  test("holds what its initialiser read of a file, and runs without it", async () => {
    const init = `
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 4))
      (i32.store (i32.const 16) (call $open (i32.const 128) (i32.const 6) (i32.const 0)
        (i64.const 2)))
      (drop (call $fd_read (i32.load (i32.const 16)) (i32.const 0) (i32.const 1) (i32.const 8)))
      (drop (call $fd_close (i32.load (i32.const 16))))`;
    const place = new Place(program(init));
    const path = join(place.folder, "in");
    writeFileSync(path, "rule");
    await place.freeze({ read: [{ path }] });
    expect(await place.text()).toBe("rule");
  });

  test("counts fuel from where it begins", async () => {
    const busy = `(local $left i32) (local.set $left (i32.const 100000))
      (loop $more (local.set $left (i32.sub (local.get $left) (i32.const 1)))
        (br_if $more (local.get $left)))`;
    const place = new Place(program(busy));
    const { report } = await place.freeze({ fuel: 10_000_000n });
    expect(report.fuel?.used).toBeGreaterThan(100_000n);
    const ran = await run({ program: place.image, fuel: 10_000n });
    expect(ran.report.outcome).toEqual({ kind: "exited", code: 0 });
    expect(ran.report.fuel?.used).toBeLessThan(1000n);
  });

  test("may be a reactor, whose _initialize is run first and only once", async () => {
    const add = (by: number) =>
      `(i32.store8 (i32.const 64) (i32.add (i32.load8_u (i32.const 64)) (i32.const ${by})))`;
    const fields = `(func (export "_initialize") ${add(1)}) (func (export "wizer.resume") (call $say)
      (call $say))`;
    const place = new Place(program(add(2), fields, "unreachable"));
    await place.freeze();
    expect(await place.text()).toBe("zordzord");
    const named = new Place(program("unreachable", `(func (export "load") ${add(5)})`));
    await named.freeze({ initialiser: "load" });
    expect(await named.text()).toBe("|ord");
  });

  test("keeps passive segments, and uses up active ones", async () => {
    const fields = `(data $passive "kept") (data $active (i32.const 300) "once")`;
    const init = "(i32.store (i32.const 300) (i32.const 0))";
    const start = `
      (memory.init $passive (i32.const 64) (i32.const 0) (i32.const 4))
      (if (i32.load (i32.const 300)) (then unreachable)) (call $say)
      (memory.init $active (i32.const 64) (i32.const 0) (i32.const 4))`;
    const place = new Place(program(init, fields, start));
    await place.freeze();
    const { report, stdout } = await run({ program: place.image });
    expect(Buffer.from(stdout).toString()).toBe("kept");
    expect(report.outcome).toMatchObject({ kind: "faulted", fault: "memory-bounds" });
  });
});

// Cells need Linux.
describe.runIf(process.platform === "linux")("what no image can hold", () => {
  const OPEN = "(drop (call $open (i32.const 128) (i32.const 6) (i32.const 0) (i64.const 2)))";
  const MAKE = "(call $open (i32.const 160) (i32.const 8) (i32.const 1) (i64.const 64))";
  test.each<[string, string, string, string]>([
    ["a file that it made", `(drop (call $fd_close ${MAKE}))`, "", "/tmp/file was made or written"],
    ["a file that it left open", OPEN, "", "The descriptor 4 is still open"],
    ["a descriptor that it closed", "(drop (call $fd_close (i32.const 0)))", "", "0 was closed"],
    [
      "a name that it took away",
      `(drop (call $fd_close ${MAKE}))
       (drop (call $unlink (i32.const 3) (i32.const 160) (i32.const 8)))`,
      "",
      "It called path_unlink_file, whose effect would be lost",
    ],
    ["an exit", "(call $exit (i32.const 0))", "", "It exited"],
    [
      "a reference in a global",
      "(global.set $f (ref.func $say))",
      "(global $f (mut funcref) (ref.null func)) (elem declare func $say)",
      "the global 0 holds a reference (funcref), which cannot be stored",
    ],
    [
      "a table that it changed",
      "(table.set $t (i32.const 1) (ref.func $say))",
      "(table $t 3 funcref) (elem declare func $say)",
      "The table 0 was changed",
    ],
    [
      "a table that it made larger",
      "(drop (table.grow $t (ref.null func) (i32.const 1)))",
      "(table $t 3 funcref)",
      "The table 0 was changed",
    ],
    ["dropped segments", "(data.drop $d)", `(data $d "x")`, "its code drops segments"],
  ])("%s is refused and named", async (_, init, fields, message) => {
    const place = new Place(program(init, fields));
    const path = join(place.folder, "in");
    writeFileSync(path, "");
    const frozen = place.freeze({ read: [{ path }] });
    await expect(frozen).rejects.toMatchObject({
      code: "ZVM_FREEZE",
      message: expect.stringContaining(message),
    });
    await expect(inspect(place.image)).rejects.toMatchObject({ code: "ZVM_PROGRAM_NOT_FOUND" });
  });

  test("a table that its code could change and did not is no trouble", async () => {
    const fields = "(table $t 3 funcref) (elem (i32.const 1) $say)";
    const start = "(table.set $t (i32.const 0) (ref.func $say)) (call_indirect $t (i32.const 1))";
    const place = new Place(program("", fields, start));
    await place.freeze();
    expect(await place.text()).toBe("word");
  });

  test.each([
    ["unreachable", { kind: "faulted", fault: "unreachable" }],
    ["(loop $again (br $again))", { kind: "limited", limit: "time" }],
    ["(call $exit (i32.const 3))", { kind: "exited", code: 3 }],
  ])("an initialiser that fails leaves no image: %s", async (init, outcome) => {
    const place = new Place(program(init));
    const { report, image } = await place.freeze({ timeoutSeconds: 1 });
    expect(report.outcome).toMatchObject(outcome);
    expect(image).toBeUndefined();
  });

  test("a program without an initialiser, without a start, or frozen already is refused", async () => {
    const place = new Place(program(""));
    await expect(place.freeze({ initialiser: "none" })).rejects.toThrow("exports no function none");
    await place.freeze();
    await expect(freeze({ program: place.image, output: place.image })).rejects.toThrow(
      "the module is frozen already",
    );
    const bare = `(module (memory (export "memory") 1) (func (export "_initialize")))`;
    await expect(new Place(moduleOf(bare)).freeze()).rejects.toThrow("exports no _start");
  });

  test("an image that was damaged is refused, wherever it was", async () => {
    const place = new Place(program(SET));
    await place.freeze();
    const whole = readFileSync(place.image);
    for (const at of [24, 30, 60, 75, 90, 120, whole.length - 1]) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      writeFileSync(place.image, damaged);
      const { report } = await run({ program: place.image });
      expect([at, report.outcome]).toMatchObject([at, { kind: "refused" }]);
    }
    writeFileSync(place.image, whole);
    expect(await place.text()).toBe("ofen");
  });
});
