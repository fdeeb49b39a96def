import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Bug } from "../../base/index.ts";
import { NexeRefused } from "./nexe-refused.ts";
import { readNexe } from "./read-nexe.ts";
import { placeSections, writeNexe } from "./write-nexe.ts";

const contents = fc.uint8Array({ maxLength: 200 });

describe("writeNexe()", () => {
  test("writes what is read again, of any sections", () => {
    fc.assert(
      fc.property(
        fc.record({
          text: fc.uint8Array({ minLength: 1, maxLength: 200 }),
          rodata: contents,
          data: contents,
          bssBytes: fc.oneof(fc.nat(300), fc.nat(2 ** 31)),
          elfClass: fc.constantFrom(32 as const, 64 as const),
        }),
        (sections) => {
          const bytes = writeNexe(sections);
          const nexe = readNexe(bytes, sections.elfClass === 64 ? "zerovm" : "nacl");
          const { text, rodata, data, bssBytes } = sections;
          const at = placeSections({
            textBytes: text.length,
            rodataBytes: rodata.length,
            dataBytes: data.length,
            bssBytes,
          });
          const bytesOf = (part = { fileOffset: 0, fileBytes: 0 }) =>
            bytes.subarray(part.fileOffset, part.fileOffset + part.fileBytes);
          expect(bytesOf(nexe.text).subarray(0, text.length)).toEqual(text);
          expect(new Set(bytesOf(nexe.text).subarray(text.length))).toEqual(
            new Set(text.length % 32 === 0 ? [] : [0xf4]),
          );
          expect(bytesOf(nexe.rodata)).toEqual(rodata);
          expect(bytesOf(nexe.data)).toEqual(data);
          expect([nexe.entry, nexe.text.address]).toEqual([at.text, at.text]);
          if (nexe.rodata !== undefined) expect(nexe.rodata.address).toBe(at.rodata);
          if (nexe.data === undefined) return;
          expect([nexe.data.address, nexe.heapStart]).toEqual([at.data, at.end]);
          expect(nexe.bss?.start ?? at.end).toBe(at.bss);
        },
      ),
      { numRuns: 100 },
    );
  });

  test("writes class 64 for both policies", () => {
    const bytes = writeNexe({ text: Uint8Array.of(0xf4), data: Uint8Array.of(1) });
    expect(readNexe(bytes, "nacl")).toEqual({ ...readNexe(bytes, "zerovm"), policy: "nacl" });
  });

  test("writes the same file of the same sections", () => {
    const sections = { text: Uint8Array.of(0x90), data: Uint8Array.of(1), bssBytes: 9 };
    expect(writeNexe(sections)).toEqual(writeNexe(sections));
  });

  test.each([0x2_0010, 0x2_0020, 0xffff_ffe0])("refuses the entry 0x%x", (entry) => {
    expect(() => writeNexe({ text: Uint8Array.of(0x90), entry })).toThrow(NexeRefused);
  });

  test.each([2 ** 32, 2 ** 53, 0xff00_0000])("refuses a bss of %i bytes", (bssBytes) => {
    for (const elfClass of [32, 64] as const) {
      const sections = { text: Uint8Array.of(0x90), bssBytes, elfClass };
      expect(() => writeNexe(sections)).toThrow(NexeRefused);
    }
  });

  test("takes no numbers that are none", () => {
    const text = Uint8Array.of(0x90);
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => writeNexe({ text, bssBytes: wrong })).toThrow(Bug);
      expect(() => writeNexe({ text, entry: wrong })).toThrow(Bug);
    }
  });

  test("refuses a program without text", () => {
    expect(() => writeNexe({ text: new Uint8Array(), data: Uint8Array.of(1) })).toThrow(
      expect.objectContaining({ reason: "text-missing" }),
    );
  });
});
