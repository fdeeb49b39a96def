import { type Verdict, validate } from "../../../src/nacl/validator/index.ts";
import { randomCode } from "./sequences.ts";
import { checkSlowly } from "./slow-checker.ts";

/** What came of one random sequence. */
export interface Compared {
  readonly isValid: boolean;
  /** Where the two judges differ, with the code; undefined where they agree. */
  readonly difference: string | undefined;
}

/** Judges the random code of a seed by the validator and by the slow checker; odd ones as nacl. */
export function compare(seed: number): Compared {
  const code = randomCode(seed);
  const policy = seed % 2 === 0 ? "zerovm" : "nacl";
  const { valid: isValid, findings, warnings } = validate(code, { policy });
  const slow = checkSlowly(code, policy);
  const expected = [...slow.findings, "warnings", ...slow.warnings].join("\n");
  const found = [...linesOf(findings), "warnings", ...linesOf(warnings)].join("\n");
  if (found === expected && isValid === (slow.findings.length === 0)) {
    return { isValid, difference: undefined };
  }
  const hex = Buffer.from(code).toString("hex");
  return { isValid, difference: `seed ${seed}, ${policy}: ${hex}\n${found}\nbut\n${expected}` };
}

function linesOf(findings: Verdict["findings"]): string[] {
  return findings.map(({ offset, reason }) => `${offset.toString(16)}: ${reason}`);
}
