import { type Diagnostic, formatDiagnostic, withHintsOnce } from "../base/index.ts";
import { complain, shownFile } from "./command.ts";

/** Exit status of a command that only judges, where it found an error. */
export const FOUND_STATUS = 1;

/** Each finding with its place, on standard error; a hint that belongs to several once. */
export function showFindings(file: string, findings: readonly Diagnostic[]): void {
  for (const found of withHintsOnce(findings)) complain(formatDiagnostic(shownFile(file), found));
}

/** `1 error`, `2 errors`. */
export function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
