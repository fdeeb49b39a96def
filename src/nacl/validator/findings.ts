import { BAD_CALL_ALIGNMENT, REASONS, type Reason } from "./reasons.ts";

/** Findings, and warnings, that are kept: code of random bytes has one in nearly every bundle. */
export const FINDINGS_MAX = 1000;

/** One reason at one place. */
export interface Finding {
  /** Of the instruction, from the start of the code. */
  readonly offset: number;
  readonly reason: Reason;
}

/** What was found in code: the first findings in the order of the reference, and how many more. */
export interface Verdict {
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  /** Findings that are not in the list, since it holds at most `FINDINGS_MAX`. */
  readonly moreFindings: number;
  /** They make nothing invalid. */
  readonly warnings: readonly Finding[];
  readonly moreWarnings: number;
}

/** Collects findings in bounded memory. */
export class Findings {
  readonly #findings: Finding[] = [];
  readonly #warnings: Finding[] = [];
  #findingCount = 0;
  #warningCount = 0;

  /** Adds every reason whose bit is set. */
  add(offset: number, reasons: number): void {
    REASONS.forEach((reason, bit) => {
      if ((reasons & (1 << bit)) === 0) return;
      const isWarning = 1 << bit === BAD_CALL_ALIGNMENT;
      const list = isWarning ? this.#warnings : this.#findings;
      if (isWarning) this.#warningCount++;
      else this.#findingCount++;
      if (list.length < FINDINGS_MAX) list.push({ offset, reason });
    });
  }

  verdict(): Verdict {
    return {
      valid: this.#findingCount === 0,
      findings: this.#findings,
      moreFindings: this.#findingCount - this.#findings.length,
      warnings: this.#warnings,
      moreWarnings: this.#warningCount - this.#warnings.length,
    };
  }
}
