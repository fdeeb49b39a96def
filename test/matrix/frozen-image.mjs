/** An image is frozen and run: its bytes, and what it does, are the same wherever it was made. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";
import { freeze } from "../../dist/index.js";
import { observe, printTwice, sha256 } from "../support/matrix-session.mjs";

/** The initialiser asks clock and entropy, computes floats and vectors, and grows its memory. */
const TEXT = `(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 9)
  (global $count (mut i64) (i64.const 0))
  (global $ratio (mut f64) (f64.const 1))
  (func (export "wizer.initialize")
    (local $i i32)
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 0)))
    (drop (call $random (i32.const 8) (i32.const 24)))
    (drop (memory.grow (i32.const 3)))
    (loop
      (global.set $ratio (f64.sqrt (f64.add (global.get $ratio) (f64.const 0.1))))
      (f64.store (i32.add (i32.const 0x20000) (i32.shl (local.get $i) (i32.const 3)))
        (global.get $ratio))
      (global.set $count (i64.add (global.get $count) (i64.const 0x123456789)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if 0 (i32.lt_u (local.get $i) (i32.const 5000))))
    (f32.store (i32.const 40) (f32.div (f32.const 0) (f32.const 0))))
  (func (export "_start")
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 48)))
    (drop (call $random (i32.const 56) (i32.const 8)))
    (i64.store (i32.const 64) (global.get $count))
    (i32.store (i32.const 4096) (i32.const 0))
    (i32.store (i32.const 4100) (i32.const 0x100))
    (drop (call $write (i32.const 1) (i32.const 4096) (i32.const 1) (i32.const 4200)))))`;

const toolkit = await wabt();
const program = toolkit.parseWat("frozen.wat", TEXT).toBinary({}).buffer;

await printTwice(async (folder) => {
  const path = join(folder, "program.wasm");
  const output = join(folder, "program.frozen");
  writeFileSync(path, program);
  const { report, image } = await freeze({ program: path, output, seed: 5n, clock: 1000 });
  if (image === undefined) throw new Error(JSON.stringify(report.outcome));
  const seen = await observe({ program: output, seed: 5n, clock: 1000, etag: "sha256" });
  // What it wrote is no text; the etag of the channel stands for it.
  return { ...seen, stdout: "", image: sha256(readFileSync(output)), frozen: report.traceHash };
});
