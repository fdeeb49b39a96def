import { ByteWriter } from "../rewrite/index.ts";
import type { ValueType } from "./function-type.ts";

/** A function that is being written: its code, its locals and the labels that are open. */
export class Frame {
  readonly writer: ByteWriter;
  /** Targets whose labels are open, innermost last; `NO_TARGET` for those nothing else aims at. */
  readonly labels: number[];
  /** Types of the locals behind the parameters. */
  readonly #declared: ValueType[];
  readonly #parameterCount: number;
  /** The number here of each local of the original function; absent before it is mentioned. */
  readonly #numbers: Map<number, number> | undefined;
  /** Offsets in the code of branches that are rarely taken. */
  readonly #rare: number[] = [];
  readonly #slots = new Map<ValueType, number[]>();

  /**
   * @param declared types of the locals that are there already, behind the parameters
   * @param numbers where locals have other numbers than in the original
   */
  constructor(
    labels: number[],
    parameterCount: number,
    declared: readonly ValueType[],
    numbers?: Map<number, number>,
  ) {
    this.writer = new ByteWriter(1024);
    this.labels = labels;
    this.#parameterCount = parameterCount;
    this.#declared = [...declared];
    this.#numbers = numbers;
  }

  /** Whether locals keep their numbers. */
  get isOriginal(): boolean {
    return this.#numbers === undefined;
  }

  /** The number here of a local of the original function. */
  localOf(original: number, type: ValueType): number {
    if (this.#numbers === undefined) return original;
    const known = this.#numbers.get(original);
    if (known !== undefined) return known;
    const added = this.addLocal(type);
    this.#numbers.set(original, added);
    return added;
  }

  addLocal(type: ValueType): number {
    this.#declared.push(type);
    return this.#parameterCount + this.#declared.length - 1;
  }

  /** Locals for values of these types: the same ones each time. */
  slotsFor(types: readonly ValueType[]): number[] {
    const used = new Map<ValueType, number>();
    return types.map((type) => {
      const position = used.get(type) ?? 0;
      used.set(type, position + 1);
      const slots = this.#slots.get(type) ?? [];
      this.#slots.set(type, slots);
      const slot = slots[position] ?? this.addLocal(type);
      slots[position] = slot;
      return slot;
    });
  }

  /** Says of the branch that is written next that it is rarely taken. */
  markRare(): void {
    this.#rare.push(this.writer.at);
  }

  /**
   * Writes the body: declarations of locals, and the code.
   * @returns offsets in the body of branches that are rarely taken
   */
  finish(into: ByteWriter): readonly number[] {
    const start = into.at;
    const runs: [number, ValueType][] = [];
    for (const type of this.#declared) {
      const last = runs.at(-1);
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    into.unsigned(runs.length);
    for (const [count, type] of runs) {
      into.unsigned(count);
      into.byte(type);
    }
    const codeStart = into.at - start;
    into.copy(this.writer.bytes, 0, this.writer.at);
    return this.#rare.map((offset) => codeStart + offset);
  }
}
