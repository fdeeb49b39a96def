/**
 * Fuzzing of the validator: random structured code is judged by it and by the slow checker, which
 * have to say the same, finding by finding. `--validator N` sequences, `--seed S` to begin with.
 */
import { compare } from "../../test/fuzz/validator/compare.ts";
import { formatCounts } from "../vitest/plain-summary.ts";

const REPORT_EVERY = 500_000;
/** Differences that are shown; the first ones tell enough. */
const SHOWN_MAX = 10;

/** Judges so many sequences. @returns the exit status. */
export function fuzzValidator(count: number, seed: number): number {
  console.log(`seed ${seed}, ${count} sequences of Native Client code`);
  let failed = 0;
  let valid = 0;
  for (let done = 0; done < count; done++) {
    const { isValid, difference } = compare(seed + done);
    if (isValid) valid++;
    if (difference !== undefined && ++failed <= SHOWN_MAX) console.log(difference);
    if (done > 0 && done % REPORT_EVERY === 0) console.log(`${done} of ${count}`);
  }
  console.log(`${valid} were valid`);
  console.log(formatCounts({ passed: count - failed, failed, skipped: 0 }));
  return failed === 0 ? 0 : 1;
}
