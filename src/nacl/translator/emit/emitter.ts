import { OP, TYPE } from "../../../wasm/rewrite/index.ts";
import {
  type Form,
  formOf,
  HIGH_BYTE,
  type Instructions,
  NO_REGISTER,
  type Operand,
  RIP,
} from "../../x86/index.ts";
import type { GuestText } from "../guest/index.ts";
import { BASE_HIGH, MEMORY_BIAS } from "../guest/index.ts";
import type { Code } from "../wasm/index.ts";
import { INT, W } from "../wasm/index.ts";
import { FlagState } from "./flag-state.ts";
import { LowLanes } from "./low-lanes.ts";
import type { ModuleScope } from "./module-scope.ts";
import { FIXED, IMMEDIATE, MEMORY, type Place, REGISTERS } from "./place.ts";
import type { Scratch } from "./scratch.ts";
import type { StandIn } from "./stand-in.ts";
import { UpperHalves } from "./upper-halves.ts";

export const R15 = 15;

/** Emits the instructions of one function: registers, operands, memory. */
export class Emitter implements Scratch {
  readonly code: Code;
  readonly guest: GuestText;
  readonly text: Instructions;
  readonly module: ModuleScope;
  readonly flags: FlagState;
  readonly upper: UpperHalves;
  readonly low: LowLanes;
  /** What the current instruction is emitted as, if not as what it is. */
  standIn: StandIn | undefined;
  /** Number of the current instruction. */
  at = 0;
  /** Status flags that are live behind the current instruction. */
  live = 0;
  /** Whether the NaNs of results are left as they come: they are looked at later. */
  defersNans = false;
  /** A `lea` of this block whose address the instruction behind it may compute again; else -1. */
  noted = -1;
  readonly #registers = new Map<number, number>();
  readonly #scratch = new Map<string, number>();
  /** Whether the address of the current memory operand is in its local. */
  #fixed = false;

  constructor(code: Code, guest: GuestText, module: ModuleScope, passed: readonly number[]) {
    this.code = code;
    this.guest = guest;
    this.text = guest.instructions;
    this.module = module;
    this.flags = new FlagState(this);
    this.upper = new UpperHalves(this);
    this.low = new LowLanes(this);
    for (const [local, register] of passed.entries()) this.#registers.set(register, local);
  }

  begin(instruction: number, live: number): void {
    this.at = instruction;
    this.live = live;
    this.#fixed = false;
    this.code.begin(this.guest.addressOf(instruction));
  }

  get form(): Form {
    return this.standIn?.form ?? formOf(this.text.form[this.at] ?? 0);
  }

  get size(): number {
    return this.text.size[this.at] ?? 0;
  }

  get imm(): number {
    return this.standIn?.imm ?? this.text.imm[this.at] ?? 0;
  }

  /** Local of a general register, or of an xmm register from 16 on, or a place of a stand-in. */
  register(register: number): number {
    let local = this.#registers.get(register);
    if (local === undefined) {
      local = this.code.local(register < 16 ? TYPE.I64 : TYPE.V128);
      this.#registers.set(register, local);
    }
    return local;
  }

  /** A local for values within one instruction, or between those that agree on its name. */
  scratch(name: string, type: number): number {
    const key = `${name}:${type}`;
    let local = this.#scratch.get(key);
    if (local === undefined) {
      local = this.code.local(type);
      this.#scratch.set(key, local);
    }
    return local;
  }

  /** Scratch local of the integer type for a size. */
  int(name: string, sizeBytes: number): number {
    return this.scratch(name, sizeBytes === 8 ? TYPE.I64 : TYPE.I32);
  }

  operand(index: number): Operand {
    const operand = this.form.operands[index];
    if (operand === undefined) throw new RangeError(`operand ${index}`);
    return operand;
  }

  sizeOf(operand: Operand): number {
    return operand.size === 0 ? this.size : operand.size;
  }

  place(operand: Operand): Place {
    const { text, at } = this;
    const other = this.standIn?.places[operand.kind];
    if (other !== undefined) return other;
    switch (operand.kind) {
      case "rm":
      case "opcode":
      case "xmm-rm":
      case "mm-rm": {
        const rm = text.rm[at] ?? NO_REGISTER;
        return rm === NO_REGISTER ? MEMORY : (REGISTERS[rm] ?? IMMEDIATE);
      }
      case "reg":
      case "xmm-reg":
      case "mm-reg":
        return REGISTERS[text.reg[at] ?? 0] ?? IMMEDIATE;
      case "memory":
        return MEMORY;
      case "immediate":
      case "one":
        return IMMEDIATE;
      default:
        return REGISTERS[FIXED[operand.kind] ?? 0] ?? IMMEDIATE;
    }
  }

  /** Pushes a general register: i64 for 8 bytes, else i32 with zeros above its bytes. */
  getRegister(register: number, sizeBytes: number): void {
    const { code } = this;
    if (register === R15) {
      if (sizeBytes === 8) code.i64(0, BASE_HIGH);
      else code.i32(0);
      return;
    }
    const high = register >= HIGH_BYTE;
    code.get(this.register(high ? register - HIGH_BYTE : register));
    if (sizeBytes === 8) return;
    code.op(W.I32_WRAP);
    if (high) code.i32(8).i32op("SHR_U");
    if (sizeBytes === 1) code.i32(0xff).i32op("AND");
    if (sizeBytes === 2) code.i32(0xffff).i32op("AND");
  }

  /** Pops a value into a general register: 4 bytes clear the upper half, 1 and 2 keep the rest. */
  setRegister(register: number, sizeBytes: number): void {
    const { code } = this;
    const high = register >= HIGH_BYTE;
    const local = this.register(high ? register - HIGH_BYTE : register);
    if (sizeBytes < 8) code.op(W.I64_EXTEND_U);
    if (sizeBytes < 4) {
      const mask = sizeBytes === 1 ? 0xff : 0xffff;
      code.i64(mask).i64op("AND");
      if (high) code.i64(8).i64op("SHL");
      code
        .get(local)
        .i64(~(high ? mask << 8 : mask))
        .i64op("AND", "OR");
    }
    code.set(local);
  }

  /** Pushes an operand as `getRegister` does. */
  load(operand: Operand, sizeBytes = this.sizeOf(operand)): void {
    const place = this.place(operand);
    if (place.kind === "register") this.getRegister(place.register, sizeBytes);
    else if (place.kind === "memory") this.loadMemory(sizeBytes);
    else this.loadImmediate(operand, sizeBytes);
  }

  loadImmediate(operand: Operand, sizeBytes: number): void {
    const low = operand.kind === "one" ? 1 : this.imm;
    if (sizeBytes === 8) this.code.i64(low, this.text.immHigh[this.at] ?? low >> 31);
    else this.code.i32(sizeBytes === 4 ? low : low & (sizeBytes === 1 ? 0xff : 0xffff));
  }

  loadMemory(sizeBytes: number): void {
    const offset = this.address();
    const { code } = this;
    if (sizeBytes === 1) code.memory(INT.LOAD8_U[0], offset);
    else if (sizeBytes === 2) code.memory(INT.LOAD16_U[0], offset);
    else code.memory(INT.LOAD[sizeBytes === 8 ? 1 : 0], offset);
  }

  /** To be called before the value of `storeEnd` is pushed. */
  storeBegin(operand: Operand): number {
    return this.place(operand).kind === "memory" ? this.address() : 0;
  }

  storeEnd(operand: Operand, offset: number, sizeBytes = this.sizeOf(operand)): void {
    const place = this.place(operand);
    if (place.kind === "register") this.setRegister(place.register, sizeBytes);
    else this.storeMemory(offset, sizeBytes);
  }

  storeMemory(offset: number, sizeBytes: number): void {
    const { code } = this;
    if (sizeBytes === 1) code.memory(INT.STORE8[0], offset);
    else if (sizeBytes === 2) code.memory(INT.STORE16[0], offset);
    else code.memory(INT.STORE[sizeBytes === 8 ? 1 : 0], offset);
  }

  /** Puts the address of the memory operand into a local, for an access that reads and writes. */
  fixAddress(operand: Operand): void {
    if (this.place(operand).kind !== "memory") return;
    const offset = this.pushAddress();
    if (offset !== 0) this.code.i32(offset).i32op("ADD");
    this.code.set(this.scratch("address", TYPE.I32));
    this.#fixed = true;
  }

  /** Pushes the linear address of the memory operand; returns what is to be added to it. */
  address(): number {
    if (this.#fixed) {
      this.code.get(this.scratch("address", TYPE.I32));
      return 0;
    }
    return this.pushAddress();
  }

  /** Lets the next instruction compute the address that this `lea` left in a register itself. */
  noteAddress(): void {
    const { text, at } = this;
    const to = text.reg[at] ?? NO_REGISTER;
    const isFixed = text.base[at] === RIP || text.base[at] === to || text.index[at] === to;
    this.noted = isFixed ? -1 : at;
  }

  /** Pushes a linear address, see `address`. */
  pushAddress(): number {
    const { code, text, at } = this;
    let disp = (text.disp[at] ?? 0) + (this.standIn?.distance ?? 0);
    if (text.base[at] === RIP) return this.absolute((this.guest.addressBehind(at) + disp) >>> 0);
    const from = this.#addressOf(at, disp);
    if (from !== at) disp = (disp + (text.disp[from] ?? 0)) | 0;
    if (!this.pushSum(from)) return this.absolute(disp >>> 0);
    if (from === at && disp >= MEMORY_BIAS) return disp - MEMORY_BIAS;
    code.i32(disp - MEMORY_BIAS).i32op("ADD");
    return 0;
  }

  /** The instruction whose sum the address is: this one, or the `lea` of its index before it. */
  #addressOf(at: number, disp: number): number {
    const { text } = this;
    const lea = this.noted;
    const isOfLea =
      lea >= 0 &&
      lea === at - 1 &&
      text.base[at] === R15 &&
      text.scale[at] === 0 &&
      text.index[at] === text.reg[lea];
    return isOfLea && disp < MEMORY_BIAS ? lea : at;
  }

  /** Pushes the lower half of base and index of a memory operand; false where it has neither. */
  pushSum(at: number): boolean {
    const { code, text } = this;
    const base = text.base[at] ?? NO_REGISTER;
    const index = text.index[at] ?? NO_REGISTER;
    let terms = 0;
    if (base < RIP && base !== R15) {
      this.getRegister(base, 4);
      terms++;
    }
    if (index < RIP && index !== R15) {
      this.getRegister(index, 4);
      const scale = text.scale[at] ?? 0;
      if (scale > 0) code.i32(scale).i32op("SHL");
      if (terms++ > 0) code.i32op("ADD");
    }
    return terms > 0;
  }

  /** Pushes the linear address of a constant guest address, see `address`. */
  absolute(address: number): number {
    const inside = address >= MEMORY_BIAS;
    this.code.i32(inside ? 0 : address - MEMORY_BIAS);
    return inside ? address - MEMORY_BIAS : 0;
  }

  /** Ends the program with a fault of the current instruction. */
  fault(kind: number): void {
    this.code.i32(kind).i32(this.guest.addressOf(this.at)).call(this.module.faultFunction);
    this.code.op(OP.UNREACHABLE);
  }
}
