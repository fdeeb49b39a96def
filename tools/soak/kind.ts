import type { RunOptions, RunResult } from "../../src/index.ts";

/** Where the cell comes from: a pool, a fresh start, or nowhere. */
export type Mode = "pool" | "cold" | "none";

/** What happens to a session from outside. */
export interface Disturbance {
  /** `kill` ends a process of the cell, `abort` is the caller's signal. */
  readonly kind: "kill" | "abort";
  /** From when on its time counts: the call, the cell, or the guest's first word. */
  readonly from: "call" | "cell" | "guest";
  /** It comes so many milliseconds later, at most; at once where that is 0. */
  readonly withinMs: number;
}

/** What a report and its session have to look like. */
export interface Expected {
  /** What the outcome must hold; it may hold more. */
  readonly outcome: Readonly<Record<string, unknown>>;
  readonly exitStatus: number;
  readonly stdout?: Uint8Array;
  readonly stderr?: Uint8Array;
  /** Guest calls and bytes of channels, by alias: gets where it is read, else puts. */
  readonly account?: Readonly<Record<string, readonly [calls: number, bytes: number]>>;
  /** Limits that answered, in the order of the report. */
  readonly hits?: readonly string[];
  /** The whole account is there, and the same as that of the first session of this kind. */
  readonly isExact: boolean;
}

/** What one session gets that no other one may share. */
export interface Own {
  readonly options: Partial<RunOptions>;
  /** Looks at what the session left on the host. @returns what is wrong with it */
  check?(result: RunResult): string | undefined;
}

/** Sessions that are the same but for where they run and what disturbs them. */
export interface Kind {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  readonly modes: readonly Mode[];
  readonly program: string;
  readonly expected: Expected;
  readonly disturbance?: Disturbance;
  /** @param folder an empty one of this session, gone after it */
  own?(folder: string): Own;
}
