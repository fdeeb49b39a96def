import { moduleOf } from "./wat.ts";

/**
 * A guest with a point. Its body may call `$zfork`, `$words` (all of `/dev/zfork` to standard
 * output), `$copy` (the same with standard input), `$before` and `$after`, which write that word,
 * `$read` with a descriptor and a size, and `$exit`.
 */
export function forkingGuest(body: string, fields = ""): Uint8Array {
  return moduleOf(`(module
    (import "zrt" "zfork" (func $zfork (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
      (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read"
      (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (import "wasi_snapshot_preview1" "path_open"
      (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (data (i32.const 64) "dev/zfork")
    (data (i32.const 128) "before ")
    (data (i32.const 136) "after ")
    ${fields}
    (func $say (param $at i32) (param $size i32)
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $size))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func $read (param $fd i32) (param $size i32) (result i32)
      (i32.store (i32.const 0) (i32.const 1024))
      (i32.store (i32.const 4) (local.get $size))
      (drop (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.load (i32.const 8)))
    (func $pour (param $fd i32)
      (local $size i32)
      (loop $more
        (local.set $size (call $read (local.get $fd) (i32.const 4)))
        (if (local.get $size) (then
          (call $say (i32.const 1024) (local.get $size))
          (br $more)))))
    (func $copy (call $pour (i32.const 0)))
    (func $words
      (drop (call $path_open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const 9)
        (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 12)))
      (call $pour (i32.load (i32.const 12))))
    (func $before (call $say (i32.const 128) (i32.const 7)))
    (func $after (call $say (i32.const 136) (i32.const 6)))
    (func (export "_start") ${body}))`);
}
