import { OP, TYPE } from "../../wasm/rewrite/index.ts";
import { FLOW, FORMS, NO_FORM } from "../x86/index.ts";
import { BlockInstructions } from "./block-instructions.ts";
import { Emitter, FAULT, pushBranchCondition } from "./emit/index.ts";
import { FlagFlow } from "./flag-flow.ts";
import { endsInCall, type FunctionPlan, PASSED, type Shape, shapeOf } from "./flow/index.ts";
import { type ProgramScope, Transfers } from "./transfers.ts";
import { Code, CodePlaces } from "./wasm/index.ts";
import { COMPUTED, WaysOut } from "./ways-out.ts";

const NESTING_MAX = 400;
/** Bundles between the first and the last target of one choice, at most. */
const SPAN_MAX = 32_768;

/** Blocks are nested deeper than engines take: the function has to be built flat. */
export class TooDeep extends Error {}

/** Emits blocks in the order of a shape, with the jumps between them. */
export class FunctionBuilder {
  readonly #scope: ProgramScope;
  readonly #plan: FunctionPlan;
  readonly #shape: Shape;
  readonly #code: Code;
  readonly #emitter: Emitter;
  readonly #transfers: Transfers;
  readonly #instructions: BlockInstructions;
  readonly #resumed: number;
  readonly #choice: number;
  /** Depth of the code inside of the label of a node. */
  readonly #labels = new Map<number, number>();
  readonly #flags: FlagFlow;
  readonly #ways: WaysOut;
  #nesting = 0;
  #loops = 0;
  #exitDepth = 0;

  constructor(scope: ProgramScope, plan: FunctionPlan, flat: boolean) {
    this.#scope = scope;
    this.#plan = plan;
    const { tables } = scope.graph;
    const choices = plan.blocks.flatMap((block, node) => (tables.has(block) ? [node] : []));
    this.#shape = shapeOf(plan.successors, new Set(choices), flat);
    this.#code = new Code(PASSED.length, 64 * plan.blocks.length, scope.checks);
    if (scope.keepsPlaces) this.#code.places = new CodePlaces();
    this.#emitter = new Emitter(this.#code, scope.graph.text, scope, PASSED);
    this.#transfers = new Transfers(scope, plan, this.#emitter);
    this.#instructions = new BlockInstructions(scope, plan, this.#emitter);
    this.#resumed = this.#code.local(TYPE.I32);
    this.#choice = this.#code.local(TYPE.I32);
    this.#flags = new FlagFlow(scope, plan, this.#shape, this.#emitter);
    this.#ways = new WaysOut(this.#code, this.#transfers, this.#choice);
  }

  build(): Code {
    const code = this.#code;
    this.#transfers.load(this.#plan.liveIn[0] ?? 0);
    this.#ways.open();
    code.block();
    this.#exitDepth = code.depth;
    this.#tree(0);
    code.op(OP.UNREACHABLE).end();
    this.#transfers.pushResults(() => code.get(this.#resumed));
    code.op(OP.RETURN);
    this.#ways.close();
    return code;
  }

  /** Emits a node and all that it dominates. */
  #tree(start: number): void {
    if (++this.#nesting > NESTING_MAX) throw new TooDeep();
    const { isLoop, labelsBehind } = this.#shape;
    for (let node = start; node >= 0; ) {
      const behind = labelsBehind[node] ?? [];
      this.#openLabels(behind);
      const loops = isLoop[node] === 1;
      if (loops) this.#loop(node);
      let follow = loops ? -1 : this.#labelled(node);
      for (const [at, label] of behind.entries()) {
        this.#code.end();
        if (at === behind.length - 1) follow = label;
        else this.#tree(label);
      }
      node = follow;
    }
    this.#nesting--;
  }

  #loop(node: number): void {
    const code = this.#code;
    code.loop();
    this.#loops++;
    this.#labels.set(node, code.depth);
    const follow = this.#labelled(node);
    if (follow >= 0) this.#tree(follow);
    code.end();
    this.#loops--;
  }

  /** The label of the first node becomes the innermost. */
  #openLabels(nodes: readonly number[]): void {
    for (let at = nodes.length - 1; at >= 0; at--) {
      this.#code.block();
      this.#labels.set(nodes[at] ?? 0, this.#code.depth);
    }
  }

  /** Emits a node and what stands below it; returns the node that follows, or -1. */
  #labelled(node: number): number {
    const below = this.#shape.labelsBelow[node] ?? [];
    this.#openLabels(below);
    const follow = this.#node(node);
    if (below.length === 0) return follow;
    if (follow >= 0) this.#tree(follow);
    for (const label of below.slice(0, -1)) {
      this.#code.end();
      this.#tree(label);
    }
    this.#code.end();
    return below.at(-1) ?? -1;
  }

  /** Emits a node; returns the one that comes next without a label, or -1. */
  #node(node: number): number {
    if (node >= this.#shape.blockCount) {
      this.#dispatch(node);
      return -1;
    }
    const { graph } = this.#scope;
    const block = this.#plan.blocks[node] ?? 0;
    this.#flags.enter(node);
    const last = graph.last[block] ?? 0;
    const flow = graph.flowOf(block);
    this.#instructions.emit(node, flow === FLOW.next ? last : last - 1);
    return this.#leave(node, block, flow);
  }

  #dispatch(node: number): void {
    const targets = this.#shape.successors[node] ?? [];
    const labels = targets.map((target) => this.#labelOf(target));
    this.#code.get(this.#choice).brTable(labels.slice(0, -1), labels.at(-1) ?? 0);
  }

  #leave(node: number, block: number, flow: number): number {
    const { graph } = this.#scope;
    const behind = graph.text.addressBehind(graph.last[block] ?? 0);
    if (flow === FLOW.halt) return this.#halt(block);
    if (flow === FLOW["indirect-jump"]) return this.#jumpIndirect(node, block);
    if (endsInCall(graph, block)) return this.#call(node, block, flow === FLOW.call, behind);
    this.#flags.settle(node, block);
    if (flow === FLOW.next) return this.#go(node, behind);
    const target = graph.text.targetOf(graph.last[block] ?? 0);
    if (flow === FLOW.jump) return this.#go(node, target);
    pushBranchCondition(this.#emitter);
    this.#goIf(node, target);
    return this.#go(node, behind);
  }

  /** Takes a condition from the stack and goes to an address if it holds. */
  #goIf(node: number, address: number): void {
    const code = this.#code;
    const inside = this.#plan.nodeOf.get(this.#scope.graph.at(address));
    if (inside !== undefined && !this.#isRouted(inside) && this.#hasLabel(node, inside)) {
      code.brIf(this.#labelOf(inside));
      return;
    }
    code.if();
    const { kind, size } = this.#emitter.flags;
    const follow = this.#go(node, address);
    if (follow >= 0) this.#tree(follow);
    this.#emitter.flags.set(kind, size);
    code.end();
  }

  /** Goes to an address; returns its node where that is to be emitted right here, else -1. */
  #go(node: number, address: number): number {
    const code = this.#code;
    const inside = this.#plan.nodeOf.get(this.#scope.graph.at(address));
    if (inside === undefined) {
      this.#transfers.store(node);
      this.#ways.go(address, this.#loops > 0);
      return -1;
    }
    if (this.#isRouted(inside)) {
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

  #isRouted(to: number): boolean {
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
    const code = this.#code;
    this.#transfers.call(node, block, direct, behind);
    code.tee(this.#resumed).i32(behind).i32op("NE");
    code.brIf(code.depth - this.#exitDepth);
    const next = this.#plan.nodeOf.get(this.#scope.graph.next[block] ?? -1);
    if (next !== undefined) {
      this.#transfers.load(this.#plan.liveIn[next] ?? 0);
      if ((this.#plan.flagsIn[next] ?? 0) !== 0) this.#transfers.flagsAfterReturn(behind);
    }
    return this.#go(node, behind);
  }

  #jumpIndirect(node: number, block: number): number {
    const { graph, partition } = this.#scope;
    const code = this.#code;
    const register = graph.text.instructions.rm[graph.last[block] ?? 0] ?? 0;
    if (partition.origins.get(block)?.kind === "return") {
      this.#transfers.store(node);
      this.#transfers.pushResults(() => this.#emitter.getRegister(register, 4));
      code.op(OP.RETURN);
      return -1;
    }
    const { target } = this.#transfers;
    this.#emitter.getRegister(register, 4);
    code.set(target);
    const table = graph.tables.get(block);
    if (table !== undefined) this.#choose(node, target, table);
    this.#transfers.store(node);
    this.#ways.go(COMPUTED, this.#loops > 0);
    return -1;
  }

  /** Jumps to the block of the table that has the address; goes on behind if there is none. */
  #choose(node: number, target: number, table: readonly number[]): void {
    const { graph } = this.#scope;
    const code = this.#code;
    const places = table.filter((block) => this.#plan.nodeOf.has(block));
    const start = graph.addressOf(places.reduce((least, it) => Math.min(least, it), graph.count));
    const span = Math.max(...places.map((block) => graph.addressOf(block) - start)) >> 5;
    if (places.length === 0 || span > SPAN_MAX) return;
    this.#transfers.flagsAfterJump(target, places);
    code.block();
    const otherwise = code.depth;
    const routed = places.filter((block) => this.#isRouted(this.#plan.nodeOf.get(block) ?? 0));
    for (const _ of routed) code.block();
    const none = code.depth - otherwise;
    const slots = new Array<number>(span + 1).fill(none);
    for (const block of places) {
      const order = routed.indexOf(block);
      const label = order >= 0 ? order : this.#labelOf(this.#plan.nodeOf.get(block) ?? 0);
      slots[(graph.addressOf(block) - start) >> 5] = label;
    }
    code.get(target).i32(start).i32op("SUB").i32(5).i32op("ROTR").brTable(slots, none);
    for (const block of routed) {
      code.end();
      this.#go(node, graph.addressOf(block));
    }
    code.end();
  }
}
