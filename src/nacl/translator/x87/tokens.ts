import { assert } from "../../../base/index.ts";

const TOKEN =
  /\s*(?:\/\/[^\n]*|(0x[0-9a-f_]+|\d+)|([A-Za-z_]\w*)|(<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^~!<>=(){},;:?]))/y;

/** A word of the text of a routine. */
export interface Token {
  readonly kind: "number" | "name" | "mark" | "end";
  readonly text: string;
}

/** Reads the words of a text one after another. */
export class Tokens {
  readonly #text: string;
  #at = 0;
  #next: Token;

  constructor(text: string) {
    this.#text = text;
    this.#next = this.#read();
  }

  get next(): Token {
    return this.#next;
  }

  take(): Token {
    const token = this.#next;
    this.#next = this.#read();
    return token;
  }

  /** Takes the next word if it is this one. */
  accept(text: string): boolean {
    if (this.#next.kind === "number" || this.#next.text !== text) return false;
    this.take();
    return true;
  }

  expect(text: string): void {
    assert(this.accept(text), `${text} in place of ${this.#next.text}: ${this.place}`);
  }

  name(): string {
    assert(this.#next.kind === "name", `a name in place of ${this.#next.text}: ${this.place}`);
    return this.take().text;
  }

  /** The text around, for messages. */
  get place(): string {
    return this.#text.slice(Math.max(0, this.#at - 60), this.#at + 20);
  }

  #read(): Token {
    for (;;) {
      TOKEN.lastIndex = this.#at;
      const match = TOKEN.exec(this.#text);
      if (match === null) {
        const rest = this.#text.slice(this.#at).trim();
        assert(rest === "", `no word of a routine: ${rest.slice(0, 40)}`);
        return { kind: "end", text: "" };
      }
      this.#at = TOKEN.lastIndex;
      const [, number, name, mark] = match;
      if (number !== undefined) return { kind: "number", text: number };
      if (name !== undefined) return { kind: "name", text: name };
      if (mark !== undefined) return { kind: "mark", text: mark };
    }
  }
}
