import { textOf } from "../../base/index.ts";
import type { Report } from "../../zerovm/report/index.ts";

/**
 * What tells the session of a copy from that of its node: all that crossed the wall of the sandbox
 * and the digests of all outputs must be the same.
 * @returns one sentence; undefined where they agree
 */
export function differenceOfCopies(first: Report, copy: Report): string | undefined {
  for (const { alias, hex } of first.etags) {
    const other = copy.etags.find((row) => row.alias === alias);
    if (other?.hex !== hex) return `A copy wrote something else to ${textOf(alias)}`;
  }
  if (first.classic.userCode !== copy.classic.userCode) return "A copy has another exit code";
  if (first.traceHash !== copy.traceHash) return "A copy did something else";
  return undefined;
}
