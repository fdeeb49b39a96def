import type { Candidate } from "../measurement.ts";
import { type Command, runProcess } from "../run-process.ts";

/** The same work in a small and in a large amount. */
export interface Pair {
  readonly name: string;
  readonly few: Command;
  readonly many: Command;
}

/**
 * What the larger amount takes longer, in turns: starts of processes are in both, and so in
 * neither figure. The first turn does not count.
 * @param rateOf of the nanoseconds more
 */
export function sampleDifferences(
  pairs: readonly Pair[],
  rounds: number,
  rateOf: (elapsedNs: number) => number,
): Candidate[] {
  const candidates = pairs.map(({ name }) => ({ name, samples: [] as number[] }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { few, many }] of pairs.entries()) {
      const fewMs = runProcess(few).wallMs;
      const manyMs = runProcess(many).wallMs;
      if (round > 0) candidates[index]?.samples.push(rateOf((manyMs - fewMs) * 1e6));
    }
  }
  return candidates;
}
