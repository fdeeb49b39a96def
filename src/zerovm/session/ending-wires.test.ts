import { expect, test } from "vitest";
import { guestOf } from "../../../test/support/guests.ts";
import { channel, channelsWith, manifestFor } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { streamPair } from "../libc/index.ts";
import type { Report } from "../report/index.ts";
import { runSession } from "./run-session.ts";

const newFolder = temporaryFolders();

/** Writes so many blocks of 30,000 bytes to one of its two outputs. */
function fillingGuest(fd: number, blocks: number): Uint8Array {
  return guestOf(`
    (local $left i32)
    (local.set $left (i32.const ${blocks}))
    (loop $more
      (drop (call $write (i32.const ${fd}) (i32.const 1024) (i32.const 30000)))
      (local.set $left (i32.sub (local.get $left) (i32.const 1)))
      (br_if $more (local.get $left)))`);
}

/** Reads its other input to the end, and then its standard input. */
const OTHER_FIRST_GUEST = guestOf(
  `(local $fd i32)
   (local.set $fd (call $open (i32.const 64) (i32.const 12) (i32.const 0) (i64.const 2)))
   (if (i32.lt_s (local.get $fd) (i32.const 0)) (then (call $proc_exit (i32.const 1))))
   (loop $other (br_if $other (call $read (local.get $fd) (i32.const 1024) (i32.const 4096))))
   (loop $more (br_if $more (call $read (i32.const 0) (i32.const 1024) (i32.const 4096))))`,
  '(data (i32.const 64) "dev/in/other")',
);

/** Reads nothing. */
const CARELESS_GUEST = guestOf("(nop)");

/** Two sessions with two wires: standard output to standard input, standard error to the other. */
async function twiceConnected(writer: Uint8Array, reader: Uint8Array): Promise<Report[]> {
  const [outOne, inOne] = streamPair();
  const [outOther, inOther] = streamPair();
  const inputs = [channel("/dev/in/other", "/dev/null", "ro")];
  return await Promise.all([
    runSession({
      manifest: manifestFor(newFolder(), writer, { timeoutSeconds: 10 }),
      substitutes: new Map([wireAt("/dev/stdout", outOne), wireAt("/dev/stderr", outOther)]),
    }),
    runSession({
      manifest: manifestFor(newFolder(), reader, {
        channels: channelsWith(...inputs),
        timeoutSeconds: 10,
      }),
      substitutes: new Map([wireAt("/dev/stdin", inOne), wireAt("/dev/in/other", inOther)]),
    }),
  ]);
}

function wireAt(alias: string, fd: number) {
  return [alias, { kind: "wires" as const, ends: [{ fd, name: "node peer" }] }] as const;
}

const BOTH_WELL = [
  { kind: "exited", code: 0 },
  { kind: "exited", code: 0 },
];

// Of what a socket holds usually, seven blocks leave no room for the end.
test.each([6, 7])(
  "a session tells the end of all its outputs, whichever is read first (%i)",
  async (blocks) => {
    const reports = await twiceConnected(fillingGuest(1, blocks), OTHER_FIRST_GUEST);
    expect(reports.map(({ outcome }) => outcome)).toEqual(BOTH_WELL);
  },
);

test.each([1, 2])(
  "a session takes from all its inputs what it does not want, whichever is written (%i)",
  async (fd) => {
    const reports = await twiceConnected(fillingGuest(fd, 40), CARELESS_GUEST);
    expect(reports.map(({ outcome }) => outcome)).toEqual(BOTH_WELL);
  },
);
