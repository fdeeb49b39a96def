/** Counts the words of standard input, and writes how many to standard output, on one line. */
export const WORD_COUNT = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 4)
  ;; 0: iovec, 8: count; digits end at 64; input from 65536
  (func $count (param $at i32) (param $end i32) (param $in i32) (result i32)
    (local $words i32) (local $is i32)
    (loop $more
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $is (i32.gt_u (i32.load8_u (local.get $at)) (i32.const 32)))
        (local.set $words (i32.add (local.get $words)
          (i32.and (local.get $is) (i32.eqz (local.get $in)))))
        (local.set $in (local.get $is))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $more))))
    (i32.or (i32.shl (local.get $words) (i32.const 1)) (local.get $in)))
  (func $print (param $value i32)
    (local $at i32)
    (local.set $at (i32.const 63))
    (i32.store8 (local.get $at) (i32.const 10))
    (loop $more
      (local.set $at (i32.sub (local.get $at) (i32.const 1)))
      (i32.store8 (local.get $at)
        (i32.add (i32.const 48) (i32.rem_u (local.get $value) (i32.const 10))))
      (local.set $value (i32.div_u (local.get $value) (i32.const 10)))
      (br_if $more (local.get $value)))
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (i32.sub (i32.const 64) (local.get $at)))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))
  (func (export "_start")
    (local $words i32) (local $in i32) (local $got i32)
    (block $end
      (loop $more
        (i32.store (i32.const 0) (i32.const 65536))
        (i32.store (i32.const 4) (i32.const 131072))
        (br_if $end (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (br_if $end (i32.eqz (i32.load (i32.const 8))))
        (local.set $got (call $count (i32.const 65536)
          (i32.add (i32.const 65536) (i32.load (i32.const 8))) (local.get $in)))
        (local.set $in (i32.and (local.get $got) (i32.const 1)))
        (local.set $words (i32.add (local.get $words)
          (i32.shr_u (local.get $got) (i32.const 1))))
        (br $more)))
    (call $print (local.get $words))))`;
