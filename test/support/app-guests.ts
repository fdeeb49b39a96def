/** For tests: guests as apps have them, which know their request and answer in full. */
import { guestOf } from "./guests.ts";
import { moduleOf } from "./wat.ts";

/**
 * Writes a text, then its environment, a variable a line in the order of their names being as it
 * is, then what it reads.
 */
export function tellingGuest(head: string): Uint8Array {
  const bytes = [...new TextEncoder().encode(head)];
  const escaped = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return moduleOf(`(module
    (import "wasi_snapshot_preview1" "environ_sizes_get"
      (func $sizes (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "environ_get" (func $get (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write"
      (func $fd_write (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_read"
      (func $fd_read (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 2)
    (data (i32.const 64) "${escaped}")
    (func $write (param $at i32) (param $size i32)
      (i32.store (i32.const 0) (local.get $at))
      (i32.store (i32.const 4) (local.get $size))
      (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
    (func $read (result i32)
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 4096))
      (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
      (i32.load (i32.const 8)))
    (func (export "_start")
      (local $at i32) (local $end i32) (local $size i32)
      (call $write (i32.const 64) (i32.const ${bytes.length}))
      (drop (call $sizes (i32.const 16) (i32.const 20)))
      (drop (call $get (i32.const 8192) (i32.const 16384)))
      (local.set $at (i32.const 16384))
      (local.set $end (i32.add (local.get $at) (i32.load (i32.const 20))))
      (loop $next
        (if (i32.lt_u (local.get $at) (local.get $end)) (then
          (if (i32.eqz (i32.load8_u (local.get $at)))
            (then (i32.store8 (local.get $at) (i32.const 10))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next))))
      (call $write (i32.const 16384) (i32.load (i32.const 20)))
      (loop $more
        (local.set $size (call $read))
        (if (local.get $size) (then
          (call $write (i32.const 65536) (local.get $size))
          (br $more))))))`);
}

/** Copies standard input to standard output with the bit changed that tells `a` from `A`. */
export const CASE_GUEST = guestOf(`
  (local $size i32) (local $at i32)
  (loop $more
    (local.set $size (call $read (i32.const 0) (i32.const 1024) (i32.const 4096)))
    (local.set $at (i32.const 0))
    (if (local.get $size) (then
      (loop $next
        (i32.store8 (i32.add (i32.const 1024) (local.get $at))
          (i32.xor (i32.const 32)
            (i32.load8_u (i32.add (i32.const 1024) (local.get $at)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br_if $next (i32.lt_u (local.get $at) (local.get $size))))
      (drop (call $write (i32.const 1) (i32.const 1024) (local.get $size)))
      (br $more))))`);

/** Writes a few bytes, and says to its host that it failed. */
export const FAILING_GUEST = guestOf(
  `(drop (call $write (i32.const 1) (i32.const 64) (i32.const 4)))
   (call $proc_exit (i32.const 3))`,
  `(data (i32.const 64) "half")`,
);
