import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  invalidCodeGuest,
  savingGuest,
  writingGuest,
} from "../../test/support/guests.ts";
import { LARGE_GUEST } from "./guests.ts";
import type { Kind, Own } from "./kind.ts";
import { bytes, exits, faults, IN_CELLS, type KindMaker } from "./make-kind.ts";

const LINES = "a line of text\n".repeat(20_000);
const READ_BYTES = 4096;
const SAVED = "kept by the host\n";

/** Sessions that end by themselves. */
export function cleanKinds(make: KindMaker): Kind[] {
  const hello = bytes("hello\n");
  const copied = bytes(LINES);
  const copies = Math.ceil(copied.length / READ_BYTES);
  const said = exits(0, { stdout: hello, account: { "/dev/stdout": [1, hello.length] } });
  return [
    make.kind("hello", writingGuest("hello\n"), said, { weight: 12 }),
    make.kind("exit 42", exitingGuest(42), exits(42, { stdout: bytes("") })),
    make.kind(
      "complains",
      writingGuest("oops\n", 2),
      exits(0, { stderr: bytes("oops\n"), account: { "/dev/stderr": [1, 5] } }),
    ),
    make.kind(
      "copies",
      COPYING_GUEST,
      exits(0, {
        stdout: copied,
        account: {
          "/dev/stdin": [copies, copied.length],
          "/dev/stdout": [copies, copied.length],
        },
      }),
      { options: { stdin: { text: LINES } } },
    ),
    make.kind("verified", writingGuest("hello\n"), said, {
      weight: 1,
      options: { verify: true },
      modes: IN_CELLS,
    }),
    ...savingKinds(make),
  ];
}

/** Sessions that leave something on the host. */
function savingKinds(make: KindMaker): Kind[] {
  const file = (folder: string): Own => {
    const path = join(folder, "out");
    return { options: { write: [{ path }] }, check: () => whyNotSaved(path) };
  };
  const folder = (own: string): Own => {
    const host = join(own, "place");
    mkdirSync(host);
    writeFileSync(join(host, "old"), "old");
    const check = () => whyNotSaved(join(host, "made"));
    return { options: { folders: [{ host, guest: "/place", mode: "rw" }] }, check };
  };
  const tar = (own: string): Own => {
    const path = join(own, "out.tar");
    const check = () =>
      statSync(path).size > SAVED.length ? undefined : "the exported tar is too small";
    return { options: { images: [{ path, mountpoint: "/place", mode: "export" }] }, check };
  };
  return [
    make.kind("writes a file", savingGuest("dev/out", SAVED), exits(0), { own: file }),
    make.kind("changes a folder", savingGuest("place/made", SAVED), exits(0), { own: folder }),
    make.kind("exports a tar", savingGuest("place/made", SAVED), exits(0), { own: tar }),
  ];
}

function whyNotSaved(path: string): string | undefined {
  const text = readFileSync(path, "utf8");
  return text === SAVED ? undefined : `the file holds ${JSON.stringify(text.slice(0, 40))}`;
}

/** Sessions that end by a fault of the guest. */
export function faultingKinds(make: KindMaker): Kind[] {
  const table = "(type $t (func)) (table 2 funcref)";
  return [
    make.kind("unreachable", guestOf("unreachable"), faults("unreachable", 132)),
    make.kind(
      "null entry",
      guestOf("(call_indirect (type $t) (i32.const 1))", table),
      faults("indirect-call", 132),
    ),
    make.kind(
      "division",
      guestOf("(drop (i32.div_s (i32.const 1) (i32.const 0)))"),
      faults("division", 136),
    ),
    make.kind(
      "conversion",
      guestOf("(drop (i32.trunc_f64_s (f64.const nan)))"),
      faults("conversion", 136),
    ),
    make.kind(
      "out of bounds",
      guestOf("(drop (i32.load (i32.const -4)))"),
      faults("memory-bounds", 139),
    ),
  ];
}

/** Sessions whose program is none. */
export function refusedKinds(make: KindMaker): Kind[] {
  const expected = {
    outcome: { kind: "refused" },
    exitStatus: 126,
    stdout: bytes(""),
    isExact: true,
  } as const;
  return [
    make.kind("no module", new Uint8Array([1, 2, 3]), expected),
    make.kind("invalid code", invalidCodeGuest(), expected),
    make.kind("large memory", LARGE_GUEST, expected, { options: { memoryBytes: 2 ** 20 } }),
  ];
}
