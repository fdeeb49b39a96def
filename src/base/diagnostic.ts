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
