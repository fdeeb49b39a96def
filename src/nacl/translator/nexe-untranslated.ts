import { ZvmError } from "../../base/index.ts";

/** An instruction that has no translation. */
export interface Untranslated {
  /** Guest address of the instruction. */
  readonly address: number;
  readonly instruction: string;
}

const SHOWN_MAX = 20;

/** A valid program that uses instructions which cannot be translated. */
export class NexeUntranslated extends ZvmError {
  readonly untranslated: readonly Untranslated[];

  constructor(untranslated: readonly Untranslated[]) {
    const lines = untranslated.map(
      ({ address, instruction }) => `${instruction} at 0x${address.toString(16)}`,
    );
    const [first = ""] = lines;
    const others = lines.length > 1 ? ` and ${lines.length - 1} more` : "";
    super("ZVM_PROGRAM_REFUSED", `Cannot translate the nexe: ${first}${others}`, {
      diagnostics: lines.slice(0, SHOWN_MAX).map((line) => ({
        severity: "error",
        message: `no translation of ${line}`,
      })),
    });
    this.untranslated = untranslated;
  }
}
