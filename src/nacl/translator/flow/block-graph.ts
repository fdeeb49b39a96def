import { FACTS, FLOW, NO_FORM } from "../../x86/index.ts";
import type { GuestText } from "../guest/index.ts";

/** Basic blocks of a text. A block is a number; its instructions are `first` to `last`. */
export class BlockGraph {
  readonly text: GuestText;
  readonly count: number;
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Block that begins with an instruction, or -1. */
  readonly #byInstruction: Int32Array;
  /** Block behind, where control may go on there; -1 where not. */
  readonly next: Int32Array;
  /** Block of the target of a direct jump; -1 where there is none in the text. */
  readonly target: Int32Array;
  /** Places that an indirect jump may go to within its function, as blocks. */
  readonly tables = new Map<number, readonly number[]>();

  /** @param leaders instructions that begin a block besides those that jumps make. */
  constructor(text: GuestText, leaders: Iterable<number>) {
    this.text = text;
    const { count } = text.instructions;
    const isLeader = new Uint8Array(count + 1);
    isLeader[0] = 1;
    for (const leader of leaders) isLeader[leader] = 1;
    markLeaders(text, isLeader);
    this.#byInstruction = new Int32Array(count + 1).fill(-1);
    let blocks = 0;
    for (let at = 0; at < count; at++) if (isLeader[at] === 1) this.#byInstruction[at] = blocks++;
    this.count = blocks;
    this.first = new Int32Array(blocks);
    this.last = new Int32Array(blocks);
    this.next = new Int32Array(blocks).fill(-1);
    this.target = new Int32Array(blocks).fill(-1);
    for (let at = 0, block = -1; at < count; at++) {
      if (isLeader[at] === 1) this.first[++block] = at;
      this.last[block] = at;
    }
    for (let block = 0; block < blocks; block++) this.#link(block);
  }

  /** The block that begins at a guest address, or -1. */
  at(address: number): number {
    return this.#byInstruction[this.text.at(address)] ?? -1;
  }

  addressOf(block: number): number {
    return this.text.addressOf(this.first[block] ?? 0);
  }

  /** How the last instruction of a block hands on control: a code of `FLOW`. */
  flowOf(block: number): number {
    return flowOf(this.text, this.last[block] ?? 0);
  }

  /** Calls `visit` for each block that may come next in the same function. */
  successors(block: number, visit: (next: number) => void): void {
    const target = this.target[block] ?? -1;
    const next = this.next[block] ?? -1;
    if (target >= 0) visit(target);
    if (next >= 0 && next !== target) visit(next);
    const table = this.tables.get(block);
    if (table !== undefined) for (const place of table) visit(place);
  }

  #link(block: number): void {
    const last = this.last[block] ?? 0;
    const flow = flowOf(this.text, last);
    if (flow !== FLOW.jump && flow !== FLOW["indirect-jump"] && flow !== FLOW.halt) {
      this.next[block] = this.#byInstruction[last + 1] ?? -1;
    }
    if (flow === FLOW.jump || flow === FLOW.branch) {
      this.target[block] = this.at(this.text.targetOf(last));
    }
  }
}

/** How an instruction hands on control: a code of `FLOW`. */
export function flowOf(text: GuestText, instruction: number): number {
  const form = text.instructions.form[instruction] ?? NO_FORM;
  return form === NO_FORM ? FLOW.halt : (FACTS.flow[form] ?? FLOW.next);
}

function markLeaders(text: GuestText, isLeader: Uint8Array): void {
  const { count } = text.instructions;
  for (let at = 0; at < count; at++) {
    const flow = flowOf(text, at);
    if (flow === FLOW.next) continue;
    isLeader[at + 1] = 1;
    if (flow === FLOW.jump || flow === FLOW.branch || flow === FLOW.call) {
      const target = text.at(text.targetOf(at));
      if (target >= 0) isLeader[target] = 1;
    }
  }
}
