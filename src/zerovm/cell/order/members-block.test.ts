import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bug, ZvmError } from "../../../base/index.ts";
import { type Member, MemberTable, tableOf } from "../../../tar/index.ts";
import { decodeMembers, encodeMembers } from "./members-block.ts";

const name = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((bytes) => String.fromCharCode(...bytes.map((byte) => byte || 1)).replaceAll("/", "_"))
  .filter((text) => text !== "." && text !== "..");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const facts = fc.record({
  path,
  mode: fc.nat(0o7777),
  mtimeSeconds: fc.maxSafeInteger(),
  mtimeNanos: fc.nat(999_999_999),
});
const none = { sizeBytes: 0, dataOffset: 0 };
const member: fc.Arbitrary<Member> = fc.oneof(
  fc
    .tuple(facts, fc.nat(500), fc.nat(500))
    .map(([it, sizeBytes, dataOffset]): Member => ({ ...it, kind: "file", sizeBytes, dataOffset })),
  facts.map((it): Member => ({ ...it, ...none, kind: "directory" })),
  fc.tuple(facts, path).map(([it, link]): Member => ({ ...it, ...none, kind: "symlink", link })),
);
const members = fc.array(member, { maxLength: 12 });

const IMAGE_BYTES = 1000;
const file = { kind: "file", mode: 0o644, mtimeSeconds: 5, mtimeNanos: 0, ...none } as const;
const SMALL = tableOf([
  { ...file, path: "d", kind: "directory" },
  { ...file, path: "d/f" },
  { ...file, path: "e/g" },
  { ...file, path: "l", kind: "symlink", link: "d" },
]);

/** A block of `SMALL` with another word of 32 bits at `index`. */
function changed(index: number, word: number): Uint8Array<ArrayBuffer> {
  const block = encodeMembers(SMALL).slice();
  new DataView(block.buffer).setUint32(4 * index, word, true);
  return block;
}

const HEAD_WORDS = 8;
const RUNS_AT = HEAD_WORDS + 10 * SMALL.count;

describe("the block of members", () => {
  test("gives the table back, with its outline", () => {
    fc.assert(
      fc.property(members, (list) => {
        const table = tableOf(list);
        const read = decodeMembers(encodeMembers(table), list.length);
        expect(read.list()).toEqual(list);
        expect(read.outline).toEqual(table.outline);
        expect(list.every((_, row) => read.isSound(row, IMAGE_BYTES))).toBe(true);
      }),
    );
  });

  test.each([
    ["no head", encodeMembers(SMALL).slice(0, 31), "has no head"],
    ["another count", changed(0, 3), "is of 3 members, not of 4"],
    ["less text than it says", encodeMembers(SMALL).slice(0, -1), "has another size"],
    ["sizes beyond it", changed(1, 2 ** 32 - 1), "has another size"],
    ["a run in no directory", changed(RUNS_AT, 9), "has no run at 0"],
    ["a run of other rows", changed(RUNS_AT + 4, 2), "has no run at 3"],
    ["a run of more rows", changed(RUNS_AT + 5, 9), "has no run at 3"],
    ["more nodes than it makes", changed(6, 6), "has an outline of something else"],
  ])("is refused with %s", (_, block, message) => {
    expect(() => decodeMembers(block, SMALL.count)).toThrow(`The block of members ${message}`);
  });

  test.each([
    ["a kind that is none", 9, 4 << 16],
    ["a mode of too many bits", 9, 0o10000],
    ["a second of too many nanoseconds", 6, 1e9],
    ["a path elsewhere", 7, 3],
    ["a path of another length", 8, 2],
  ])("has no sound row with %s", (_, word, value) => {
    const read = decodeMembers(changed(HEAD_WORDS + word, value), SMALL.count);
    expect([0, 1, 2, 3].map((row) => read.isSound(row, IMAGE_BYTES))).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  test.each(["..", "a/../b", "./a", "/a", "a/", "a//b"])(
    "has no sound row of the path %j",
    (it) => {
      const { numbers, paths } = tableOf([{ ...file, path: it }]);
      const read = decodeMembers(encodeMembers(new MemberTable(numbers, paths, "", undefined)), 1);
      expect(read.isSound(0, IMAGE_BYTES)).toBe(false);
    },
  );

  test("has no sound row of contents outside of the image", () => {
    const inside = { ...file, path: "f", sizeBytes: 10, dataOffset: 990 };
    const read = (it: Member): MemberTable => decodeMembers(encodeMembers(tableOf([it])), 1);
    expect(read(inside).isSound(0, IMAGE_BYTES)).toBe(true);
    for (const change of [{ sizeBytes: 11 }, { dataOffset: -1 }, { sizeBytes: Number.NaN }]) {
      expect(read({ ...inside, ...change }).isSound(0, IMAGE_BYTES)).toBe(false);
    }
  });

  test("is refused or harmless after any change", () => {
    const change = fc.tuple(fc.nat(), fc.nat(255));
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(members, changes, fc.integer({ min: -9, max: 9 }), (list, places, longer) => {
        const block = encodeMembers(tableOf(list));
        for (const [at, byte] of places) block[at % block.length] = byte;
        const size = Math.max(0, block.length + longer);
        const sent = new Uint8Array(size);
        sent.set(block.subarray(0, size));
        try {
          const read = decodeMembers(sent, list.length);
          for (const [row] of list.entries()) if (read.isSound(row, IMAGE_BYTES)) read.at(row);
        } catch (error) {
          expect(error).toBeInstanceOf(ZvmError);
          expect(error).not.toBeInstanceOf(Bug);
          expect(error).toMatchObject({ code: "ZVM_ORDER" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
