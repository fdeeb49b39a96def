import type { Samples, Verdict } from "./statistics.ts";

/** One line of the benchmark: what several candidates need for the same work. */
export interface Measurement {
  readonly name: string;
  /** Of the values: `ms`, `ns/call`, `GB/s`, `MB`. */
  readonly unit: string;
  /** More is better, as for a throughput. */
  readonly isRate?: true;
  /** How it was measured, where that is not plain. */
  readonly note?: string;
  readonly candidates: readonly Candidate[];
  readonly verdicts: readonly Verdict[];
}

export interface Candidate {
  readonly name: string;
  readonly samples: Samples;
}
