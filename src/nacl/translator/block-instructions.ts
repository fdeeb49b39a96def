import { OP, TYPE } from "../../wasm/rewrite/index.ts";
import { FORMS, NO_FORM } from "../x86/index.ts";
import {
  type Emitter,
  FAULT,
  type FloatRun,
  FloatRunPlanner,
  HANDLERS,
  pushAnyNan,
} from "./emit/index.ts";
import { type FunctionPlan, flagsAtEnd, liveAtEnd, storesOf } from "./flow/index.ts";
import { GLOBAL } from "./guest/index.ts";
import type { ProgramScope } from "./transfers.ts";

/** Emits the instructions of the nodes of one function. */
export class BlockInstructions {
  readonly #scope: ProgramScope;
  readonly #plan: FunctionPlan;
  readonly #emitter: Emitter;
  readonly #runs: FloatRunPlanner;

  constructor(scope: ProgramScope, plan: FunctionPlan, emitter: Emitter) {
    this.#scope = scope;
    this.#plan = plan;
    this.#emitter = emitter;
    this.#runs = new FloatRunPlanner(scope.graph.text);
  }

  /**
   * Emits a node up to one of its instructions, each with what is live behind it; then the emitter
   * stands at the last one of the node.
   */
  emit(node: number, last: number): void {
    const block = this.#plan.blocks[node] ?? 0;
    const { graph } = this.#scope;
    const first = graph.first[block] ?? 0;
    const end = graph.last[block] ?? 0;
    const flags = this.#flagsBehind(node, first, end);
    const flagsLive = (at: number) => flags[at - first] ?? 0;
    this.#emitter.noted = -1;
    this.#emitter.upper.forget();
    this.#emitter.low.begin(end);
    let next = first;
    for (const run of this.#runsOf(node, first, last, flagsLive)) {
      this.#emitAll(next, run.start, flagsLive);
      this.#emitRun(run, flagsLive);
      next = run.end;
    }
    this.#emitAll(next, last + 1, flagsLive);
    this.#emitter.low.settle(this.#registersBehind(node, end));
    this.#emitter.begin(end, flagsLive(end));
  }

  /** Status flags that are live behind each instruction of a block. */
  #flagsBehind(node: number, first: number, end: number): number[] {
    const { graph, traffic } = this.#scope;
    const { effects } = graph.text;
    const live: number[] = [];
    let flags = flagsAtEnd(graph, this.#plan, node, traffic.flags);
    for (let at = end; at >= first; at--) {
      live[at - first] = flags;
      flags = (flags & ~(effects.flagsKilled[at] ?? 0)) | (effects.flagsRead[at] ?? 0);
    }
    return live;
  }

  #runsOf(
    node: number,
    first: number,
    last: number,
    flagsLive: (at: number) => number,
  ): readonly FloatRun[] {
    if (!this.#scope.exactNans) return [];
    return this.#runs.find(first, last, flagsLive, (at) => this.#registersBehind(node, at));
  }

  /** Registers that are live behind an instruction of a node. */
  #registersBehind(node: number, at: number): number {
    const { graph, partition, traffic } = this.#scope;
    const { reads, writes } = graph.text.effects;
    const stores = () => storesOf(graph, this.#plan, node, partition, traffic.registers);
    let live = liveAtEnd(graph, this.#plan, node, stores);
    for (let back = graph.last[this.#plan.blocks[node] ?? 0] ?? 0; back > at; back--) {
      live = (live & ~(writes[back] ?? 0)) | (reads[back] ?? 0);
    }
    return live;
  }

  #emitAll(start: number, end: number, flagsLive: (at: number) => number): void {
    for (let at = start; at < end; at++) this.#emitOne(at, flagsLive(at));
  }

  #emitOne(at: number, flagsLive: number): void {
    const { text } = this.#scope.graph;
    const emitter = this.#emitter;
    emitter.begin(at, flagsLive);
    const form = FORMS[text.instructions.form[at] ?? NO_FORM];
    const isKnown = form?.vex === undefined || this.#scope.hasUpperHalves;
    const handler = form === undefined || !isKnown ? undefined : HANDLERS[form.id];
    if (handler !== undefined) {
      emitter.low.prepare();
      handler(emitter);
    } else if (form !== undefined) {
      this.#scope.refuse(text.addressOf(at), form);
      emitter.fault(FAULT.UNSUPPORTED);
    }
  }

  #emitRun(run: FloatRun, flagsLive: (at: number) => number): void {
    const emitter = this.#emitter;
    const { code } = emitter;
    const { start, end, saved, suspects } = run;
    const isShown = suspects.length > 0;
    const copies: (readonly [register: number, copy: number])[] = [];
    for (let register = 0; isShown && register < GLOBAL.XMM; register++) {
      if (((saved >>> register) & 1) === 0) continue;
      const copy = emitter.scratch(`saved ${register}`, TYPE.I64);
      code.get(emitter.register(register)).set(copy);
      copies.push([register, copy]);
    }
    const lanesBefore = emitter.low.save(isShown ? saved : 0);
    emitter.defersNans = true;
    this.#emitAll(start, end, flagsLive);
    emitter.defersNans = false;
    if (!isShown) return;
    pushAnyNan(emitter, suspects);
    // Passes that hint at what is rare know it by this.
    code.if().op(OP.NOP);
    for (const [register, copy] of copies) code.get(copy).set(emitter.register(register));
    const { states } = emitter.low;
    emitter.low.restore(lanesBefore);
    this.#emitAll(start, end, flagsLive);
    emitter.low.agree(states);
    code.end();
  }
}
