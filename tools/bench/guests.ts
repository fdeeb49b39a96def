import wabt from "wabt";

type Direction = "read" | "write";

export interface Transfers {
  readonly direction: Direction;
  readonly blockBytes: number;
  /** Calls from the begin of the file to its end. */
  readonly callsPerPass: number;
  readonly passes: number;
}

/** Prints a line and ends. */
export const HELLO = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 16) "hello\\n")
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 6))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;

const MEMORY_PAGES = 4;
const BLOCK_AT = 65_536;
const RIGHT_SEEK = 4;
const RIGHTS = { read: 2 + RIGHT_SEEK, write: 64 + RIGHT_SEEK } as const;

/**
 * Opens `dev/in` or `dev/out` and transfers block by block, from the begin for each pass. It looks
 * at the clock before and after, and writes the nanoseconds between as eight bytes to standard
 * output, so that no start of a process is in the figure. A short or failed transfer traps.
 */
export function transferGuest(transfers: Transfers): string {
  const { direction, blockBytes, callsPerPass, passes } = transfers;
  const path = direction === "read" ? "dev/in" : "dev/out";
  return `(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_seek"
    (func $seek (param i32 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") ${MEMORY_PAGES})
  (data (i32.const 64) "${path}")
  (func $check (param $isWrong i32) (if (local.get $isWrong) (then (unreachable))))
  (func $pass (param $fd i32)
    (local $left i32)
    (call $check (call $seek (local.get $fd) (i64.const 0) (i32.const 0) (i32.const 40)))
    (local.set $left (i32.const ${callsPerPass}))
    (loop $more
      (call $check (call $${direction} (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
      (call $check (i32.ne (i32.load (i32.const 8)) (i32.const ${blockBytes})))
      (br_if $more
        (local.tee $left (i32.sub (local.get $left) (i32.const 1))))))
  (func (export "_start")
    (local $fd i32) (local $left i32)
    (call $check (call $open (i32.const 3) (i32.const 0) (i32.const 64) (i32.const ${path.length})
      (i32.const 0) (i64.const ${RIGHTS[direction]}) (i64.const 0) (i32.const 0) (i32.const 12)))
    (local.set $fd (i32.load (i32.const 12)))
    (i32.store (i32.const 0) (i32.const ${BLOCK_AT}))
    (i32.store (i32.const 4) (i32.const ${blockBytes}))
    (local.set $left (i32.const ${passes}))
    (call $check (call $clock (i32.const 1) (i64.const 1) (i32.const 16)))
    (loop $more
      (call $pass (local.get $fd))
      (br_if $more
        (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
    (call $check (call $clock (i32.const 1) (i64.const 1) (i32.const 24)))
    (i64.store (i32.const 16) (i64.sub (i64.load (i32.const 24)) (i64.load (i32.const 16))))
    (i32.store (i32.const 0) (i32.const 16))
    (i32.store (i32.const 4) (i32.const 8))
    (call $check (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))`;
}

export async function assemble(text: string): Promise<Uint8Array> {
  const toolkit = await wabt();
  const parsed = toolkit.parseWat("guest.wat", text);
  try {
    return parsed.toBinary({}).buffer;
  } finally {
    parsed.destroy();
  }
}
