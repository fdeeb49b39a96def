/** Programs that talk over connections, as WebAssembly text. */

export const BLOCK_BYTES = 65_536;
/** Of a request and of its reply. */
export const MESSAGE_BYTES = 64;
const BLOCK_AT = 65_536;

const IMPORTS = `
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get"
    (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  (func $check (param $isWrong i32) (if (local.get $isWrong) (then (unreachable))))
  (func $piece (param $at i32) (param $size i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size)))
  (func $read (param $fd i32) (param $at i32) (param $size i32) (result i32)
    (call $piece (local.get $at) (local.get $size))
    (call $check (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.load (i32.const 8)))
  (func $write (param $fd i32) (param $at i32) (param $size i32)
    (call $piece (local.get $at) (local.get $size))
    (call $check (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $check (i32.ne (i32.load (i32.const 8)) (local.get $size))))`;

/** Writes so many blocks to standard output. */
export function writerGuest(blocks: number): string {
  return `(module ${IMPORTS}
  (func (export "_start") (local $left i32)
    (local.set $left (i32.const ${blocks}))
    (loop $more
      (call $write (i32.const 1) (i32.const ${BLOCK_AT}) (i32.const ${BLOCK_BYTES}))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))`;
}

/**
 * Reads standard input to its end, block by block. It writes the nanoseconds between the first
 * block and the end as eight bytes to standard output, where it has a clock.
 */
export const READER = `(module ${IMPORTS}
  (func (export "_start")
    (drop (call $read (i32.const 0) (i32.const ${BLOCK_AT}) (i32.const ${BLOCK_BYTES})))
    (call $check (call $clock (i32.const 1) (i64.const 1) (i32.const 16)))
    (loop $more
      (br_if $more (call $read (i32.const 0) (i32.const ${BLOCK_AT}) (i32.const ${BLOCK_BYTES}))))
    (call $check (call $clock (i32.const 1) (i64.const 1) (i32.const 24)))
    (i64.store (i32.const 16) (i64.sub (i64.load (i32.const 24)) (i64.load (i32.const 16))))
    (call $write (i32.const 1) (i32.const 16) (i32.const 8))))`;

/** Opens a connection to and one from the node of a name; descriptors are at 40 and 44. */
function opening(peer: string): string {
  const open = (path: string, at: number, rights: number, to: number): string => `
    (call $check (call $open (i32.const 3) (i32.const 0) (i32.const ${at}) (i32.const ${path.length})
      (i32.const 0) (i64.const ${rights}) (i64.const 0) (i32.const 0) (i32.const ${to})))`;
  const [output, input] = [`dev/out/${peer}`, `dev/in/${peer}`];
  return `${open(output, 64, 64, 40)}${open(input, 128, 2, 44)}`;
}

function names(peer: string): string {
  return `(data (i32.const 64) "dev/out/${peer}") (data (i32.const 128) "dev/in/${peer}")`;
}

const SAY = `(call $write (i32.load (i32.const 40)) (i32.const 256) (i32.const ${MESSAGE_BYTES}))`;
const HEAR = `(call $read (i32.load (i32.const 44)) (i32.const 256) (i32.const ${MESSAGE_BYTES}))`;

/** Sends so many requests to the node `answer`, each after the reply to the last one. */
export function askingGuest(requests: number): string {
  return `(module ${IMPORTS} ${names("answer")}
  (func (export "_start") (local $left i32) ${opening("answer")}
    (local.set $left (i32.const ${requests}))
    (loop $more
      ${SAY}
      (call $check (i32.ne ${HEAR} (i32.const ${MESSAGE_BYTES})))
      (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))))`;
}

/** Replies to each request of the node `ask`. */
export const ANSWERING_GUEST = `(module ${IMPORTS} ${names("ask")}
  (func (export "_start") ${opening("ask")}
    (loop $more
      (if ${HEAR} (then ${SAY} (br $more))))))`;
