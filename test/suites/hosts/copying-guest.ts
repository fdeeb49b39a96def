import { moduleOf } from "../../support/wat.ts";

/**
 * The guest of the original's netcopy: standard input to standard output, in pieces of 1 byte to
 * 1 MiB, whose sizes come from the entropy of its session. What cannot be written faults.
 */
export const NETCOPY_GUEST = moduleOf(`(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random_get (param i32 i32) (result i32)))
  (memory (export "memory") 18)
  (func $must (param $errno i32) (if (local.get $errno) (then (unreachable))))
  (func $piece (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size)))
  (func (export "_start")
    (local $at i32) (local $end i32)
    (loop $more
      (call $must (call $random_get (i32.const 16) (i32.const 4)))
      (call $piece (i32.const 65536)
        (i32.add (i32.and (i32.load (i32.const 16)) (i32.const 0xfffff)) (i32.const 1)))
      (call $must (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (if (i32.load (i32.const 8)) (then
        (local.set $at (i32.const 65536))
        (local.set $end (i32.add (local.get $at) (i32.load (i32.const 8))))
        (loop $write
          (call $piece (local.get $at) (i32.sub (local.get $end) (local.get $at)))
          (call $must (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
          (local.set $at (i32.add (local.get $at) (i32.load (i32.const 8))))
          (br_if $write (i32.lt_u (local.get $at) (local.get $end))))
        (br $more))))))`);
