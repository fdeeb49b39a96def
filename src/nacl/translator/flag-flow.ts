import type { Emitter } from "./emit/index.ts";
import { endsInCall, type FunctionPlan, jumpsOut, type Shape } from "./flow/index.ts";
import { GLOBAL, STATUS_FLAGS } from "./guest/index.ts";
import type { ProgramScope } from "./transfers.ts";

/** How the flags get from one block to the next: as what they follow from, or as bits. */
export class FlagFlow {
  readonly #scope: ProgramScope;
  readonly #plan: FunctionPlan;
  readonly #shape: Shape;
  readonly #emitter: Emitter;
  readonly #flagsOut = new Map<number, Pick<Emitter["flags"], "kind" | "size">>();

  constructor(scope: ProgramScope, plan: FunctionPlan, shape: Shape, emitter: Emitter) {
    this.#scope = scope;
    this.#plan = plan;
    this.#shape = shape;
    this.#emitter = emitter;
  }

  /** Flags at the start of a node: those of the only node before, else bits. */
  enter(node: number): void {
    const { flags, code } = this.#emitter;
    const wanted = this.#plan.flagsIn[node] ?? 0;
    const before = this.#inheritsFrom(node);
    const then = before === undefined ? undefined : this.#flagsOut.get(before);
    if (wanted === 0) flags.set("none");
    else if (then !== undefined) flags.set(then.kind, then.size);
    else flags.set("bits");
    if (node === 0 && wanted !== 0) code.globalGet(GLOBAL.FLAGS).set(flags.bits);
  }

  /** Puts the flags into bits where a node that comes next wants them so. */
  settle(node: number, block: number): void {
    const { graph, traffic } = this.#scope;
    const { flags, code } = this.#emitter;
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
      code.set(flags.bits);
    }
    if (outside === 0) return;
    flags.push(outside);
    code.globalSet(GLOBAL.FLAGS);
  }

  #inheritsFrom(node: number): number | undefined {
    const before = this.#shape.dominance.predecessors[node] ?? [];
    if (node === 0 || before.length !== 1) return undefined;
    const [only = 0] = before;
    if (only >= this.#shape.blockCount) return undefined;
    return endsInCall(this.#scope.graph, this.#plan.blocks[only] ?? 0) ? undefined : only;
  }
}
