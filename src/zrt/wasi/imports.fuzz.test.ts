import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FILL, folderImage, RIGHTS, TestGuest } from "../../../test/support/guest-harness.ts";
import { GuestExit } from "./process.ts";
import { HOST_SIGNATURES } from "./signatures.ts";

const PREFIX = { wasi_snapshot_preview1: "", wasi_unstable: "unstable.", zrt: "zrt." } as const;

/** Every import with the types of its parameters, under the name that the harness takes. */
const IMPORTS = [...HOST_SIGNATURES].flatMap(([module, calls]) =>
  Object.entries(calls).map(([name, signature]) => ({
    name: PREFIX[module as keyof typeof PREFIX] + name,
    parameters: (signature.split("->")[0] ?? "").trim().split(/\s+/u).filter(Boolean),
  })),
);

const PATHS = ["f", "d/f", "d", "..", "/", "l", "x\0", "dev/zero", "dev/stdout", "n/", "\xff\xfe"];

/** Pointers to prepared things, small numbers, edges, and anything. */
function word(guest: { readonly paths: readonly number[] }): fc.Arbitrary<number> {
  return fc.oneof(
    fc.constantFrom(...guest.paths),
    fc.integer({ min: 0, max: 12 }),
    fc.constantFrom(0x100, 0x200, 0x4000, 0xfff8, 0xffff, 0x10000, -1, -(2 ** 31), 2 ** 31 - 1),
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  );
}

const long = fc.oneof(
  fc.bigInt({ min: 0n, max: 64n }),
  fc.constantFrom(-1n, RIGHTS.BOTH, RIGHTS.WRITE, 2n ** 53n, 2n ** 62n, -(2n ** 63n)),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);

function freshGuest(): { guest: TestGuest; paths: number[] } {
  const guest = new TestGuest({
    args: ["prog", "x"],
    env: [["HOME", "/home"]],
    stdin: "some input",
    images: [folderImage("/w", { f: "x", "d/": "", "d/f": "y" })],
    preopens: ["/w"],
    limits: { "fs-bytes": 2 ** 24, "open-files": 64 },
  });
  guest.file("f", "contents");
  guest.symlink("f", "l");
  guest.opened("f", { rights: RIGHTS.BOTH });
  const paths = PATHS.map((path) => guest.place(path)[0]);
  guest.bytes.set([...guest.bytes.subarray(0x8000, 0x8040)], 0x200);
  const [iovecs] = guest.iovecs([
    [0x300, 40],
    [0x3f0, 3],
  ]);
  return { guest, paths: [...paths, iovecs] };
}

const { paths: PREPARED } = freshGuest();

const call = fc.integer({ min: 0, max: IMPORTS.length - 1 }).chain((index) => {
  const { name, parameters } = IMPORTS[index] ?? { name: "", parameters: [] };
  const types = parameters.map((type): fc.Arbitrary<number | bigint> => {
    return type === "i64" ? long : word({ paths: PREPARED });
  });
  return fc.tuple(fc.constant(name), fc.tuple(...types));
});

describe("any calls with any arguments", () => {
  test("nothing but the guest's exit leaves a call, and no answer is NOTCAPABLE", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 30 }), (calls) => {
        const { guest } = freshGuest();
        for (const [name, args] of calls) {
          try {
            const answer = guest.unchecked(name, args);
            expect(answer).not.toBe("NOTCAPABLE");
            expect(answer).not.toMatch(/^errno/u);
          } catch (error) {
            expect(error).toBeInstanceOf(GuestExit);
          }
        }
      }),
      { numRuns: 400 },
    );
  });

  test("a call that fails writes nothing", () => {
    fc.assert(
      fc.property(call, ([name, args]) => {
        const { guest } = freshGuest();
        const before = guest.bytes.slice();
        if (name.endsWith("proc_exit")) return;
        if (guest.unchecked(name, args) === "SUCCESS") return;
        expect(Buffer.compare(before, guest.bytes)).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test("a call that succeeds writes only where its arguments point", () => {
    fc.assert(
      fc.property(call, ([name, args]) => {
        const { guest } = freshGuest();
        const before = guest.bytes.slice();
        if (name.endsWith("proc_exit")) return;
        guest.unchecked(name, args);
        const allowed = guest.bytes.slice();
        for (const [start, end] of reachable(args)) {
          allowed.set(before.subarray(start, end), start);
        }
        expect(Buffer.compare(before, allowed)).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test("equal calls give equal memory and an equal trace", () => {
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 20 }), (calls) => {
        const [one, other] = [freshGuest().guest, freshGuest().guest];
        for (const [name, args] of calls) {
          if (name.endsWith("proc_exit")) continue;
          expect(one.unchecked(name, args)).toBe(other.unchecked(name, args));
        }
        expect(Buffer.compare(one.bytes, other.bytes)).toBe(0);
        expect(one.trace.finish([])).toBe(other.trace.finish([]));
      }),
      { numRuns: 200 },
    );
  });
});

/** Where a call may write: behind each of its words, as far as results or the next word say. */
function reachable(args: readonly (number | bigint)[]): [start: number, end: number][] {
  const words = args.map((arg) => (typeof arg === "number" ? arg >>> 0 : 0));
  const spans: [number, number][] = [
    [0x300, 0x328],
    [0x3f0, 0x3f3],
  ];
  for (const [index, start] of words.entries()) {
    const sizes = [96, words[index + 1] ?? 0, 32 * (words[index + 2] ?? 0)];
    if (start < 0x10000) spans.push([start, Math.min(0x10000, start + Math.max(...sizes))]);
  }
  return spans;
}

/** Results by size, where a call's last pointer takes one result of a fixed size. */
const RESULT_BYTES: readonly (readonly [name: string, bytes: number])[] = [
  ["fd_fdstat_get", 24],
  ["fd_filestat_get", 64],
  ["unstable.fd_filestat_get", 56],
  ["fd_prestat_get", 8],
  ["fd_tell", 8],
  ["zrt.fd_stat_ex", 96],
];

describe("memory outside of the results", () => {
  test.each(RESULT_BYTES)("%s writes %i bytes at most, wherever it is told to", (name, bytes) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6 }),
        fc.integer({ min: 0, max: 0x10010 }),
        (fd, at) => {
          const guest = freshGuest().guest;
          guest.bytes.fill(FILL);
          guest.unchecked(name, [fd, at]);
          guest.bytes.fill(FILL, at, at + bytes);
          expect(guest.bytes.every((byte) => byte === FILL)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});
