/** A line that cannot be assembled: the message names its number and its text. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
  /** Counted from 1. */
  readonly line: number;
  /** The message without the number of the line. */
  readonly reason: string;

  constructor(reason: string, line: number, text: string) {
    const said = `${reason}: ${text.trim()}`;
    super(`line ${line}: ${said}`);
    this.line = line;
    this.reason = said;
  }
}

/** What parts of the assembler throw that know no line; `assemble` adds it. */
export class BadText extends Error {
  override readonly name = "BadText";
}
