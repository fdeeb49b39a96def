import { type ByteString, type Diagnostic, printable, textOf } from "../../base/index.ts";

/** The steps in which the original met errors, in their order: an earlier one decides the exit. */
export const STAGES = ["parse", "program", "module", "mount", "memory", "defence"] as const;

export type Stage = (typeof STAGES)[number];

/** A diagnostic with what the original would have done about it. */
export interface Finding extends Diagnostic {
  readonly stage: Stage;
  /** Exit code of the original; 0 for a warning. */
  readonly code: number;
  /** Exit state line of the original, with `MANIFEST n: ` where it has it; "" for a warning. */
  readonly state: string;
}

/** Exit codes of the original, which are error numbers of Linux. */
export const EXIT = {
  MISSING: 2,
  INPUT: 5,
  DESCRIPTOR: 9,
  MEMORY: 12,
  FAULT: 14,
  INVALID: 22,
  TOO_MANY: 23,
  SOURCE_TYPE: 93,
} as const;

/** A part of a finding that may be missing, as `undefined` or not at all. */
export interface FindingFields {
  readonly stage: Stage;
  readonly code: number;
  readonly state: string;
  readonly message: string;
  readonly severity?: "error" | "warning" | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly expected?: string | undefined;
  readonly hint?: string | undefined;
}

/** Builds a finding without the fields that are undefined. */
export function makeFinding(fields: FindingFields): Finding {
  const { severity = "error", stage, code, state, message, line, column, expected, hint } = fields;
  return {
    severity,
    stage,
    code,
    state,
    message,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(expected === undefined ? {} : { expected }),
    ...(hint === undefined ? {} : { hint }),
  };
}

/**
 * Errors before warnings, earlier stages before later ones, otherwise as they came: the first
 * error decides exit code and state.
 */
export function sortFindings<F extends Finding>(findings: readonly F[]): F[] {
  const rank = (found: F): number =>
    (found.severity === "error" ? 0 : STAGES.length) + STAGES.indexOf(found.stage);
  return [...findings].sort((one, other) => rank(one) - rank(other));
}

const SHOWN_CHARACTERS = 80;
/** What the original's log lines had room for. */
const STATE_CHARACTERS = 4096;

/** A piece of the input for a message: safe to print and not too long. */
export function shown(bytes: ByteString): string {
  const text = textOf(bytes.slice(0, 4 * SHOWN_CHARACTERS));
  const whole = bytes.length <= 4 * SHOWN_CHARACTERS && text.length <= SHOWN_CHARACTERS;
  return printable(whole ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`);
}

/** A piece of the input for an exit state: printable, as long as the original's log lines. */
export function stated(bytes: ByteString): string {
  return printable(textOf(bytes.slice(0, STATE_CHARACTERS)));
}
