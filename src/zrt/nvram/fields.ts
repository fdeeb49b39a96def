import type { ByteString } from "../../base/index.ts";
import { type RecordLine, scanPairs, shown, type Warn } from "./scan.ts";

export interface Field {
  readonly value: ByteString;
  readonly offset: number;
}

/** The pairs of one record by key, and a way to warn about them. */
export class Fields {
  readonly #line: RecordLine;
  readonly #warn: Warn;
  readonly #fields = new Map<ByteString, Field>();

  /** @param known the keys of the section; others are warned about and ignored. */
  constructor(line: RecordLine, known: readonly string[], warn: Warn) {
    this.#line = line;
    this.#warn = warn;
    for (const { key, value, keyOffset, valueOffset } of scanPairs(line, warn)) {
      if (!known.includes(key)) {
        this.warn(keyOffset, `Unknown key is ignored: ${shown(key)}`, known.join(", "));
      } else if (this.#fields.has(key)) {
        this.warn(keyOffset, `Key ${key} stands here again: the first one holds`);
      } else {
        this.#fields.set(key, { value, offset: valueOffset });
      }
    }
  }

  warn(offset: number, message: string, expected?: string): undefined {
    this.#warn(this.#line, offset, message, expected === undefined ? {} : { expected });
  }

  get(key: string): Field | undefined {
    return this.#fields.get(key);
  }

  /** The value of a key that must be there; says so where it is not. */
  need(key: string): Field | undefined {
    const field = this.#fields.get(key);
    if (field !== undefined) return field;
    return this.warn(this.#start, `Record without ${key} is ignored`, `${key}=VALUE`);
  }

  /** A value that must be there and not be empty. */
  needName(key: string): ByteString | undefined {
    const field = this.need(key);
    if (field === undefined || field.value !== "") return field?.value;
    return this.warn(field.offset, `Record with an empty ${key} is ignored`);
  }

  /**
   * One of some words, `fallback` where the key is missing; undefined and a warning for any
   * other value, with which the record is ignored.
   */
  word<W extends string>(key: string, words: readonly W[], fallback?: W): W | undefined {
    const field = fallback === undefined ? this.need(key) : this.get(key);
    if (field === undefined) return fallback;
    const word = words.find((known) => known === field.value);
    if (word !== undefined) return word;
    const message = `Record is ignored: ${key} cannot be ${shown(field.value) || "empty"}`;
    return this.warn(field.offset, message, words.join(" or "));
  }

  get #start(): number {
    return /^[ \t]*/.exec(this.#line.text)?.[0].length ?? 0;
  }
}
