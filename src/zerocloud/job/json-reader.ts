import type {
  JsonArray,
  JsonMember,
  JsonNumber,
  JsonObject,
  JsonString,
  JsonValue,
} from "./json-value.ts";

/** What is wrong with a JSON text as such. */
export interface JsonProblem {
  readonly rule: "json-syntax" | "json-depth" | "json-duplicate-key";
  readonly at: number;
  /** Steps to the value around it. */
  readonly steps: readonly (string | number)[];
  /** What was found or expected there, or the key. */
  readonly detail: string;
}

export interface JsonReading {
  /** Missing where the text is no JSON. */
  readonly value?: JsonValue;
  readonly problems: readonly JsonProblem[];
}

/**
 * Reads JSON as RFC 8259 has it, in one pass, without a number, a name or a constant more. A key
 * that comes twice is a problem: readers of JSON differ in which of the two they take.
 * @param depthMax levels of arrays and objects in each other
 */
export function readJson(text: string, depthMax: number): JsonReading {
  const reader = new JsonReader(text, depthMax);
  try {
    return { value: reader.document(), problems: reader.problems };
  } catch (error) {
    if (error instanceof UnreadableText) return { problems: reader.problems };
    throw error;
  }
}

/** Leaves the reader: the problem is in its list. */
class UnreadableText extends Error {}

const BLANKS = /[ \t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /true|false|null/y;
/** What a string may hold as it is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON does not allow
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:(["\\/bfnrt])|u([0-9a-fA-F]{4}))/y;

const ESCAPED: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class JsonReader {
  readonly problems: JsonProblem[] = [];
  readonly #text: string;
  readonly #depthMax: number;
  readonly #steps: (string | number)[] = [];
  #at = 0;
  #depth = 0;

  constructor(text: string, depthMax: number) {
    this.#text = text;
    this.#depthMax = depthMax;
  }

  document(): JsonValue {
    const value = this.#value();
    this.#take(BLANKS);
    if (this.#at < this.#text.length) this.#fail("the end of the text");
    return value;
  }

  #value(): JsonValue {
    this.#take(BLANKS);
    const at = this.#at;
    const first = this.#text[at];
    if (first === "{") return this.#nested(() => this.#object(at));
    if (first === "[") return this.#nested(() => this.#array(at));
    if (first === '"') return this.#string();
    const number = this.#take(NUMBER)[0];
    if (number !== "") return { kind: "number", at, text: number } satisfies JsonNumber;
    const [word] = this.#take(LITERAL);
    if (word === "null") return { kind: "null", at };
    if (word === "") this.#fail("a value");
    return { kind: "boolean", at, value: word === "true" };
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > this.#depthMax) this.#stop("json-depth", String(this.#depthMax));
    const value = read();
    this.#depth -= 1;
    return value;
  }

  #object(at: number): JsonObject {
    const members = new Map<string, JsonMember>();
    this.#at += 1;
    if (this.#closes("}")) return { kind: "object", at, members };
    do {
      this.#take(BLANKS);
      if (this.#text[this.#at] !== '"') this.#fail("a key in quotation marks");
      const { text: key, at: keyAt } = this.#string();
      this.#take(BLANKS);
      if (this.#text[this.#at] !== ":") this.#fail("a colon");
      this.#at += 1;
      const value = this.#inside(key);
      if (members.has(key)) this.#note("json-duplicate-key", keyAt, key);
      else members.set(key, { keyAt, value });
    } while (this.#continues("}"));
    return { kind: "object", at, members };
  }

  #array(at: number): JsonArray {
    const items: JsonValue[] = [];
    this.#at += 1;
    if (this.#closes("]")) return { kind: "array", at, items };
    do {
      items.push(this.#inside(items.length));
    } while (this.#continues("]"));
    return { kind: "array", at, items };
  }

  #inside(step: string | number): JsonValue {
    this.#steps.push(step);
    const value = this.#value();
    this.#steps.pop();
    return value;
  }

  /** Takes the bracket if it comes at once. */
  #closes(bracket: string): boolean {
    this.#take(BLANKS);
    if (this.#text[this.#at] !== bracket) return false;
    this.#at += 1;
    return true;
  }

  /** Takes a comma, or the bracket that ends it. */
  #continues(bracket: string): boolean {
    if (this.#closes(bracket)) return false;
    if (this.#text[this.#at] !== ",") this.#fail(`a comma or ${bracket}`);
    this.#at += 1;
    return true;
  }

  #string(): JsonString {
    const at = this.#at;
    this.#at += 1;
    const pieces: string[] = [];
    for (;;) {
      pieces.push(this.#take(PLAIN)[0]);
      if (this.#text[this.#at] === '"') break;
      const [taken, letter, code] = this.#take(ESCAPE);
      if (taken === "") this.#fail(this.#text[this.#at] === "\\" ? "an escape" : "the end of text");
      pieces.push(
        letter === undefined
          ? String.fromCharCode(Number.parseInt(code ?? "", 16))
          : (ESCAPED[letter] ?? letter),
      );
    }
    this.#at += 1;
    return { kind: "string", at, text: pieces.join("") };
  }

  /** What the pattern takes at this place; its first element is empty where that is nothing. */
  #take(pattern: RegExp): readonly [string, ...(string | undefined)[]] {
    pattern.lastIndex = this.#at;
    const [taken = "", ...groups] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    return [taken, ...groups];
  }

  #fail(expected: string): never {
    const here = this.#text.codePointAt(this.#at);
    const found = here === undefined ? "the text ends" : JSON.stringify(String.fromCodePoint(here));
    this.#stop("json-syntax", `${found} where ${expected} should be`);
  }

  #stop(rule: JsonProblem["rule"], detail: string): never {
    this.#note(rule, this.#at, detail);
    throw new UnreadableText();
  }

  #note(rule: JsonProblem["rule"], at: number, detail: string): void {
    this.problems.push({ rule, at, steps: [...this.#steps], detail });
  }
}
