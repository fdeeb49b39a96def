import { moduleOf } from "./wat.ts";

/** Guests in text form, small enough to read: each does one thing that a session must handle. */

const IMPORTS = `
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))`;

const MEMORY = `(memory (export "memory") 2)`;

const HELPERS = `
  (func $write (param $fd i32) (param $at i32) (param $size i32) (result i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
  (func $read (param $fd i32) (param $at i32) (param $size i32) (result i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (drop (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))
  (func $open (param $at i32) (param $size i32) (param $flags i32) (param $rights i64) (result i32)
    (if (i32.ne (i32.const 0) (call $path_open (i32.const 3) (i32.const 0) (local.get $at)
          (local.get $size) (local.get $flags) (local.get $rights) (i64.const 0) (i32.const 0)
          (i32.const 12)))
      (then (return (i32.const -1))))
    (i32.load (i32.const 12)))`;

/** A command whose `_start` is `body`; scratch memory is below 64, data belongs from 64 on. */
export function guestOf(body: string, extra = "", memory = MEMORY): Uint8Array {
  return moduleOf(
    `(module ${IMPORTS} ${memory} ${HELPERS} ${extra} (func (export "_start") ${body}))`,
  );
}

function textData(text: string): { readonly data: string; readonly size: number } {
  const bytes = [...new TextEncoder().encode(text)];
  const escaped = bytes.map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  return { data: `(data (i32.const 64) "${escaped}")`, size: bytes.length };
}

/** Writes a text to a descriptor, 1 unless told, and does what else is told. */
export function writingGuest(text: string, fd = 1, then = ""): Uint8Array {
  const { data, size } = textData(text);
  const write = `(drop (call $write (i32.const ${fd}) (i32.const 64) (i32.const ${size})))`;
  return guestOf(`${write} ${then}`, data);
}

export function exitingGuest(code: number): Uint8Array {
  return guestOf(`(call $proc_exit (i32.const ${code}))`);
}

/** Copies standard input to standard output, 4096 bytes a read, until the end. */
export const COPYING_GUEST = guestOf(`
  (local $size i32)
  (loop $more
    (local.set $size (call $read (i32.const 0) (i32.const 1024) (i32.const 4096)))
    (if (local.get $size) (then
      (drop (call $write (i32.const 1) (i32.const 1024) (local.get $size)))
      (br $more))))`);

/** Opens a path below `/`, writes a text to it, and exits with 0, or with 1 if it cannot. */
export function savingGuest(path: string, text: string): Uint8Array {
  const name = textData(path);
  const body = textData(text).data.replace("(i32.const 64)", "(i32.const 512)");
  const rights = 2 + 64;
  const size = new TextEncoder().encode(text).length;
  return guestOf(
    `(local $fd i32)
     (local.set $fd (call $open (i32.const 64) (i32.const ${name.size}) (i32.const 1)
       (i64.const ${rights})))
     (if (i32.lt_s (local.get $fd) (i32.const 0)) (then (call $proc_exit (i32.const 1))))
     (drop (call $write (local.get $fd) (i32.const 512) (i32.const ${size})))`,
    `${name.data} ${body}`,
  );
}

/** Opens a path below `/` and copies it to standard output; exits with 1 if it cannot. */
export function showingGuest(path: string): Uint8Array {
  const name = textData(path);
  return guestOf(
    `(local $fd i32) (local $size i32)
     (local.set $fd (call $open (i32.const 64) (i32.const ${name.size}) (i32.const 0)
       (i64.const 2)))
     (if (i32.lt_s (local.get $fd) (i32.const 0)) (then (call $proc_exit (i32.const 1))))
     (loop $more
       (local.set $size (call $read (local.get $fd) (i32.const 1024) (i32.const 4096)))
       (if (local.get $size) (then
         (drop (call $write (i32.const 1) (i32.const 1024) (local.get $size)))
         (br $more))))`,
    name.data,
  );
}

/** Loops for ever without a call. */
export const LOOPING_GUEST = guestOf("(loop $again (br $again))");

/** A module whose frame is right and whose code is not: only the engine sees it. */
export function invalidCodeGuest(): Uint8Array {
  const bytes = guestOf("(drop (i32.const 1234567))");
  const at = bytes.lastIndexOf(0x41);
  // 0x41 is i32.const; 0x6a, i32.add, finds nothing to add.
  bytes[at] = 0x6a;
  return bytes;
}
