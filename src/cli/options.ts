import { nearestName, printable, ZvmError } from "../base/index.ts";

/** One option of a command; parser, help and shell completion are made from the same table. */
export interface OptionSpec {
  /** Long name, without the dashes. */
  readonly name: string;
  readonly short?: string;
  /** Placeholder of the value in the help; without it the option is a switch. */
  readonly value?: string;
  /** The value may be left out; it is given with `=` only. */
  readonly optionalValue?: boolean;
  readonly repeat?: boolean;
  readonly choices?: readonly string[];
  /** What a value can begin with or be, among others, for completion. */
  readonly starts?: readonly string[];
  /** Whether the value is a file, for completion. */
  readonly isPath?: boolean;
  /** The long name stands behind one dash too, as compilers have it. */
  readonly hasOneDash?: boolean;
  /** Of several the last holds, as for compilers. */
  readonly lastHolds?: boolean;
  readonly help: string;
}

/** What stood on a command line. */
export class ParsedOptions {
  readonly #values = new Map<string, string[]>();
  readonly operands: readonly string[];

  constructor(values: ReadonlyMap<string, string[]>, operands: readonly string[]) {
    for (const [name, list] of values) this.#values.set(name, list);
    this.operands = operands;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The value that was given last; empty for a switch. */
  last(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

export interface ParseOptions {
  /** Options end at the first operand: what follows belongs to a guest. */
  readonly stopAtOperand: boolean;
}

/** Parses a command line by its table; throws ZVM_USAGE naming what is wrong. */
export function parseOptions(
  command: string,
  specs: readonly OptionSpec[],
  argv: readonly string[],
  { stopAtOperand }: ParseOptions,
): ParsedOptions {
  const reader = new OptionReader(command, specs, argv);
  return reader.read(stopAtOperand);
}

class OptionReader {
  readonly #command: string;
  readonly #specs: readonly OptionSpec[];
  readonly #left: string[];
  readonly #values = new Map<string, string[]>();

  constructor(command: string, specs: readonly OptionSpec[], argv: readonly string[]) {
    this.#command = command;
    this.#specs = specs;
    this.#left = [...argv];
  }

  read(stopAtOperand: boolean): ParsedOptions {
    const operands: string[] = [];
    for (let word = this.#left.shift(); word !== undefined; word = this.#left.shift()) {
      if (word === "--") {
        operands.push(...this.#left.splice(0));
      } else if (word.startsWith("--")) {
        this.#long(word.slice(2));
      } else if (word.startsWith("-") && word.length > 1) {
        if (this.#isLongWithOneDash(word)) this.#long(word.slice(1), "-");
        else this.#short(word.slice(1));
      } else {
        operands.push(word);
        if (stopAtOperand) operands.push(...this.#left.splice(0));
      }
    }
    return new ParsedOptions(this.#values, operands);
  }

  #isLongWithOneDash(word: string): boolean {
    return this.#specs.some(
      ({ name, hasOneDash }) => hasOneDash === true && word.replace(/=.*$/s, "") === `-${name}`,
    );
  }

  #long(text: string, dashes = "--"): void {
    const equals = text.indexOf("=");
    const name = equals < 0 ? text : text.slice(0, equals);
    const spec = this.#specs.find((candidate) => candidate.name === name);
    if (spec === undefined) throw this.#unknown(`--${name}`);
    this.#take(spec, `${dashes}${name}`, equals < 0 ? undefined : text.slice(equals + 1));
  }

  #short(letters: string): void {
    const letter = letters.charAt(0);
    const spec = this.#specs.find((candidate) => candidate.short === letter);
    if (spec === undefined) throw this.#unknown(`-${letter}`);
    const rest = letters.slice(1);
    if (spec.value !== undefined) {
      this.#take(spec, `-${letter}`, rest === "" ? undefined : rest.replace(/^=/, ""));
      return;
    }
    this.#take(spec, `-${letter}`, undefined);
    if (rest !== "") this.#short(rest);
  }

  #take(spec: OptionSpec, shown: string, inline: string | undefined): void {
    if (spec.value === undefined) {
      if (inline !== undefined) throw this.#usage(`${shown} takes no value`);
      this.#keep(spec, "");
      return;
    }
    const value = inline ?? (spec.optionalValue === true ? "" : this.#left.shift());
    if (value === undefined) throw this.#usage(`${shown} needs a value, ${spec.value}`);
    if (spec.choices !== undefined && value !== "" && !spec.choices.includes(value)) {
      throw this.#usage(`${shown} is one of ${spec.choices.join(", ")}, not '${value}'`);
    }
    this.#keep(spec, value);
  }

  #keep(spec: OptionSpec, value: string): void {
    const list = this.#values.get(spec.name) ?? [];
    if (list.length > 0 && spec.repeat !== true && spec.lastHolds !== true) {
      throw this.#usage(`--${spec.name} is given more than once`);
    }
    this.#values.set(spec.name, [...list, value]);
  }

  #unknown(shown: string): ZvmError {
    const names = this.#specs.map(({ name }) => name);
    const meant = shown.startsWith("--") ? nearestName(shown.slice(2), names) : undefined;
    const advice = meant === undefined ? "" : `; did you mean --${meant}?`;
    return this.#usage(`there is no option ${printable(shown)}${advice}`);
  }

  #usage(what: string): ZvmError {
    const help = `zerovm ${this.#command} --help`;
    const joint = what.endsWith("?") ? "" : ";";
    return new ZvmError("ZVM_USAGE", `zerovm ${this.#command}: ${what}${joint} see '${help}'`);
  }
}
