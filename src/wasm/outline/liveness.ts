import { OP } from "../rewrite/index.ts";
import type { FunctionCode } from "./function-code.ts";
import { LocalSets } from "./local-sets.ts";

/** Instructions and constructs, times words of a set: what one sweep may cost. */
const SWEEP_WORDS_MAX = 1_000_000;
/** Sweeps over the body until nothing changes; a nest of loops needs about one a level. */
const SWEEPS_MAX = 40;

/** Which locals are still read later, at the labels of a function. */
export class Liveness {
  readonly sets: LocalSets;
  readonly #code: FunctionCode;
  /** The row of what is live at the present instruction. */
  readonly #live: number;

  private constructor(code: FunctionCode) {
    this.#code = code;
    this.#live = 2 * code.constructs.length;
    this.sets = new LocalSets(this.#live + 1, code.locals.length);
  }

  /** @returns undefined for a function that is too tangled to be worth it. */
  static of(code: FunctionCode): Liveness | undefined {
    const size = code.opcodes.length + code.constructs.length;
    if (size * Math.ceil(code.locals.length / 32) > SWEEP_WORDS_MAX) return undefined;
    const liveness = new Liveness(code);
    for (let sweep = 0; sweep < SWEEPS_MAX; sweep++) {
      if (!liveness.#sweep()) return liveness;
    }
    return undefined;
  }

  /** The row of what is live behind the end of the construct. */
  behind(construct: number): number {
    return construct;
  }

  /** The row of what is live where a branch to the construct arrives. */
  atLabel(construct: number): number {
    const isLoop = this.#code.constructs[construct]?.kind === "loop";
    return isLoop ? this.#inner(construct) : construct;
  }

  /** The row of what is live at the head of a loop, or at the `else` of an `if`. */
  #inner(construct: number): number {
    return this.#code.constructs.length + construct;
  }

  /** Goes over the body once, backwards. @returns whether a loop's head got more. */
  #sweep(): boolean {
    const { opcodes, operands } = this.#code;
    const { sets } = this;
    const live = this.#live;
    sets.clear(live);
    let isChanged = false;
    for (let index = opcodes.length - 1; index >= 0; index--) {
      const operand = operands[index] ?? 0;
      switch (opcodes[index]) {
        case OP.LOCAL_GET:
          sets.add(live, operand);
          break;
        case OP.LOCAL_SET:
        case OP.LOCAL_TEE:
          sets.remove(live, operand);
          break;
        case OP.LOOP:
          if (sets.unite(this.#inner(operand), live)) isChanged = true;
          break;
        default:
          this.#step(index, operand);
      }
    }
    return isChanged;
  }

  #step(index: number, operand: number): void {
    const { sets } = this;
    const live = this.#live;
    switch (this.#code.opcodes[index]) {
      case OP.END:
        sets.copy(this.behind(operand), live);
        return;
      case OP.ELSE:
        sets.copy(this.#inner(operand), live);
        sets.copy(live, this.behind(operand));
        return;
      case OP.IF: {
        const hasElse = (this.#code.constructs[operand]?.otherwise ?? -1) >= 0;
        sets.unite(live, hasElse ? this.#inner(operand) : this.behind(operand));
        return;
      }
      case OP.BR:
        sets.copy(live, this.atLabel(operand));
        return;
      case OP.BR_IF:
        sets.unite(live, this.atLabel(operand));
        return;
      case OP.BR_TABLE:
        this.#table(this.#code.tables.get(index) ?? []);
        return;
      case OP.RETURN:
      case OP.UNREACHABLE:
      case OP.RETURN_CALL:
      case OP.RETURN_CALL_INDIRECT:
        sets.clear(live);
        return;
    }
  }

  #table(targets: readonly number[]): void {
    this.sets.clear(this.#live);
    for (const target of new Set(targets)) this.sets.unite(this.#live, this.atLabel(target));
  }
}
