/** A program in text form asks each call whose answer could vary, and prints the raw bytes. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import wabt from "wabt";
import { observe, printTwice, sha256 } from "../support/matrix-session.mjs";

/** Below 4096 the program collects what it saw; all of it goes to standard output. */
const TEXT = `(module
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_res_get" (func $step (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_filestat_get" (func $stat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_fdstat_get" (func $fdstat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_create_directory"
    (func $mkdir (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1 9)
  (data (i32.const 4096) "out/made")
  (func (export "_start")
    (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 0)))
    (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 8)))
    (drop (call $step (i32.const 0) (i32.const 16)))
    (drop (call $random (i32.const 24) (i32.const 40)))
    (drop (call $env (i32.const 64) (i32.const 68)))
    (drop (call $stat (i32.const 3) (i32.const 128)))
    (drop (call $stat (i32.const 1) (i32.const 192)))
    (drop (call $fdstat (i32.const 1) (i32.const 256)))
    (i32.store (i32.const 288) (call $mkdir (i32.const 3) (i32.const 4096) (i32.const 8)))
    (drop (call $readdir (i32.const 3) (i32.const 512) (i32.const 1024) (i64.const 0)
      (i32.const 292)))
    (i32.store (i32.const 296) (memory.grow (i32.const 100)))
    (i32.store (i32.const 300) (memory.grow (i32.const 3)))
    (f64.store (i32.const 304) (f64.sqrt (f64.const 2)))
    (f64.store (i32.const 312) (f64.nearest (f64.const -2.5)))
    (i32.store (i32.const 8192) (i32.const 0))
    (i32.store (i32.const 8196) (i32.const 4096))
    (drop (call $write (i32.const 1) (i32.const 8192) (i32.const 1) (i32.const 8200)))))`;

const toolkit = await wabt();
const program = toolkit.parseWat("check.wat", TEXT).toBinary({}).buffer;

await printTwice(async (folder) => {
  const path = join(folder, "check.wasm");
  const tar = join(folder, "out.tar");
  writeFileSync(path, program);
  const seen = await observe({
    program: path,
    images: [{ path: tar, mountpoint: "/out", mode: "export" }],
    seed: 7n,
    clock: 1000,
    etag: "sha1",
  });
  // What it wrote is no text; the etag of the channel stands for it.
  return { ...seen, stdout: "", tar: sha256(readFileSync(tar)) };
});
