/** A line that cannot be assembled: the message names its number and its text. */
export class AssemblyError extends Error {
  override readonly name = "AssemblyError";

  constructor(reason: string, line: number, text: string) {
    super(`line ${line}: ${reason}: ${text.trim()}`);
  }
}

/** What parts of the assembler throw that know no line; `assemble` adds it. */
export class BadText extends Error {
  override readonly name = "BadText";
}
