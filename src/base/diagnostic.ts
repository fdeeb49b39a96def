/** One finding about an input: where it is, what is wrong, what was expected. */
export interface Diagnostic {
  readonly severity: "error" | "warning";
  readonly message: string;
  /** 1-based line of a text input. */
  readonly line?: number;
  /** 1-based column, in characters. */
  readonly column?: number;
  /** Byte offset in a binary input. */
  readonly offset?: number;
  /** What would have been right there. */
  readonly expected?: string;
  /** What the user can do about it. */
  readonly hint?: string;
}

/** `FILE:LINE:COLUMN: error: message (expected …)`, the form that editors jump to. */
export function formatDiagnostic(file: string, found: Diagnostic): string {
  const place = [file];
  if (found.line !== undefined) place.push(String(found.line));
  if (found.line !== undefined && found.column !== undefined) place.push(String(found.column));
  if (found.offset !== undefined) place.push(`offset 0x${found.offset.toString(16)}`);
  const expected = found.expected === undefined ? "" : `; expected ${found.expected}`;
  const hint = found.hint === undefined ? "" : `\n  ${found.hint}`;
  return `${place.join(":")}: ${found.severity}: ${found.message}${expected}${hint}`;
}
