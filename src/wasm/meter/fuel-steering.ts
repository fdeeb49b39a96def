import { type BodyEdits, type ControlStack, OP } from "../rewrite/index.ts";
import { EDIT } from "./edit-kind.ts";
import { FuelRuns } from "./fuel-runs.ts";

const NONE = -1;

/** Begins and ends runs as control flow goes, and finds the loops that are tight. */
export class FuelSteering {
  readonly runs: FuelRuns;
  readonly #edits: BodyEdits;
  readonly #control: ControlStack;
  hasLoop = false;
  hasTightLoop = false;
  /** The edit with which a loop began that so far has no other in it and calls nothing. */
  #tightLoop = NONE;

  constructor(edits: BodyEdits, control: ControlStack) {
    this.runs = new FuelRuns(edits, control);
    this.#edits = edits;
    this.#control = control;
  }

  /** Begins a function at its first instruction. */
  begin(at: number): void {
    this.hasLoop = false;
    this.hasTightLoop = false;
    this.#tightLoop = NONE;
    this.runs.begin(at);
  }

  /** Before an instruction by which others read the fuel. */
  spill(at: number): void {
    this.#tightLoop = NONE;
    this.#edits.insert(at, EDIT.SPILL, 0);
  }

  /**
   * Behind an instruction that steers. `block` is the opcode of the block in which it stands,
   * `isReached` whether it can be reached itself.
   */
  steer(opcode: number, at: number, block: number, isReached: boolean): void {
    const { runs } = this;
    const control = this.#control;
    switch (opcode) {
      case OP.BLOCK:
      case OP.TRY:
      case OP.TRY_TABLE:
        runs.open();
        return;
      case OP.LOOP:
      case OP.IF:
        runs.end();
        runs.open();
        if (!isReached) return;
        if (opcode === OP.LOOP) this.#startLoop(at);
        else runs.start(at, EDIT.CHARGE);
        return;
      case OP.ELSE:
      case OP.CATCH:
      case OP.CATCH_ALL:
        runs.end();
        if (!control.isDead) runs.start(at, EDIT.CHARGE);
        return;
      case OP.END:
      case OP.DELEGATE:
        if (control.depth === 0) runs.end();
        else runs.close(at, isReached, isPlainBlock(block));
        if (block === OP.LOOP) this.#endLoop();
        return;
      case OP.BR_IF:
        runs.exit(at);
        return;
      default:
        runs.end();
    }
  }

  #startLoop(at: number): void {
    this.hasLoop = true;
    this.#tightLoop = this.#edits.count;
    this.runs.start(at, EDIT.CHARGE_CHECKED);
  }

  /** In a tight loop the fuel is not written through: a store for each turn costs too much. */
  #endLoop(): void {
    if (this.#tightLoop === NONE) return;
    this.hasTightLoop = true;
    for (let index = this.#tightLoop; index < this.#edits.count; index++) {
      const kind = this.#edits.kind(index);
      if (kind === EDIT.CHARGE) this.#edits.setKind(index, EDIT.CHARGE_TIGHT);
      if (kind === EDIT.CHARGE_CHECKED) this.#edits.setKind(index, EDIT.CHARGE_CHECKED_TIGHT);
    }
    this.#tightLoop = NONE;
  }
}

/** Blocks that are entered at their beginning only and have one way through. */
function isPlainBlock(opcode: number): boolean {
  return opcode !== OP.LOOP && opcode !== OP.IF && opcode !== OP.ELSE;
}
