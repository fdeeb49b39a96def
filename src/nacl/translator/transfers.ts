import {
  addToStackPointer,
  type Emitter,
  type ModuleScope,
  pushStackAddress,
} from "./emit/index.ts";
import {
  type BlockGraph,
  type FunctionPlan,
  PASSED,
  type Partition,
  storesOf,
  type Traffic,
} from "./flow/index.ts";
import { BASE_HIGH, GLOBAL } from "./guest/index.ts";
import { flagsOfJumpTo, pushFlagsOfJump } from "./jump-flags.ts";
import type { Code, StoreChecks } from "./wasm/index.ts";

/** First address behind the null page, where the calls of the host are. */
export const TRAMPOLINES_START = 0x10000;

/** The module that functions are built for. */
export interface ProgramScope extends ModuleScope {
  readonly graph: BlockGraph;
  readonly partition: Partition;
  readonly traffic: Traffic;
  /** Index of the type that all guest functions have. */
  readonly functionType: number;
  /** Address of the first slot of the tables. */
  readonly tableStart: number;
  /** Slots of the tables that are for addresses; the one behind is for all others. */
  readonly slotCount: number;
  /** What stands in for stores, where they are checked. */
  readonly checks: StoreChecks | undefined;
  /** Whether it is kept which code was made of which instruction. */
  readonly keepsPlaces: boolean;
  /** Function of a guest address in this module. */
  functionAt(address: number): number | undefined;
}

/** Emits what hands on control from one function to another, with the registers. */
export class Transfers {
  readonly #scope: ProgramScope;
  readonly #plan: FunctionPlan;
  readonly #code: Code;
  readonly #emitter: Emitter;

  constructor(scope: ProgramScope, plan: FunctionPlan, emitter: Emitter) {
    this.#scope = scope;
    this.#plan = plan;
    this.#code = emitter.code;
    this.#emitter = emitter;
  }

  /** Calls, or jumps to, a guest address that is known. */
  callAddress(address: number, tail: boolean): void {
    const code = this.#code;
    const known = this.#scope.functionAt(address);
    if (known === undefined) {
      code.i32(address).tee(this.target).globalSet(GLOBAL.DIRECT);
      this.callTarget(tail);
      return;
    }
    if (address < this.#scope.graph.text.start) code.i32(address).globalSet(GLOBAL.PC);
    this.pushPassed();
    if (tail) code.returnCall(known);
    else code.call(known);
  }

  /** Local of the address that `callTarget` goes to. */
  get target(): number {
    return this.#emitter.int("target", 4);
  }

  /** Calls, or jumps to, the guest address in the local `target`, by the table. */
  callTarget(tail: boolean): void {
    const { target } = this;
    const code = this.#code;
    const { tableStart, slotCount, functionType } = this.#scope;
    const slot = this.#emitter.int("slot", 4);
    code.get(target).globalSet(GLOBAL.PC);
    this.pushPassed();
    code.get(target).i32(tableStart).i32op("SUB").i32(5).i32op("SHR_U").tee(slot);
    code.i32(slotCount).get(slot).i32(slotCount).i32op("LT_U").select();
    if (tail) code.returnCallIndirect(functionType, 0);
    else code.callIndirect(functionType, 0);
  }

  /** Pushes the registers that are passed as parameters and results. */
  pushPassed(): void {
    for (const register of PASSED) this.#code.get(this.#emitter.register(register));
  }

  /** Pushes what a function gives back: an address to go on at, and registers. */
  pushResults(pushAddress: () => void): void {
    pushAddress();
    this.pushPassed();
  }

  /** Stores registers into their globals, as a node has to that leaves the function. */
  store(node: number): void {
    const { graph, partition, traffic } = this.#scope;
    const set = storesOf(graph, this.#plan, node, partition, traffic.registers);
    for (let register = 0; register < 32; register++) {
      if (((set >>> register) & 1) === 0) continue;
      this.#code.get(this.#emitter.register(register)).globalSet(register);
    }
  }

  /** Loads registers from their globals, but for those that are passed. */
  load(set: number): void {
    for (let register = 0; register < 32; register++) {
      if (((set >>> register) & 1) === 0) continue;
      if ((PASSED as readonly number[]).includes(register)) continue;
      this.#code.globalGet(register).set(this.#emitter.register(register));
    }
  }

  /** Calls a function; leaves the address that it gave back on the stack. */
  call(node: number, block: number, direct: boolean, behind: number): void {
    const { graph, traffic } = this.#scope;
    const emitter = this.#emitter;
    const code = this.#code;
    const last = graph.last[block] ?? 0;
    if (direct) {
      const called = graph.at(graph.text.targetOf(last));
      const wanted = traffic.flags.get(called) ?? 0;
      if (wanted !== 0) {
        emitter.flags.push(wanted);
        code.globalSet(GLOBAL.FLAGS);
      }
    } else {
      emitter.getRegister(graph.text.instructions.rm[last] ?? 0, 4);
      code.set(this.target);
    }
    addToStackPointer(emitter, -8);
    pushStackAddress(emitter);
    code.i64(behind, BASE_HIGH);
    emitter.storeMemory(0, 8);
    this.store(node);
    if (direct) this.callAddress(graph.text.targetOf(last), false);
    else this.callTarget(false);
    for (const register of [...PASSED].reverse()) code.set(emitter.register(register));
  }

  /** The return sequence is a computed jump. */
  flagsAfterReturn(address: number): void {
    this.#code.i32(flagsOfJumpTo(address)).set(this.#emitter.flags.bits);
  }

  /** Flags for blocks of the function, of which one is jumped to: its address is in a local. */
  flagsAfterJump(target: number, blocks: readonly number[]): void {
    const { nodeOf, flagsIn } = this.#plan;
    if (blocks.every((block) => (flagsIn[nodeOf.get(block) ?? 0] ?? 0) === 0)) return;
    pushFlagsOfJump(this.#code, target);
    this.#code.set(this.#emitter.flags.bits);
  }
}
