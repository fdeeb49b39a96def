import type { Made } from "../../further/index.ts";

/** Code that the guest made: it runs as it was when it was judged. */
export interface MadeRange {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
  readonly made: Made;
  /** Slots of what was translated of it, by address. */
  readonly slots: Map<number, number>;
}

/**
 * What is left of ranges where the addresses from `start` to `end` are code no longer. Of a range
 * that is cut the rest is judged anew, by itself: what led into the other part now leads out of it.
 * @param forget is called with each range that is no longer there as it was
 * @param judge makes a range of bytes; undefined where they are not accepted
 */
export function withoutRange(
  ranges: readonly MadeRange[],
  start: number,
  end: number,
  forget: (range: MadeRange) => void,
  judge: (bytes: Uint8Array, start: number) => MadeRange | undefined,
): MadeRange[] {
  return ranges.flatMap((range) => {
    if (range.start >= end || range.end <= start) return [range];
    forget(range);
    const parts: (MadeRange | undefined)[] = [];
    const { bytes } = range;
    if (range.start < start) parts.push(judge(bytes.subarray(0, start - range.start), range.start));
    if (range.end > end) parts.push(judge(bytes.subarray(end - range.start), end));
    return parts.filter((part) => part !== undefined);
  });
}
