/** For tests: guests that talk to others, small enough to read. */
import { guestOf } from "./guests.ts";

const CALLS = `
  (import "wasi_snapshot_preview1" "fd_readdir"
    (func $fd_readdir (param i32 i32 i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_close" (func $fd_close (param i32) (result i32)))`;

/** Where things are in memory: a path, the name of the program, what was read, a listing. */
const PATH = 512;
const NAME = 2048;
const BYTES = 4096;
const LIST = 65_536;
const LIST_BYTES = 60_000;

function data(at: number, text: string): string {
  return `(data (i32.const ${at}) "${text.replaceAll('"', '\\"').replaceAll("\n", "\\n")}")`;
}

const WALK = `
  (func $copyName (param $from i32) (param $to i32) (param $size i32)
    (loop $next
      (if (i32.gt_s (local.get $size) (i32.const 0)) (then
        (local.set $size (i32.sub (local.get $size) (i32.const 1)))
        (i32.store8 (i32.add (local.get $to) (local.get $size))
          (i32.load8_u (i32.add (local.get $from) (local.get $size))))
        (br $next)))))
  ;; Copies a descriptor to another one: so many bytes, or all until its end.
  (func $pour (param $from i32) (param $to i32) (param $exactly i32)
    (local $size i32)
    (if (local.get $exactly) (then
      (local.set $size
        (call $read (local.get $from) (i32.const ${BYTES}) (local.get $exactly)))
      (drop (call $write (local.get $to) (i32.const ${BYTES}) (local.get $size)))
      (return)))
    (loop $more
      (local.set $size (call $read (local.get $from) (i32.const ${BYTES}) (i32.const 32768)))
      (if (local.get $size) (then
        (drop (call $write (local.get $to) (i32.const ${BYTES}) (local.get $size)))
        (br $more)))))
  (func $ownName (result i32)
    (local $size i32)
    (drop (call $args_get (i32.const ${NAME - 256}) (i32.const ${NAME})))
    (loop $next
      (if (i32.load8_u (i32.add (i32.const ${NAME}) (local.get $size))) (then
        (local.set $size (i32.add (local.get $size) (i32.const 1)))
        (br $next))))
    (local.get $size))
  ;; Sends bytes to every file of a folder, or pours so many of each of them to standard output.
  (func $each (param $path i32) (param $length i32) (param $bytes i32) (param $size i32)
    (local $folder i32) (local $at i32) (local $end i32) (local $fd i32) (local $name i32)
    (call $copyName (local.get $path) (i32.const ${PATH}) (local.get $length))
    (local.set $folder (call $open (i32.const ${PATH}) (local.get $length) (i32.const 2)
      (i64.const 0x4000)))
    (if (i32.lt_s (local.get $folder) (i32.const 0)) (then (return)))
    (if (call $fd_readdir (local.get $folder) (i32.const ${LIST}) (i32.const ${LIST_BYTES})
          (i64.const 0) (i32.const 16))
      (then (call $proc_exit (i32.const 3))))
    (i32.store8 (i32.add (i32.const ${PATH}) (local.get $length)) (i32.const 47))
    (local.set $length (i32.add (local.get $length) (i32.const 1)))
    (local.set $at (i32.const ${LIST}))
    (local.set $end (i32.add (i32.const ${LIST}) (i32.load (i32.const 16))))
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $end)) (then
        (local.set $name (i32.load offset=16 (local.get $at)))
        (call $copyName (i32.add (local.get $at) (i32.const 24))
          (i32.add (i32.const ${PATH}) (local.get $length)) (local.get $name))
        (if (i32.ne (i32.load8_u offset=24 (local.get $at)) (i32.const 46)) (then
          (local.set $fd (call $open (i32.const ${PATH})
            (i32.add (local.get $length) (local.get $name)) (i32.const 0)
            (select (i64.const 64) (i64.const 2) (local.get $bytes))))
          (if (i32.lt_s (local.get $fd) (i32.const 0)) (then (call $proc_exit (i32.const 4))))
          (if (local.get $bytes)
            (then (drop (call $write (local.get $fd) (local.get $bytes) (local.get $size))))
            (else (call $pour (local.get $fd) (i32.const 1) (local.get $size))))
          (drop (call $fd_close (local.get $fd)))))
        (local.set $at (i32.add (i32.add (local.get $at) (i32.const 24)) (local.get $name)))
        (br $next)))))`;

const FOLDERS = `${data(64, "dev/out")} ${data(80, "dev/in")}`;

function walkingGuest(body: string, extra = ""): Uint8Array {
  const memory = `${CALLS} (memory (export "memory") 2)`;
  return guestOf(body, `${WALK} ${FOLDERS} ${extra}`, memory);
}

/**
 * Sends its standard input, or its name and a semicolon where that is empty, to every file that it
 * finds in `/dev/out`; then it writes what comes from all in `/dev/in`, as they are listed.
 */
export const EXCHANGING_GUEST = walkingGuest(`
  (local $size i32)
  (local.set $size (call $read (i32.const 0) (i32.const ${BYTES}) (i32.const 32768)))
  (if (i32.eqz (local.get $size)) (then
    (local.set $size (call $ownName))
    (call $copyName (i32.const ${NAME}) (i32.const ${BYTES}) (local.get $size))
    (i32.store8 (i32.add (i32.const ${BYTES}) (local.get $size)) (i32.const 59))
    (local.set $size (i32.add (local.get $size) (i32.const 1)))))
  (call $each (i32.const 64) (i32.const 7) (i32.const ${BYTES}) (local.get $size))
  (call $each (i32.const 80) (i32.const 6) (i32.const 0) (i32.const 0))`);

/** Names that nodes in a circle tell each other: who waits there for an end waits for ever. */
const SWAPPED_BYTES = 5;

/**
 * Sends its name with semicolons behind it, five bytes, to all others, and writes what they send.
 * @param before what it does before
 */
export function swappingGuest(before = ""): Uint8Array {
  return walkingGuest(
    `${before}
     (call $copyName (i32.const ${NAME}) (i32.const ${BYTES}) (call $ownName))
     (call $each (i32.const 64) (i32.const 7) (i32.const ${BYTES}) (i32.const ${SWAPPED_BYTES}))
     (call $each (i32.const 80) (i32.const 6) (i32.const 0) (i32.const ${SWAPPED_BYTES}))`,
    data(BYTES, ";".repeat(SWAPPED_BYTES)),
  );
}

/** Opens a device, by what is there for it in memory. */
function opened(at: number, path: string, access: "read" | "write"): string {
  const rights = access === "read" ? 2 : 64;
  return `(call $open (i32.const ${at}) (i32.const ${path.length}) (i32.const 0) (i64.const ${rights}))`;
}

/** Writes `ping` to a device, and pours what another one says to that to its output. */
export function askingGuest(out: string, into: string): Uint8Array {
  const texts = `${data(128, out)} ${data(256, into)} ${data(384, "ping")}`;
  return walkingGuest(
    `(drop (call $write ${opened(128, out, "write")} (i32.const 384) (i32.const 4)))
     (call $pour ${opened(256, into, "read")} (i32.const 1) (i32.const 0))`,
    texts,
  );
}

/** Reads four bytes of a device, and writes them behind `pong ` to another one. */
export function answeringGuest(into: string, out: string): Uint8Array {
  const texts = `${data(128, out)} ${data(256, into)} ${data(384, "pong ")}`;
  return walkingGuest(
    `(drop (call $read ${opened(256, into, "read")} (i32.const 389) (i32.const 4)))
     (drop (call $write ${opened(128, out, "write")} (i32.const 384) (i32.const 9)))`,
    texts,
  );
}

/** Writes a text to its output without an end. */
export const POURING_GUEST = guestOf(
  `(loop $again
     (drop (call $write (i32.const 1) (i32.const 64) (i32.const 1000)))
     (br $again))`,
);

/** Reads five bytes of its input, and then does what it is told. */
export function earlyGuest(then: string): Uint8Array {
  return guestOf(`(drop (call $read (i32.const 0) (i32.const 1024) (i32.const 5))) ${then}`);
}
