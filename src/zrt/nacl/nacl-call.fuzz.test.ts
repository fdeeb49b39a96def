import fc from "fast-check";
import { expect, test } from "vitest";
import { folderImage } from "../../../test/support/guest-harness.ts";
import {
  BUFFER,
  DATA,
  HEAP,
  NaclTestGuest,
  RESULT,
  RODATA,
  STACK,
} from "../../../test/support/nacl-guest.ts";
import { ERRNO } from "../../base/index.ts";
import { GuestExit } from "../wasi/index.ts";

const PATHS = ["/w/f", "f", "d", "..", "/", "l", "/dev/zero", "/dev/stdout", "n/", "\xff\xfe", ""];
const ERRNOS: ReadonlySet<number> = new Set(Object.values(ERRNO));

function freshGuest(): { nacl: NaclTestGuest; paths: number[] } {
  const nacl = new NaclTestGuest({
    stdin: "some input",
    images: [folderImage("/w", { f: "x", "d/": "", "d/g": "y" })],
    limits: { "fs-bytes": 2 ** 24, "open-files": 16 },
  });
  const paths = PATHS.map((path) => nacl.text(path));
  nacl.open("/w/f", 2);
  nacl.open("/w");
  nacl.call("mutex_create");
  nacl.putI64(RESULT, 3n);
  nacl.putI64(RESULT + 8, 0n);
  return { nacl, paths };
}

const { paths: PREPARED } = freshGuest();

/** Prepared things, edges of what may be used, and anything. */
const word = fc.oneof(
  fc.constantFrom(...PREPARED),
  fc.constantFrom(RESULT, BUFFER, DATA, RODATA, HEAP.start, HEAP.end, STACK, 0x10_0000),
  fc.integer({ min: 0, max: 12 }),
  fc.constantFrom(0x22, 0x32, 0x42, 0x1_0000, 0xffff, 0xffff_ffff, 0x7fff_ffff, 0x8000_0000),
  fc.integer({ min: 0, max: 0xffff_ffff }),
);

const call = fc.tuple(
  fc.oneof(fc.integer({ min: 0, max: 160 }), fc.integer({ min: 1, max: 2047 })),
  fc.array(word, { minLength: 6, maxLength: 6 }),
);

test("nothing but its exit leaves a call, and what may not be written stays as it was", () => {
  fc.assert(
    fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), (calls) => {
      const { nacl } = freshGuest();
      const before = nacl.bytes(RODATA, DATA - RODATA).slice();
      for (const [number, words] of calls) {
        try {
          const answer = nacl.number(number, ...words);
          // Numbers and addresses are words; an error is one that there is.
          if (answer < 0 && answer > -4096) expect(ERRNOS.has(-answer)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(GuestExit);
        }
      }
      expect(Buffer.compare(nacl.bytes(RODATA, DATA - RODATA), before)).toBe(0);
    }),
    { numRuns: 150 },
  );
}, 120_000);
