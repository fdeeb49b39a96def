import type { BodyEdits, ControlStack } from "../rewrite/index.ts";
import { UNITS_BEHIND_EXIT_MAX } from "./cost-table.ts";
import { EDIT } from "./edit-kind.ts";

/** Numbers kept of each open block: the account, and how many edits there were. */
const STRIDE = 3;
const NONE = -1;

/**
 * Divides a body into runs and sums up what each costs. A run is code that is entered together:
 * it is charged where it begins. It goes on through blocks that it enters and leaves at their
 * end, and behind conditional exits for a short way; arms, bodies of loops, and what follows an
 * unconditional branch are runs of their own.
 *
 * The invariant: the edit to which cost is added lies on every way to the present place, and is
 * passed as often as it. So no code goes uncharged; what is charged too much is code behind an
 * exit that was taken, at most `UNITS_BEHIND_EXIT_MAX` for an exit.
 */
export class FuelRuns {
  readonly #edits: BodyEdits;
  readonly #control: ControlStack;
  #frames = new Int32Array(STRIDE * 64);
  #depth = 0;
  /** The edit that charges the present run. */
  #account = NONE;
  /** An edit behind a conditional exit, which becomes an account if much follows it. */
  #split = NONE;
  /** Cost since `#split`. */
  #tail = 0;

  constructor(edits: BodyEdits, control: ControlStack) {
    this.#edits = edits;
    this.#control = control;
  }

  /** Begins a function at its first instruction. */
  begin(at: number): void {
    this.#depth = 0;
    this.open();
    this.start(at, EDIT.CHARGE);
  }

  /** Adds what an instruction costs. */
  add(cost: number): void {
    if (this.#split === NONE) {
      this.#edits.addValue(this.#account, cost);
      return;
    }
    this.#tail += cost;
    if (this.#tail < UNITS_BEHIND_EXIT_MAX) return;
    this.#account = this.#split;
    this.#edits.setKind(this.#account, EDIT.CHARGE);
    this.#edits.setValue(this.#account, this.#tail);
    this.#split = NONE;
  }

  /** Begins a run. What came before has ended. */
  start(at: number, kind: number): void {
    this.#account = this.#edits.insert(at, kind, 0);
    this.#split = NONE;
  }

  /** Behind an exit that may not be taken. */
  exit(at: number): void {
    if (this.#split !== NONE) return;
    this.#split = this.#edits.insert(at, 0, 0);
    this.#tail = 0;
  }

  /** Ends the present run: what stands behind its last exit is counted to it. */
  end(): void {
    if (this.#split === NONE) return;
    this.#edits.addValue(this.#account, this.#tail);
    this.#split = NONE;
  }

  /** A block begins. */
  open(): void {
    const at = this.#depth * STRIDE;
    if (at === this.#frames.length) {
      const grown = new Int32Array(2 * at);
      grown.set(this.#frames);
      this.#frames = grown;
    }
    this.#frames[at] = this.#account;
    this.#frames[at + 1] = this.#split;
    this.#frames[at + 2] = this.#edits.count;
    this.#depth += 1;
  }

  /**
   * A block ends; `at` is behind its end, `isReached` whether its last instruction leads there.
   * Where that is so, the run goes on in which the block began.
   */
  close(at: number, isReached: boolean, isPlain: boolean): void {
    this.#depth -= 1;
    const place = this.#depth * STRIDE;
    const account = this.#frames[place] ?? NONE;
    const split = this.#frames[place + 1] ?? NONE;
    const editCount = this.#frames[place + 2] ?? 0;
    if (isPlain && isReached && this.#account < editCount && this.#split < editCount) return;
    this.end();
    if (isPlain && !isReached) {
      if (!this.#control.isDead) this.start(at, EDIT.CHARGE);
      return;
    }
    const isSplitCharged = split !== NONE && this.#edits.kind(split) !== 0;
    this.#account = isSplitCharged ? split : account;
    this.exit(at);
  }
}
