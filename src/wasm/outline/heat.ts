import { type ModuleDraft, OP, TYPE } from "../rewrite/index.ts";
import { constant, op, opIndex } from "./emit.ts";
import type { Frame } from "./frame.ts";

/** What a module exports in which the host optimises loops that are worth it. */
export const HEAT_EXPORTS = {
  /** A table of functions, each of which is a loop to its end. */
  LOOPS: "zvm.hot",
  /**
   * A table of one function, which the host may replace: called with the place of a loop in
   * `LOOPS` each time before that is. What it does may change nothing but how fast the loop is.
   */
  HEAT: "zvm.heat",
} as const;

/** How a module tells the host of loops that have gone round often. */
export class Heat {
  readonly #draft: ModuleDraft;
  readonly #type: number;
  readonly #table: number;
  readonly #loops: number[] = [];

  constructor(draft: ModuleDraft) {
    this.#draft = draft;
    this.#type = draft.functionType([TYPE.I32], []);
    const nothing = draft.addFunction(this.#type, (out) => out.all([0, OP.END]));
    this.#table = draft.addFilledTable([nothing]);
    draft.addExport(HEAT_EXPORTS.HEAT, "table", this.#table);
  }

  /** Notes the function of a loop, in the order of their indices. */
  addLoop(functionIndex: number): void {
    this.#loops.push(functionIndex);
  }

  /** Writes the call that comes before that of a loop's function. */
  tell({ writer }: Frame, functionIndex: number): void {
    constant(writer, this.#loops.indexOf(functionIndex));
    op(writer, OP.I32_CONST, 0);
    opIndex(writer, OP.CALL_INDIRECT, this.#type);
    writer.unsigned(this.#table);
  }

  /** Exports the loops, when there are no more. */
  finish(): void {
    const table = this.#draft.addFilledTable(this.#loops);
    this.#draft.addExport(HEAT_EXPORTS.LOOPS, "table", table);
  }
}
