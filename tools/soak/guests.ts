import { guestOf } from "../../test/support/guests.ts";

/** Guests that reach limits, flood their channels or wait for ever. */

const BLOCK_AT = 65_536;
export const BLOCK_BYTES = 65_536;
/** What floods are made of. */
export const FLOOD_BYTE = "y";

/** Writes so many blocks to a descriptor, whatever the answers are. */
export function floodingGuest(blocks: number, fd = 1): Uint8Array {
  return guestOf(
    `(local $left i32)
     (memory.fill (i32.const ${BLOCK_AT}) (i32.const ${FLOOD_BYTE.charCodeAt(0)})
       (i32.const ${BLOCK_BYTES}))
     (local.set $left (i32.const ${blocks}))
     (loop $more
       (drop (call $write (i32.const ${fd}) (i32.const ${BLOCK_AT}) (i32.const ${BLOCK_BYTES})))
       (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`,
  );
}

/** Writes one byte, so that it is known to run, and never ends. */
export const SPEAKING_GUEST = guestOf(
  "(drop (call $write (i32.const 1) (i32.const 64) (i32.const 1))) (loop $again (br $again))",
  '(data (i32.const 64) "!")',
);

/** Calls itself for ever. */
export const RECURSIVE_GUEST = guestOf("(call $f)", "(func $f (call $f))");

/** Asks for more memory and more of a table than there is; traps unless both are refused. */
export const GREEDY_GUEST = guestOf(
  `(if (i32.ne (i32.const -1) (memory.grow (i32.const 9))) (then unreachable))
   (if (i32.ne (i32.const -1) (table.grow $t (ref.null func) (i32.const 9))) (then unreachable))`,
  "(table $t 2 funcref)",
);

const NAME_AT = 64;
const NAME = "a";
const RIGHT_WRITE = 64 + 2;

/** Opens a new file again and again until that is refused, and exits with 7 then. */
export const OPENING_GUEST = guestOf(
  `(loop $more
     (br_if $more (i32.ge_s
       (call $open (i32.const ${NAME_AT}) (i32.const ${NAME.length}) (i32.const 1)
         (i64.const ${RIGHT_WRITE}))
       (i32.const 0))))
   (call $proc_exit (i32.const 7))`,
  `(data (i32.const ${NAME_AT}) "${NAME}")`,
);

/** Fills a file until a write is refused, and exits with 7 then. */
export const FILLING_GUEST = guestOf(
  `(local $fd i32)
   (local.set $fd (call $open (i32.const ${NAME_AT}) (i32.const ${NAME.length}) (i32.const 1)
     (i64.const ${RIGHT_WRITE})))
   (loop $more
     (br_if $more (i32.eqz
       (call $write (local.get $fd) (i32.const 0) (i32.const ${BLOCK_BYTES})))))
   (call $proc_exit (i32.const 7))`,
  `(data (i32.const ${NAME_AT}) "${NAME}")`,
);

/** Looks for many files that are not there: each is a line of the report, up to a bound. */
export const SEARCHING_GUEST = guestOf(
  `(local $left i32)
   (local.set $left (i32.const 2000))
   (loop $more
     (i32.store (i32.const ${NAME_AT}) (i32.add (i32.const 0x61616161)
       (i32.and (local.get $left) (i32.const 0x0707))))
     (drop (call $open (i32.const ${NAME_AT}) (i32.const 4) (i32.const 0) (i64.const 2)))
     (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))`,
);

/** A module that asks for more memory than a session with 1 MiB has. */
export const LARGE_GUEST = guestOf("", "", '(memory (export "memory") 100)');
