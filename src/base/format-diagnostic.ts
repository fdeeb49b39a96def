import type { Diagnostic } from "./diagnostic.ts";
import { countOf, judgeValue, optional, partOf, scalar } from "./form.ts";

const ANY_TEXT = scalar("text", (value) => typeof value === "string");
const PLACE = optional(countOf("numbers", 0, Number.MAX_SAFE_INTEGER));

const DIAGNOSTIC = partOf<Diagnostic>({
  severity: ANY_TEXT,
  message: ANY_TEXT,
  line: PLACE,
  column: PLACE,
  offset: PLACE,
  expected: optional(ANY_TEXT),
  hint: optional(ANY_TEXT),
});

/** The findings with each hint once: behind the last that it belongs to. */
export function withHintsOnce(findings: readonly Diagnostic[]): Diagnostic[] {
  const last = new Map(findings.map(({ hint }, at) => [hint, at]));
  return findings.map((found, at) => {
    if (last.get(found.hint) === at) return found;
    const { hint: _, ...rest } = found;
    return rest;
  });
}

/** `FILE:LINE:COLUMN: error: message (expected …)`, the form that editors jump to. */
export function formatDiagnostic(file: string, found: Diagnostic): string {
  judgeValue("formatDiagnostic", file, ANY_TEXT);
  judgeValue("formatDiagnostic", found, DIAGNOSTIC);
  const place = [file];
  if (found.line !== undefined) place.push(String(found.line));
  if (found.line !== undefined && found.column !== undefined) place.push(String(found.column));
  if (found.offset !== undefined) place.push(`offset 0x${found.offset.toString(16)}`);
  const expected = found.expected === undefined ? "" : `; expected ${found.expected}`;
  const hint = found.hint === undefined ? "" : `\n  ${found.hint}`;
  return `${place.join(":")}: ${found.severity}: ${found.message}${expected}${hint}`;
}
