/** A line that cannot be assembled: the message names its number and its text. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";
  /** Counted from 1. */
  readonly line: number;
  /** The message without the number of the line. */
  readonly reason: string;
  /** A name that the line needs and nobody defines, where that is what is wrong. */
  readonly missingName: string | undefined;

  constructor(reason: string, line: number, text: string, missingName?: string) {
    const said = `${reason}: ${text.trim()}`;
    super(`line ${line}: ${said}`);
    this.line = line;
    this.reason = said;
    this.missingName = missingName;
  }
}

/** What parts of the assembler throw that know no line; `assemble` adds it. */
export class BadText extends Error {
  override readonly name = "BadText";
}

/** A name that has no value. */
export class MissingName extends BadText {
  readonly symbol: string;

  constructor(symbol: string) {
    super(`"${symbol}" is not defined`);
    this.symbol = symbol;
  }
}
