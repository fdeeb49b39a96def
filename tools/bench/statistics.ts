/** The arithmetic of the benchmark: medians, ratios, and whether a bar is met. */

/** The measured values of one candidate, in the order in which they were taken. */
export type Samples = readonly number[];

/** The value in the middle; the mean of the two in the middle of an even count. */
export function median(samples: Samples): number {
  const sorted = [...samples].sort((one, other) => one - other);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle];
  if (upper === undefined) throw new Error("There is no median of no samples");
  const lower = sorted[middle - 1];
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

/**
 * The median of what `later` took more than `earlier`, pair by pair: the rounds interleave the
 * candidates, so that a load which comes and goes meets both sides of a pair.
 */
export function medianDifference(earlier: Samples, later: Samples): number {
  if (earlier.length !== later.length) throw new Error("Samples in pairs have equal counts");
  return median(later.map((value, index) => value - (earlier[index] ?? 0)));
}

/** A measured value against what it may be. */
export interface Verdict {
  /** What is compared, in words. */
  readonly bar: string;
  readonly value: number;
  readonly limit: number;
  readonly isMet: boolean;
}

export function atMost(bar: string, value: number, limit: number): Verdict {
  return { bar, value, limit, isMet: value <= limit };
}

export function atLeast(bar: string, value: number, limit: number): Verdict {
  return { bar, value, limit, isMet: value >= limit };
}
