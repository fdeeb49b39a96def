import { OP, TYPE } from "../../wasm/rewrite/index.ts";
import { FLOW, FORMS, NO_FORM } from "../x86/index.ts";
import {
  addToStackPointer,
  Emitter,
  FAULT,
  HANDLERS,
  type ModuleScope,
  pushBranchCondition,
  pushStackAddress,
} from "./emit/index.ts";
import type { BlockGraph, Partition } from "./flow/index.ts";
import {
  endsInCall,
  type FunctionPlan,
  flagsAtEnd,
  jumpsOut,
  PASSED,
  type Shape,
  shapeOf,
  storesOf,
  type Traffic,
} from "./flow/index.ts";
import { GLOBAL, STATUS_FLAGS } from "./guest/index.ts";
import { Code } from "./wasm/index.ts";

/** First address behind the null page: the first slot of the table. */
export const TABLE_START = 0x10000;
const NESTING_MAX = 400;
const BLOCKS_MAX = 20_000;

/** The module that functions are built for. */
export interface ProgramScope extends ModuleScope {
  readonly graph: BlockGraph;
  readonly partition: Partition;
  readonly traffic: Traffic;
  /** Index of the type that all guest functions have. */
  readonly functionType: number;
  /** Slots of the table that are for addresses; the one behind is for all others. */
  readonly slotCount: number;
  /** Function of a guest address in this module. */
  functionAt(address: number): number | undefined;
}

/** Builds the code of one function. */
export function buildFunction(scope: ProgramScope, plan: FunctionPlan): Code {
  if (plan.blocks.length > BLOCKS_MAX) return new FunctionBuilder(scope, plan, true).build();
  try {
    return new FunctionBuilder(scope, plan, false).build();
  } catch (error) {
    if (!(error instanceof TooDeep)) throw error;
    return new FunctionBuilder(scope, plan, true).build();
  }
}

class TooDeep extends Error {}

interface FlagsThen {
  readonly kind: Emitter["flags"]["kind"];
  readonly size: number;
}

/** Emits blocks in the order of a shape, with the jumps between them. */
class FunctionBuilder {
  readonly #scope: ProgramScope;
  readonly #plan: FunctionPlan;
  readonly #shape: Shape;
  readonly #code: Code;
  readonly #emitter: Emitter;
  readonly #resumed: number;
  readonly #choice: number;
  /** Depth of the code inside of the label of a node. */
  readonly #labels = new Map<number, number>();
  readonly #flagsOut = new Map<number, FlagsThen>();
  #nesting = 0;
  #exitDepth = 0;

  constructor(scope: ProgramScope, plan: FunctionPlan, flat: boolean) {
    this.#scope = scope;
    this.#plan = plan;
    const choices = new Set<number>();
    for (const [node, block] of plan.blocks.entries()) {
      if (scope.graph.tables.has(block)) choices.add(node);
    }
    this.#shape = shapeOf(plan.successors, choices, flat);
    this.#code = new Code(PASSED.length, 64 * plan.blocks.length);
    this.#emitter = new Emitter(this.#code, scope.graph.text, scope, PASSED);
    this.#resumed = this.#code.local(TYPE.I32);
    this.#choice = this.#code.local(TYPE.I32);
  }

  build(): Code {
    const code = this.#code;
    this.#load(this.#plan.liveIn[0] ?? 0);
    code.block();
    this.#exitDepth = code.depth;
    this.#tree(0);
    code.op(OP.UNREACHABLE).end();
    this.#pushResults(() => code.get(this.#resumed));
    return code;
  }

  /** Emits a node and all that it dominates. */
  #tree(start: number): void {
    if (++this.#nesting > NESTING_MAX) throw new TooDeep();
    const code = this.#code;
    const { isLoop, labelsBelow } = this.#shape;
    for (let node = start; node >= 0; ) {
      const below = labelsBelow[node] ?? [];
      const loops = isLoop[node] === 1;
      if (loops) {
        code.loop();
        this.#labels.set(node, code.depth);
      }
      for (let at = below.length - 1; at >= 0; at--) {
        code.block();
        this.#labels.set(below[at] ?? 0, code.depth);
      }
      let follow = this.#node(node);
      if (follow >= 0 && (loops || below.length > 0)) {
        this.#tree(follow);
        follow = -1;
      }
      for (const [at, label] of below.entries()) {
        code.end();
        if (!loops && at === below.length - 1) follow = label;
        else this.#tree(label);
      }
      if (loops) code.end();
      node = follow;
    }
    this.#nesting--;
  }

  /** Emits a node; returns the one that comes next without a label, or -1. */
  #node(node: number): number {
    if (node >= this.#shape.blockCount) {
      this.#dispatch(node);
      return -1;
    }
    const { graph } = this.#scope;
    const block = this.#plan.blocks[node] ?? 0;
    this.#enterFlags(node);
    const last = graph.last[block] ?? 0;
    const flow = graph.flowOf(block);
    this.#instructions(node, block, flow === FLOW.next ? last : last - 1);
    return this.#leave(node, block, flow);
  }

  #dispatch(node: number): void {
    const targets = this.#shape.successors[node] ?? [];
    const labels = targets.map((target) => this.#labelOf(target));
    this.#code.get(this.#choice).brTable(labels.slice(0, -1), labels.at(-1) ?? 0);
  }

  /** Flags at the start: those of the only node before, else bits. */
  #enterFlags(node: number): void {
    const { flags } = this.#emitter;
    const wanted = this.#plan.flagsIn[node] ?? 0;
    const before = this.#inheritsFrom(node);
    const then = before === undefined ? undefined : this.#flagsOut.get(before);
    if (wanted === 0) flags.set("none");
    else if (then !== undefined) flags.set(then.kind, then.size);
    else flags.set("bits");
    if (node === 0 && wanted !== 0) this.#code.globalGet(GLOBAL.FLAGS).set(flags.bits);
  }

  #inheritsFrom(node: number): number | undefined {
    const before = this.#shape.dominance.predecessors[node] ?? [];
    if (node === 0 || before.length !== 1) return undefined;
    const [only = 0] = before;
    if (only >= this.#shape.blockCount) return undefined;
    return endsInCall(this.#scope.graph, this.#plan.blocks[only] ?? 0) ? undefined : only;
  }

  #instructions(node: number, block: number, last: number): void {
    const { graph, traffic } = this.#scope;
    const { effects, instructions } = graph.text;
    const first = graph.first[block] ?? 0;
    const live: number[] = [];
    let flags = flagsAtEnd(graph, this.#plan, node, traffic.flags);
    for (let at = graph.last[block] ?? 0; at >= first; at--) {
      live[at - first] = flags;
      flags = (flags & ~(effects.flagsKilled[at] ?? 0)) | (effects.flagsRead[at] ?? 0);
    }
    for (let at = first; at <= last; at++) {
      this.#emitter.begin(at, live[at - first] ?? 0);
      const form = FORMS[instructions.form[at] ?? NO_FORM];
      const handler = form === undefined ? undefined : HANDLERS[form.id];
      if (handler !== undefined) handler(this.#emitter);
      else if (form !== undefined) {
        this.#scope.refuse(graph.text.addressOf(at), form);
        this.#emitter.fault(FAULT.UNSUPPORTED);
      }
    }
    this.#emitter.begin(graph.last[block] ?? 0, live[(graph.last[block] ?? 0) - first] ?? 0);
  }

  #leave(node: number, block: number, flow: number): number {
    const { graph } = this.#scope;
    const behind = graph.text.addressBehind(graph.last[block] ?? 0);
    if (flow === FLOW.halt) return this.#halt(block);
    if (flow === FLOW["indirect-jump"]) return this.#jumpIndirect(node, block);
    if (endsInCall(graph, block)) return this.#call(node, block, flow === FLOW.call, behind);
    this.#settleFlags(node, block);
    if (flow === FLOW.next) return this.#go(node, behind);
    const target = graph.text.targetOf(graph.last[block] ?? 0);
    if (flow === FLOW.jump) return this.#go(node, target);
    pushBranchCondition(this.#emitter);
    this.#goIf(node, target);
    return this.#go(node, behind);
  }

  /** Puts the flags into bits where a node that comes next wants them so. */
  #settleFlags(node: number, block: number): void {
    const { graph, traffic } = this.#scope;
    const { flags } = this.#emitter;
    let wanted = 0;
    let outside = jumpsOut(graph, block) ? STATUS_FLAGS : 0;
    for (const next of [graph.next[block] ?? -1, graph.target[block] ?? -1]) {
      if (next < 0) continue;
      const inside = this.#plan.nodeOf.get(next);
      if (inside === undefined) outside |= traffic.flags.get(next) ?? 0;
      else if (this.#inheritsFrom(inside) !== node) wanted |= this.#plan.flagsIn[inside] ?? 0;
    }
    this.#flagsOut.set(node, { kind: flags.kind, size: flags.size });
    if (wanted !== 0 && flags.kind !== "bits") {
      flags.push(wanted | outside);
      this.#code.set(flags.bits);
    }
    if (outside === 0) return;
    flags.push(outside);
    this.#code.globalSet(GLOBAL.FLAGS);
  }

  /** Takes a condition from the stack and goes to an address if it holds. */
  #goIf(node: number, address: number): void {
    const code = this.#code;
    const inside = this.#plan.nodeOf.get(this.#scope.graph.at(address));
    if (inside !== undefined && !this.#isRouted(node, inside) && this.#hasLabel(node, inside)) {
      code.brIf(this.#labelOf(inside));
      return;
    }
    code.if();
    const flags = { kind: this.#emitter.flags.kind, size: this.#emitter.flags.size };
    const follow = this.#go(node, address);
    if (follow >= 0) this.#tree(follow);
    this.#emitter.flags.set(flags.kind, flags.size);
    code.end();
  }

  /** Goes to an address; returns its node where that is to be emitted right here, else -1. */
  #go(node: number, address: number): number {
    const code = this.#code;
    const inside = this.#plan.nodeOf.get(this.#scope.graph.at(address));
    if (inside === undefined) {
      this.#tailCall(node, address);
      return -1;
    }
    if (this.#isRouted(node, inside)) {
      const dispatcher = this.#shape.dispatcher[inside] ?? 0;
      code.i32((this.#shape.successors[dispatcher] ?? []).indexOf(inside)).set(this.#choice);
      if (!this.#hasLabel(node, dispatcher)) return dispatcher;
      code.br(this.#labelOf(dispatcher));
      return -1;
    }
    if (!this.#hasLabel(node, inside)) return inside;
    code.br(this.#labelOf(inside));
    return -1;
  }

  #isRouted(_node: number, to: number): boolean {
    return (this.#shape.dispatcher[to] ?? -1) !== -1;
  }

  /** Whether a jump goes to a label: back to a loop, or forward to what several jumps reach. */
  #hasLabel(from: number, to: number): boolean {
    const { place } = this.#shape.dominance;
    if ((place[to] ?? 0) <= (place[from] ?? 0)) return true;
    return this.#shape.isLabel[to] === 1;
  }

  #labelOf(node: number): number {
    return this.#code.depth - (this.#labels.get(node) ?? 0);
  }

  #halt(block: number): number {
    const { graph } = this.#scope;
    const form = FORMS[graph.text.instructions.form[graph.last[block] ?? 0] ?? NO_FORM];
    this.#emitter.fault(form?.names[0] === "ud2" ? FAULT.UNDEFINED : FAULT.HALT);
    return -1;
  }

  #call(node: number, block: number, direct: boolean, behind: number): number {
    const { graph, traffic } = this.#scope;
    const emitter = this.#emitter;
    const code = this.#code;
    const last = graph.last[block] ?? 0;
    let target = 0;
    if (direct) {
      const called = graph.at(graph.text.targetOf(last));
      const wanted = traffic.flags.get(called) ?? 0;
      if (wanted !== 0) {
        emitter.flags.push(wanted);
        code.globalSet(GLOBAL.FLAGS);
      }
    } else {
      target = emitter.int("target", 4);
      emitter.getRegister(graph.text.instructions.rm[last] ?? 0, 4);
      code.set(target);
    }
    addToStackPointer(emitter, -8);
    pushStackAddress(emitter);
    code.i64(behind, 0);
    emitter.storeMemory(0, 8);
    this.#store(node);
    if (direct) this.#callAddress(graph.text.targetOf(last), false);
    else this.#callLocal(target, false);
    for (const register of [...PASSED].reverse()) code.set(emitter.register(register));
    code
      .tee(this.#resumed)
      .i32(behind)
      .i32op("NE")
      .brIf(code.depth - this.#exitDepth);
    const next = this.#plan.nodeOf.get(graph.next[block] ?? -1);
    if (next !== undefined) {
      this.#load(this.#plan.liveIn[next] ?? 0);
      if ((this.#plan.flagsIn[next] ?? 0) !== 0) this.#flagsAfterReturn(behind);
    }
    return this.#go(node, behind);
  }

  /** The return sequence ends in an addition, of which the parity depends on the address. */
  #flagsAfterReturn(address: number): void {
    let ones = 0;
    for (let low = address & 0xff; low !== 0; low >>= 1) ones += low & 1;
    this.#code.i32(ones % 2 === 0 ? 2 : 0).set(this.#emitter.flags.bits);
  }

  #jumpIndirect(node: number, block: number): number {
    const { graph, partition } = this.#scope;
    const code = this.#code;
    const register = graph.text.instructions.rm[graph.last[block] ?? 0] ?? 0;
    if (partition.origins.get(block)?.kind === "return") {
      this.#store(node);
      this.#pushResults(() => this.#emitter.getRegister(register, 4));
      code.op(OP.RETURN);
      return -1;
    }
    const target = this.#emitter.int("target", 4);
    this.#emitter.getRegister(register, 4);
    code.set(target);
    const table = graph.tables.get(block);
    if (table !== undefined) this.#choose(node, target, table);
    this.#store(node);
    this.#callLocal(target, true);
    return -1;
  }

  /** Jumps to the block of the table that has the address; goes on behind if there is none. */
  #choose(node: number, target: number, table: readonly number[]): void {
    const { graph } = this.#scope;
    const code = this.#code;
    const places = table.filter((block) => this.#plan.nodeOf.has(block));
    if (places.length === 0) return;
    const start = graph.addressOf(Math.min(...places));
    const slots: number[] = [];
    code.block();
    const otherwise = code.depth;
    // Jumps through a dispatcher first set what it is to choose.
    const routed = places.filter((block) =>
      this.#isRouted(node, this.#plan.nodeOf.get(block) ?? 0),
    );
    for (const _ of routed) code.block();
    const routedDepth = code.depth;
    for (const block of places) {
      const inside = this.#plan.nodeOf.get(block) ?? 0;
      const order = routed.indexOf(block);
      const label = order >= 0 ? order : this.#labelOf(inside);
      slots[(graph.addressOf(block) - start) >> 5] = label;
    }
    const none = routedDepth - otherwise;
    const all = Array.from({ length: slots.length }, (_, slot) => slots[slot] ?? none);
    code.get(target).i32(start).i32op("SUB").i32(5).i32op("ROTR").brTable(all, none);
    for (const block of routed) {
      code.end();
      this.#go(node, graph.addressOf(block));
    }
    code.end();
  }

  /** Jumps to an address outside of the function. */
  #tailCall(node: number, address: number): void {
    this.#store(node);
    this.#callAddress(address, true);
  }

  #callAddress(address: number, tail: boolean): void {
    const code = this.#code;
    const known = this.#scope.functionAt(address);
    if (known === undefined) {
      const target = this.#emitter.int("target", 4);
      code.i32(address).set(target);
      this.#callLocal(target, tail);
      return;
    }
    if (address < this.#scope.graph.text.start) code.i32(address).globalSet(GLOBAL.PC);
    this.#pushPassed();
    if (tail) code.returnCall(known);
    else code.call(known);
  }

  #callLocal(target: number, tail: boolean): void {
    const code = this.#code;
    const { slotCount, functionType } = this.#scope;
    const slot = this.#emitter.int("slot", 4);
    code.get(target).globalSet(GLOBAL.PC);
    this.#pushPassed();
    code.get(target).i32(TABLE_START).i32op("SUB").i32(5).i32op("SHR_U").tee(slot);
    code.i32(slotCount).get(slot).i32(slotCount).i32op("LT_U").select();
    if (tail) code.returnCallIndirect(functionType, 0);
    else code.callIndirect(functionType, 0);
  }

  #pushPassed(): void {
    for (const register of PASSED) this.#code.get(this.#emitter.register(register));
  }

  #pushResults(pushAddress: () => void): void {
    pushAddress();
    this.#pushPassed();
  }

  #store(node: number): void {
    const { graph, partition, traffic } = this.#scope;
    const set = storesOf(graph, this.#plan, node, partition, traffic.registers);
    for (let register = 0; register < 32; register++) {
      if (((set >>> register) & 1) === 0) continue;
      this.#code.get(this.#emitter.register(register)).globalSet(register);
    }
  }

  /** Loads registers from their globals, but for those that are passed. */
  #load(set: number): void {
    for (let register = 0; register < 32; register++) {
      if (((set >>> register) & 1) === 0) continue;
      if ((PASSED as readonly number[]).includes(register)) continue;
      this.#code.globalGet(register).set(this.#emitter.register(register));
    }
  }
}
