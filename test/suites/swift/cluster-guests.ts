/** Programs for jobs on a cluster. */
import { guestOf } from "../../support/guests.ts";

/** Two pages for a program, and more to read into. */
const ROOM = `(memory (export "memory") 4)`;
const AT = 131_072;
const BLOCK = 65_536;

/** Reads standard input to its end; `each` does something with the `$size` bytes at `AT`. */
function reading(each: string): string {
  return `(loop $more
    (local.set $size (call $read (i32.const 0) (i32.const ${AT}) (i32.const ${BLOCK})))
    (if (local.get $size) (then ${each} (br $more))))`;
}

const ADDING = `(local.set $at (i32.const 0))
  (loop $next
    (local.set $sum (i64.add (local.get $sum)
      (i64.load8_u (i32.add (i32.const ${AT}) (local.get $at)))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if $next (i32.lt_u (local.get $at) (local.get $size))))`;

/** Writes `$sum` in decimal digits, the last one at 63. */
const TELLING = `(local.set $at (i32.const 64))
  (loop $digit
    (local.set $at (i32.sub (local.get $at) (i32.const 1)))
    (i32.store8 (local.get $at)
      (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $sum) (i64.const 10)))))
    (local.set $sum (i64.div_u (local.get $sum) (i64.const 10)))
    (br_if $digit (i64.ne (local.get $sum) (i64.const 0))))
  (drop (call $write (i32.const 1) (local.get $at) (i32.sub (i32.const 64) (local.get $at))))`;

/** The sum of all bytes of its input, in decimal digits. */
export const SUMMING_GUEST = guestOf(
  `(local $size i32) (local $at i32) (local $sum i64) ${reading(ADDING)} ${TELLING}`,
  "",
  ROOM,
);

/** Times a thousand million: seconds, also where a processor counts fast. */
const SLOW_BILLIONS = 4;

/** The same, after some seconds of work. */
export function slowGuest(): Uint8Array {
  return guestOf(
    `(local $size i32) (local $at i32) (local $sum i64) (local $left i64)
     (local.set $left (i64.const ${SLOW_BILLIONS * 1e9}))
     (loop $wait
       (local.set $left (i64.sub (local.get $left) (i64.const 1)))
       (br_if $wait (i64.ne (local.get $left) (i64.const 0))))
     ${reading(ADDING)} ${TELLING}`,
    "",
    ROOM,
  );
}

/** What `SUMMING_GUEST` says of some bytes. */
export function sumOf(bytes: Uint8Array | string): string {
  let sum = 0;
  for (const byte of Buffer.from(bytes)) sum += byte;
  return String(sum);
}

/** The same program with more bytes, which nobody runs. */
export function padded(program: Uint8Array, sizeBytes: number): Uint8Array {
  const contents = Buffer.concat([Buffer.from([1, 0x70]), Buffer.alloc(sizeBytes, 7)]);
  const size: number[] = [];
  for (let left = contents.length; ; left >>>= 7) {
    const low = left & 0x7f;
    if (left < 0x80) {
      size.push(low);
      break;
    }
    size.push(low | 0x80);
  }
  // A custom section.
  return Buffer.concat([program, Buffer.from([0, ...size]), contents]);
}
