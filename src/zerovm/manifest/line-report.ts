import { EXIT, type Finding, makeFinding, shown, stated } from "./finding.ts";
import type { Place } from "./manifest.ts";
import { parseNumber } from "./number.ts";
import { type Line, placeIn, type Token } from "./token.ts";

/** All that was found in one text, by who would have found it. */
export interface Collected {
  /** Errors that the original has as well, in its order. */
  readonly original: Finding[];
  /** Errors in the keywords that the original ignores. */
  readonly added: Finding[];
  readonly warnings: Finding[];
}

export interface Fault {
  readonly message: string;
  /** The exit state without `MANIFEST n: `. */
  readonly state: string;
  readonly expected?: string;
  readonly hint?: string;
}

/** Takes the findings of one line and gives them their place and prefix. */
export class LineReport {
  readonly line: Line;
  readonly #collected: Collected;
  readonly #errors: Finding[];
  readonly #errorsBefore: number;

  /** @param isAdded whether the line has a keyword that the original ignores. */
  constructor(line: Line, collected: Collected, isAdded: boolean) {
    this.line = line;
    this.#collected = collected;
    this.#errors = isAdded ? collected.added : collected.original;
    this.#errorsBefore = this.#errors.length;
  }

  get hasErrors(): boolean {
    return this.#errors.length > this.#errorsBefore;
  }

  place(token: Token): Place {
    return placeIn(this.line, token.offset);
  }

  error(token: Token, fault: Fault): undefined {
    const state = `MANIFEST ${this.line.number}: ${fault.state}`;
    const place = this.place(token);
    this.#errors.push(makeFinding({ ...fault, ...place, stage: "parse", code: EXIT.FAULT, state }));
  }

  warning(token: Token, message: string, more: { expected?: string; hint?: string } = {}): void {
    const place = this.place(token);
    this.#collected.warnings.push(
      makeFinding({
        ...place,
        ...more,
        severity: "warning",
        stage: "parse",
        code: 0,
        state: "",
        message,
      }),
    );
  }

  /** Reads a number of the line; says so and returns undefined when it is none. */
  number(token: Token, what: string, maximum?: bigint, form = NUMBER): bigint | undefined {
    const reading = parseNumber(token.text, undefined, maximum);
    if (reading.kind === "number") return reading.value;
    const { tail, tailOffset } = reading;
    const isRange = tail === "";
    return this.error(
      { text: tail, offset: token.offset + (isRange ? 0 : tailOffset) },
      {
        message: isRange
          ? `${what} is out of range: ${shown(token.text)}`
          : `${what} is not a number: ${shown(token.text)}`,
        state: `invalid numeric value '${stated(tail)}'`,
        expected: isRange ? `a number up to ${maximum ?? 2n ** 63n - 1n}` : form,
      },
    );
  }
}

const NUMBER = "a decimal, 0x hexadecimal or 0 octal number and nothing behind it";
