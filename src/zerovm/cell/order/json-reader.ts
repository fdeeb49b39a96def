import { printable, ZvmError } from "../../../base/index.ts";

type Key = string | number;

/** What is wrong may quote what came, which is as long as its sender likes. */
const FAILURE_LENGTH_MAX = 200;

/**
 * A value that came over a wire, read field by field: every accessor checks the type and the
 * bounds and throws `ZVM_ORDER` naming the place. Nothing is believed that was not read.
 */
export class JsonReader {
  readonly #value: unknown;
  readonly #parent: JsonReader | undefined;
  readonly #key: Key;

  constructor(value: unknown, name: string);
  constructor(value: unknown, key: Key, parent: JsonReader);
  constructor(value: unknown, key: Key, parent?: JsonReader) {
    this.#value = value;
    this.#key = key;
    this.#parent = parent;
  }

  /** Starts at a text; `name` is what messages call it. */
  static parse(text: string, name: string): JsonReader {
    try {
      return new JsonReader(JSON.parse(text), name);
    } catch (cause) {
      throw new ZvmError("ZVM_ORDER", `The ${name} is no JSON`, { cause });
    }
  }

  /** Refuses every field that is not named; to be called on objects. */
  only(names: readonly string[]): this {
    for (const name of Object.keys(this.#object())) {
      if (!names.includes(name)) this.fail(`has an unknown field ${JSON.stringify(name)}`);
    }
    return this;
  }

  field(name: string): JsonReader {
    const object = this.#object();
    if (!Object.hasOwn(object, name)) this.fail(`has no field "${name}"`);
    return new JsonReader(object[name], name, this);
  }

  optional(name: string): JsonReader | undefined {
    const object = this.#object();
    return Object.hasOwn(object, name) ? new JsonReader(object[name], name, this) : undefined;
  }

  /** The value as it stands, for callers that hand it on to another reader. */
  raw(): unknown {
    return this.#value;
  }

  /** Whether the value is exactly this. */
  is(value: unknown): boolean {
    return this.#value === value;
  }

  list(countMax: number): JsonReader[] {
    return this.rawList(countMax).map((value, index) => new JsonReader(value, index, this));
  }

  /** The elements as they stand, for callers that check them on their own. */
  rawList(countMax: number): readonly unknown[] {
    if (!Array.isArray(this.#value)) this.fail("is no list");
    const values: readonly unknown[] = this.#value;
    if (values.length > countMax) this.fail(`has more than ${countMax} elements`);
    return values;
  }

  text(lengthMax: number): string {
    if (typeof this.#value !== "string") this.fail("is no text");
    if (this.#value.length > lengthMax) this.fail(`is longer than ${lengthMax} characters`);
    return this.#value;
  }

  bytes(lengthMax: number): string {
    const text = this.text(lengthMax);
    if (/[^\0-\xff]/.test(text)) this.fail("is no byte string");
    return text;
  }

  integer(minimum: number, maximum: number): number {
    const value = this.#value;
    if (typeof value !== "number" || !Number.isSafeInteger(value)) this.fail("is no integer");
    if (value < minimum || value > maximum) {
      this.fail(`is ${value}, not within ${minimum} to ${maximum}`);
    }
    return value;
  }

  /** A duration or another measure: finite and not negative. */
  measure(maximum = Number.MAX_VALUE): number {
    const value = this.#value;
    if (typeof value !== "number" || !(value >= 0 && value <= maximum)) {
      this.fail("is no measure");
    }
    return value;
  }

  /** A number that JSON cannot hold exactly, as decimal digits. */
  decimal(maximum: bigint): bigint {
    const text = this.text(20);
    if (!/^(0|[1-9][0-9]*)$/.test(text)) this.fail("is no decimal number");
    const value = BigInt(text);
    if (value > maximum) this.fail(`is more than ${maximum}`);
    return value;
  }

  boolean(): boolean {
    if (typeof this.#value !== "boolean") this.fail("is neither true nor false");
    return this.#value;
  }

  oneOf<Choice extends string | number>(choices: readonly Choice[]): Choice {
    const found = choices.find((choice) => choice === this.#value);
    if (found === undefined) this.fail(`is none of ${choices.join(", ")}`);
    return found;
  }

  fail(what: string): never {
    const shown =
      what.length <= FAILURE_LENGTH_MAX ? what : `${what.slice(0, FAILURE_LENGTH_MAX)}…`;
    throw new ZvmError("ZVM_ORDER", `${this.#place()} ${printable(shown)}`);
  }

  #place(): string {
    if (this.#parent === undefined) return `The ${this.#key}`;
    const before = this.#parent.#place();
    return typeof this.#key === "number" ? `${before}[${this.#key}]` : `${before}.${this.#key}`;
  }

  #object(): Readonly<Record<string, unknown>> {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.fail("is no object");
    }
    return value as Readonly<Record<string, unknown>>;
  }
}
