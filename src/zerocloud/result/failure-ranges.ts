import type { Header } from "./header-text.ts";

/** A part of the body: what a program printed, or what is said of one that failed. */
export interface BodyPart {
  readonly sizeBytes: number;
  readonly isFailure: boolean;
}

/**
 * Which bytes of a body are no program's, as `FIRST-LAST,…`: nothing stands between the parts, and
 * clients could not tell them apart. Parts that touch are one range.
 */
export function failureRanges(parts: readonly BodyPart[]): readonly Header[] {
  const ranges: { first: number; end: number }[] = [];
  let at = 0;
  for (const { sizeBytes, isFailure } of parts) {
    const last = ranges.at(-1);
    if (isFailure && sizeBytes > 0) {
      if (last?.end === at) last.end = at + sizeBytes;
      else ranges.push({ first: at, end: at + sizeBytes });
    }
    at += sizeBytes;
  }
  if (ranges.length === 0) return [];
  const text = ranges.map(({ first, end }) => `${first}-${end - 1}`).join(",");
  return [["X-Zerovm-Failure-Ranges", text]];
}
