/** Bytes of a body, the end not among them. */
export interface ByteSpan {
  readonly start: number;
  readonly end: number;
}

const RANGES_MAX = 100_000;

/** Reads `X-Zerovm-Failure-Ranges`, whose ranges stand in their order; others are no ranges. */
export function failureRanges(text = ""): readonly ByteSpan[] {
  const spans = text.split(",", RANGES_MAX).map((range) => {
    const [, first, last] = /^ *(\d{1,15})-(\d{1,15}) *$/.exec(range) ?? [];
    return { start: Number(first), end: Number(last) + 1 };
  });
  const isSound = spans.every(({ start, end }, at) => {
    return start < end && start >= (spans[at - 1]?.end ?? 0);
  });
  return isSound ? spans : [];
}

/** The bytes of a body that are in none of the spans. */
export async function* withoutRanges(
  body: AsyncIterable<Uint8Array>,
  spans: readonly ByteSpan[],
): AsyncGenerator<Uint8Array, void> {
  let next = 0;
  let at = 0;
  for await (const piece of body) {
    const end = at + piece.length;
    while (at < end) {
      const span = spans[next] ?? {
        start: Number.POSITIVE_INFINITY,
        end: Number.POSITIVE_INFINITY,
      };
      const isKept = at < span.start;
      const until = Math.min(end, isKept ? span.start : span.end);
      if (isKept) yield piece.subarray(piece.length - (end - at), piece.length - (end - until));
      if (until === span.end) next += 1;
      at = until;
    }
  }
}
