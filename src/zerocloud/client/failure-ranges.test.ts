import { expect, test } from "vitest";
import { failureRanges, withoutRanges } from "./failure-ranges.ts";

async function* inPieces(text: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += size) yield Buffer.from(text.slice(at, at + size));
}

async function kept(text: string, ranges: string | undefined, size: number): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of withoutRanges(inPieces(text, size), failureRanges(ranges))) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

test.each([
  ["5-13,19-21", "hellothere"],
  ["0-21", ""],
  ["0-4", "lost\ntoo\nthereno\n"],
  [undefined, "hellolost\ntoo\nthereno\n"],
  ["5-3", "hellolost\ntoo\nthereno\n"],
  ["5-9,8-10", "hellolost\ntoo\nthereno\n"],
  ["19-99", "hellolost\ntoo\nthere"],
])("bytes in %s are left out, however they arrive", async (ranges, expected) => {
  for (const size of [1, 2, 3, 7, 100]) {
    expect(await kept("hellolost\ntoo\nthereno\n", ranges, size)).toBe(expected);
  }
});
