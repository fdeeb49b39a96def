import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HEADER_BYTES, RequestReader } from "./request-reader.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function readerOf(...pieces: readonly string[]): RequestReader {
  const reader = new RequestReader();
  for (const piece of pieces) reader.take(bytes(piece));
  return reader;
}

const textOf = (reader: RequestReader): string => new TextDecoder().decode(reader.text());

describe("a request", () => {
  test.each([
    ["the canonical form", "0x000005Hello"],
    ["line feeds behind the length", "0x5\n\n\n\n\nHello"],
    ["blanks around it", "  0x5 \t\rHello"],
    ["decimal digits", "5       Hello"],
    ["octal digits", "00000005Hello"],
    ["more than was announced", "0x000005Hello, world"],
  ])("with %s is whole", (_, text) => {
    const reader = readerOf(text);
    expect([reader.isWhole, reader.isRefused, textOf(reader)]).toEqual([true, false, "Hello"]);
  });

  test("may come byte by byte, and is whole with its last one", () => {
    const text = "0x000005Hello";
    const reader = readerOf(...text.slice(0, -1));
    expect([reader.isWhole, reader.textBytes, textOf(reader)]).toEqual([false, 4, "Hell"]);
    reader.take(bytes("o"));
    expect([reader.isWhole, textOf(reader)]).toEqual([true, "Hello"]);
  });

  test("of no bytes is whole", () => {
    expect([readerOf("0x000000").isWhole, readerOf("        ").isWhole]).toEqual([true, true]);
  });

  test.each([
    ["letters", "GET / HT"],
    ["a negative length", "-1      "],
    ["digits of no base", "0x12345g"],
    ["two numbers", "1 2     "],
    ["NUL bytes", "\0\0\0\0\0\0\0\0"],
  ])("that begins with %s is refused", (_, header) => {
    const reader = readerOf(header, "text");
    expect([reader.isRefused, reader.isWhole]).toEqual([true, false]);
  });

  test("is kept no longer than a manifest can be, whatever it announces", () => {
    const reader = readerOf("0xffffff");
    const piece = new Uint8Array(100_000);
    for (let turn = 0; turn < 100; turn += 1) reader.take(piece);
    expect([reader.isWhole, reader.text().length]).toEqual([true, 524_288]);
    expect(reader.textBytes).toBeLessThan(700_000);
  });

  test("of any bytes in any pieces is read as the same bytes at once", () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 12 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.boolean(), pieces, (hasHeader, all) => {
        const parts = hasHeader ? [bytes("0x00000a"), ...all] : all;
        const one = new RequestReader();
        for (const part of parts) one.take(part);
        const other = new RequestReader();
        const whole = Buffer.concat(parts);
        other.take(whole);
        expect([one.isRefused, one.isWhole]).toEqual([other.isRefused, other.isWhole]);
        if (whole.length >= HEADER_BYTES && !one.isRefused) {
          expect(Buffer.from(one.text())).toEqual(Buffer.from(other.text()));
        }
      }),
    );
  });
});
