import { TYPE } from "../../../wasm/rewrite/index.ts";
import { FORMS, NO_FORM, NO_REGISTER } from "../../x86/index.ts";
import type { GuestText } from "../guest/index.ts";
import { GLOBAL } from "../guest/index.ts";
import { V } from "../wasm/index.ts";
import type { ModuleScope } from "./module-scope.ts";
import type { Scratch } from "./scratch.ts";

const COUNT = 16;
/** Instructions that are looked at for the next use of a register. */
const AHEAD_MAX = 16;

/** Where the value of one vector register is. */
interface LaneState {
  /** What the lowest lane is in its own local as, if it is there. */
  readonly low: "single" | "double" | undefined;
  /** Whether the local of the vector has that lane as well. */
  readonly isWhole: boolean;
  /** Whether the other lanes are zero, and in no local. */
  readonly isZero: boolean;
}

/** Where code is written for the instructions of a guest, one after the other. */
interface Place extends Scratch {
  readonly guest: GuestText;
  readonly module: Pick<ModuleScope, "floatModes">;
  /** Number of the current instruction. */
  readonly at: number;
  /** Local of a register. */
  register(register: number): number;
}

const WHOLE: LaneState = { low: undefined, isWhole: true, isZero: false };

/** What an instruction does that works on lowest lanes where they are. */
interface Role {
  readonly kind: "scalar" | "copy" | "splat";
  /** The float that it reads. */
  readonly low: "single" | "double" | undefined;
}

const SCALAR =
  /^(add|sub|mul|div|min|max|sqrt|round|rcp|rsqrt|u?comi|mov|cvtt?)s([sd])(2si\*|2sd|2ss)?$/;
const FROM_INTEGER = /^cvtsi2s([sd])l$/;
const COPY = /^mov(ap[sd]|up[sd]|dqa|dqu)$/;

const ROLES: readonly (Role | undefined)[] = FORMS.map(({ names, operands, vex }) => {
  const [name = ""] = names;
  if (vex !== undefined || operands.some(({ kind }) => kind.startsWith("mm-"))) return undefined;
  const width = SCALAR.exec(name)?.[2] ?? FROM_INTEGER.exec(name)?.[1];
  if (width !== undefined) return { kind: "scalar", low: width === "d" ? "double" : "single" };
  if (name === "unpcklpd") return { kind: "splat", low: "double" };
  return COPY.test(name) ? { kind: "copy", low: undefined } : undefined;
});

/**
 * The lowest lanes of vector registers while a block is emitted. What instructions on scalars write
 * stays in a local of its own, and is put into the vector where something wants that: mostly it is
 * overwritten before.
 */
export class LowLanes {
  /** Whether the current instruction takes and leaves lowest lanes where they are. */
  isKnown = false;
  /** The last instruction of the block. */
  last = 0;
  readonly #emitter: Place;
  #states: LaneState[] = new Array<LaneState>(COUNT).fill(WHOLE);

  constructor(emitter: Place) {
    this.#emitter = emitter;
  }

  /** All registers are in their vectors. */
  begin(last: number): void {
    this.last = last;
    this.#states.fill(WHOLE);
  }

  /** Puts what the current instruction reads where it looks for it. */
  prepare(): void {
    const { at, guest, module } = this.#emitter;
    this.isKnown = !module.floatModes && this.#isKnownAt(at);
    if (this.isKnown) return;
    this.settle(guest.effects.reads[at] ?? 0);
    const writes = guest.effects.writes[at] ?? 0;
    for (let lane = 0; lane < COUNT; lane++) {
      if (((writes >>> (GLOBAL.XMM + lane)) & 1) === 1) this.#states[lane] = WHOLE;
    }
  }

  /** Puts the lowest lanes of a set of registers into their vectors. */
  settle(registers: number): void {
    const { code } = this.#emitter;
    for (let lane = 0; lane < COUNT; lane++) {
      const { low, isWhole, isZero } = this.#at(lane);
      if (isWhole || ((registers >>> (GLOBAL.XMM + lane)) & 1) === 0) continue;
      if (isZero) code.v128();
      else code.get(this.#vector(lane));
      code.get(this.#local(lane, low === "double"));
      code.vector(low === "double" ? V.F64X2_REPLACE : V.F32X4_REPLACE, 0);
      code.set(this.#vector(lane));
      this.#states[lane] = { low, isWhole: true, isZero: false };
    }
  }

  /** Pushes the lowest lane of a register. */
  push(lane: number, double: boolean): void {
    const { code } = this.#emitter;
    if (this.#at(lane).low === nameOf(double)) {
      code.get(this.#local(lane, double));
      return;
    }
    this.settle(1 << (GLOBAL.XMM + lane));
    code.get(this.#vector(lane)).vector(double ? V.F64X2_EXTRACT : V.F32X4_EXTRACT, 0);
  }

  /** Pops the lowest lane of a register; the others stay, or become zero. */
  pop(lane: number, double: boolean, clears = false): void {
    const before = this.#at(lane);
    if (!clears && before.low !== nameOf(double)) this.settle(1 << (GLOBAL.XMM + lane));
    this.#emitter.code.set(this.#local(lane, double));
    const isZero = clears || this.#at(lane).isZero;
    this.#states[lane] = { low: nameOf(double), isWhole: false, isZero };
  }

  copy(to: number, from: number): void {
    const { code } = this.#emitter;
    const state = this.#at(from);
    const { low, isWhole, isZero } = state;
    if (isWhole || !isZero) code.get(this.#vector(from)).set(this.#vector(to));
    const double = low === "double";
    if (low !== undefined) code.get(this.#local(from, double)).set(this.#local(to, double));
    this.#states[to] = state;
  }

  /** Writes the lowest double of a register to both of its lanes. */
  splat(lane: number): void {
    this.push(lane, true);
    this.#emitter.code.vector(V.F64X2_SPLAT).set(this.#vector(lane));
    this.#states[lane] = { low: this.#at(lane).low, isWhole: true, isZero: false };
  }

  /** Pops a register. */
  popVector(lane: number): void {
    this.#emitter.code.set(this.#vector(lane));
    this.#states[lane] = WHOLE;
  }

  /** Whether a register is used as a scalar next, in this block. */
  isScalarNext(lane: number, double: boolean): boolean {
    const { at, guest } = this.#emitter;
    const bit = 1 << (GLOBAL.XMM + lane);
    const end = Math.min(this.last, at + AHEAD_MAX);
    for (let next = at + 1; next <= end; next++) {
      if (((guest.effects.reads[next] ?? 0) & bit) !== 0) {
        const role = ROLES[guest.instructions.form[next] ?? NO_FORM];
        if (role?.kind !== "copy") return role?.low === nameOf(double);
      }
      if (((guest.effects.writes[next] ?? 0) & bit) !== 0) return false;
    }
    return false;
  }

  /** Keeps the locals of a set of registers in others, for `restore`. */
  save(registers: number): LanesBefore {
    const states = [...this.#states];
    this.#copySaved(states, registers, (own, copy) => this.#emitter.code.get(own).set(copy));
    return { states, registers };
  }

  /** Goes back to what `save` has kept. */
  restore({ states, registers }: LanesBefore): void {
    this.#copySaved(states, registers, (own, copy) => this.#emitter.code.get(copy).set(own));
    this.#states = [...states];
  }

  get states(): readonly LaneState[] {
    return [...this.#states];
  }

  /** Has each register in the locals where it is in other states. */
  agree(states: readonly LaneState[]): void {
    for (const [lane, wanted] of states.entries()) {
      const { low, isZero } = this.#at(lane);
      if (wanted.isWhole || isZero !== wanted.isZero) this.settle(1 << (GLOBAL.XMM + lane));
      if (wanted.low !== undefined && wanted.low !== low) {
        this.push(lane, wanted.low === "double");
        this.#emitter.code.set(this.#local(lane, wanted.low === "double"));
      }
      this.#states[lane] = wanted;
    }
  }

  #copySaved(
    states: readonly LaneState[],
    registers: number,
    copy: (own: number, copy: number) => void,
  ): void {
    const emitter = this.#emitter;
    for (const [lane, { low, isWhole, isZero }] of states.entries()) {
      if (((registers >>> (GLOBAL.XMM + lane)) & 1) === 0) continue;
      if (isWhole || !isZero) {
        copy(this.#vector(lane), emitter.scratch(`saved ${lane}`, TYPE.V128));
      }
      if (low === undefined) continue;
      const type = low === "double" ? TYPE.F64 : TYPE.F32;
      copy(this.#local(lane, low === "double"), emitter.scratch(`saved ${lane}`, type));
    }
  }

  #isKnownAt(at: number): boolean {
    const { form, reg, rm } = this.#emitter.guest.instructions;
    const role = ROLES[form[at] ?? NO_FORM];
    if (role === undefined || role.kind === "scalar") return role !== undefined;
    if (rm[at] === NO_REGISTER) return false;
    return role.kind === "copy" || (rm[at] === reg[at] && this.#at(reg[at] ?? 0).low === role.low);
  }

  #at(lane: number): LaneState {
    return this.#states[lane] ?? WHOLE;
  }

  #vector(lane: number): number {
    return this.#emitter.register(GLOBAL.XMM + lane);
  }

  #local(lane: number, double: boolean): number {
    return this.#emitter.scratch(`low ${lane}`, double ? TYPE.F64 : TYPE.F32);
  }
}

/** What `LowLanes` keeps of registers that a run may be done again from. */
export interface LanesBefore {
  readonly states: readonly LaneState[];
  readonly registers: number;
}

function nameOf(double: boolean): "single" | "double" {
  return double ? "double" : "single";
}
