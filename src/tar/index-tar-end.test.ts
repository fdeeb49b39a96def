import { describe, expect, test } from "vitest";
import { craftedHeader, craftedPax, craftedTar, joined } from "../../test/support/crafted-tar.ts";
import { bytesOf, memorySource, ZvmError } from "../base/index.ts";
import { type IndexOptions, indexTar } from "./index.ts";

const OPTIONS: IndexOptions = { name: "root.tar", membersMax: 1000, links: "contained" };

function refusal(bytes: Uint8Array, options: Partial<IndexOptions> = {}): string {
  try {
    indexTar(memorySource(bytes), { ...OPTIONS, ...options });
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_TAR") return error.message;
    throw error;
  }
  return "accepted";
}

describe("indexTar() at the end of the archive", () => {
  const whole = craftedTar([{ name: "a", contents: "hello" }, { name: "b" }], false);

  test("may miss the end block, and nothing else", () => {
    expect(refusal(whole)).toBe("accepted");
    for (let size = 1; size < whole.length; size++) {
      const verdict = refusal(whole.subarray(0, size));
      expect(verdict === "accepted", `${size} bytes`).toBe(size === 1024);
    }
  });

  test("is not looked for in a beginning, of which every whole header counts", () => {
    const long = craftedTar([craftedPax({ path: "long" }), { name: "b", contents: "x" }], false);
    const counts = (bytes: Uint8Array): number[] =>
      Array.from({ length: bytes.length + 1 }, (_, size) => {
        const source = memorySource(bytes.subarray(0, size));
        return indexTar(source, { ...OPTIONS, isBeginning: true }).length;
      });
    const steps = (bytes: Uint8Array): number[] =>
      counts(bytes).flatMap((count, size, all) => (count === all[size - 1] ? [] : [size]));
    expect(steps(whole)).toEqual([0, 512, 1536]);
    // An extended header has to be there with its padding, and then the header behind it.
    expect(steps(long)).toEqual([0, 1536]);
    expect(indexTar(memorySource(long), { ...OPTIONS, isBeginning: true })).toMatchObject([
      { path: "long", sizeBytes: 1, dataOffset: 1536 },
    ]);
  });

  test("one zero block ends it, whatever follows", () => {
    const bytes = joined([whole, new Uint8Array(512), bytesOf("garbage".repeat(100))]);
    expect(indexTar(memorySource(bytes), OPTIONS)).toHaveLength(2);
    expect(indexTar(memorySource(new Uint8Array(10_240)), OPTIONS)).toEqual([]);
  });

  test("names that are repeated without end are bounded, links among them", () => {
    const path = `${`${"n".repeat(249)}/`.repeat(15)}${"n".repeat(250)}`;
    const many = (count: number, type: string): Uint8Array =>
      joined([
        craftedTar([craftedPax({ path, linkpath: "l" }, "g")], false),
        ...Array<Uint8Array>(count).fill(craftedHeader({ name: "x", type, link: "l" })),
      ]);
    const options = { membersMax: 100_000 };
    expect(refusal(many(16_777, "0"), options)).toBe("accepted");
    expect(refusal(many(16_778, "0"), options)).toContain(
      "the names and links of its members have more than 67108864 bytes",
    );
    expect(refusal(many(16_776, "2"), options)).toContain("more than 67108864 bytes");
  });

  test("a source that gives less than it promised is truncated", () => {
    const source = { ...memorySource(whole), sizeBytes: whole.length + 512 };
    expect(() => indexTar(source, OPTIONS)).toThrow("truncated in a header (offset 0x600)");
    const pax = craftedTar([craftedPax({ comment: "c".repeat(40_000) })], false);
    const short = { sizeBytes: pax.length, read: memorySource(pax.subarray(0, 9000)).read };
    expect(() => indexTar(short, OPTIONS)).toThrow("truncated in an extended header");
  });
});
