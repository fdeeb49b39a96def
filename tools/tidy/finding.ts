/** One place in the repository that breaks one of its rules. */
export interface Finding {
  readonly path: string;
  /** 1-based, where the rule is about a line. */
  readonly line?: number;
  /** What is wrong, and what to do about it. */
  readonly message: string;
}

/** `PATH:LINE: message`, the form that editors jump to. */
export function formatFinding(finding: Finding): string {
  const line = finding.line === undefined ? "" : `:${finding.line}`;
  return `${finding.path}${line}: ${finding.message}`;
}

/** 1-based line of an offset in a text. */
export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
  }
  return line;
}
