/**
 * A rule of a job. `text` is what a client reads, with the words of the original where it had the
 * rule; `{…}` stands for a part of the job.
 */
export interface RuleKind {
  readonly text: string;
  /** When it is broken, and what to do about it. */
  readonly meaning: string;
  /** HTTP status of the refusal; 200 where the job runs all the same, and this is a warning. */
  readonly status: 200 | 400 | 403 | 413 | 422;
}
