/**
 * A filter: copies the lines of standard input that begin with `7` to standard output. It looks for
 * the ends of lines sixteen bytes at a time; a line has at most 64 KiB.
 */
export const FILTER = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 80)
  ;; 0: iovec, 8: count; in: from 65536, 2 MiB; out: from 2293760, 2 MiB
  (global $in i32 (i32.const 65536))
  (global $out i32 (i32.const 2293760))
  (global $used (mut i32) (i32.const 0))
  (func $read (param $at i32) (param $size i32) (result i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $size))
    (if (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8))
      (then (unreachable)))
    (i32.load (i32.const 8)))
  (func $flush
    (i32.store (i32.const 0) (global.get $out))
    (i32.store (i32.const 4) (global.get $used))
    (if (global.get $used) (then
      (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))
        (then (unreachable)))))
    (global.set $used (i32.const 0)))
  (func $line (param $from i32) (param $to i32)
    (local $size i32)
    (if (i32.eq (i32.load8_u (local.get $from)) (i32.const 55)) (then
      (local.set $size (i32.sub (local.get $to) (local.get $from)))
      (if (i32.gt_u (i32.add (global.get $used) (local.get $size)) (i32.const 1048576))
        (then (call $flush)))
      (memory.copy (i32.add (global.get $out) (global.get $used))
        (local.get $from) (local.get $size))
      (global.set $used (i32.add (global.get $used) (local.get $size))))))
  ;; Takes all whole lines up to $end; gives where the rest begins.
  (func $lines (param $from i32) (param $end i32) (result i32)
    (local $at i32) (local $mask i32) (local $next i32)
    (local.set $at (local.get $from))
    (loop $more
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $mask (i8x16.bitmask
          (i8x16.eq (v128.load (local.get $at)) (i8x16.splat (i32.const 10)))))
        (loop $bits
          (if (local.get $mask) (then
            (local.set $next
              (i32.add (i32.add (local.get $at) (i32.ctz (local.get $mask))) (i32.const 1)))
            (if (i32.le_u (local.get $next) (local.get $end)) (then
              (call $line (local.get $from) (local.get $next))
              (local.set $from (local.get $next))))
            (local.set $mask
              (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
            (br $bits))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $more))))
    (local.get $from))
  (func (export "_start")
    (local $have i32) (local $count i32) (local $rest i32) (local $end i32)
    (loop $more
      (local.set $count (call $read
        (i32.add (global.get $in) (local.get $have)) (i32.const 1048576)))
      (local.set $end (i32.add (i32.add (global.get $in) (local.get $have)) (local.get $count)))
      (local.set $rest (call $lines (global.get $in) (local.get $end)))
      (local.set $have (i32.sub (local.get $end) (local.get $rest)))
      (memory.copy (global.get $in) (local.get $rest) (local.get $have))
      (br_if $more (local.get $count)))
    (call $flush)))`;

const LINE_BYTES = 100;

/** Lines of 100 bytes, of which every tenth begins with `7`. */
export function* filterInput(bytes: number): Generator<Buffer> {
  const lines = 10_000;
  const block = Buffer.alloc(lines * LINE_BYTES);
  for (let line = 0; line < lines; line += 1) {
    const text = `${line % 10} ${String(line).padStart(8, "0")} `.padEnd(
      LINE_BYTES - 1,
      "abcdefghi ",
    );
    block.write(`${text}\n`, line * LINE_BYTES, "latin1");
  }
  for (let left = bytes; left > 0; left -= block.length) {
    yield left < block.length ? block.subarray(0, left) : block;
  }
}
