import { Dice } from "../../../test/support/dice.ts";
import { COUNTS } from "./immediates.ts";
import { PLACE, RECORD, SETS } from "./layout.ts";
import type { Address, Operation } from "./operation.ts";
import { eightBytes, type Filling, integer } from "./values.ts";
import type { Variant } from "./variant.ts";

const RAX = 0;
const RCX = 1;
const RDX = 2;
const RSP = 4;
const RSI = 6;
const RDI = 7;
const R15 = 15;
const MXCSR_DEFAULT = 0x1f80n;

/** The states that a variant begins with, one behind the other. */
export function recordsOf(variant: Variant, seed: number): Uint8Array {
  const bytes = new Uint8Array(SETS * RECORD.bytes);
  for (let set = 0; set < SETS; set++) {
    const dice = new Dice((seed * 131_071 + variant.index) * SETS + set);
    fill(
      new State(bytes.subarray(set * RECORD.bytes, (set + 1) * RECORD.bytes), dice),
      variant.operations,
    );
  }
  return bytes;
}

/** One record while it is filled. */
class State {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly dice: Dice;

  constructor(bytes: Uint8Array, dice: Dice) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.dice = dice;
  }

  register(register: number): bigint {
    return this.view.getBigUint64(8 * register, true);
  }

  setRegister(register: number, value: bigint): void {
    this.view.setBigUint64(8 * register, BigInt.asUintN(64, value), true);
  }

  setLow(register: number, value: number): void {
    this.view.setUint8(8 * register, value);
  }

  setEight(offset: number, value: bigint): void {
    this.view.setBigUint64(offset, BigInt.asUintN(64, value), true);
  }
}

function fill(state: State, operations: readonly Operation[]): void {
  const { dice } = state;
  const chosen = operations[dice.below(operations.length)];
  for (let register = 0; register < R15; register++) state.setRegister(register, integer(dice));
  // A stack pointer that is no address is no state that a processor goes on from.
  state.setRegister(RSP, BigInt.asUintN(47, state.register(RSP)));
  const filling = chosen === undefined ? "integers" : fillingOf(chosen);
  for (let at = RECORD.xmm; at < RECORD.end; at += 8) {
    state.setEight(at, eightBytes(dice, dice.below(8) === 0 ? "integers" : filling));
  }
  if (dice.below(4) === 0)
    state.bytes.copyWithin(RECORD.xmm + 16, RECORD.xmm, RECORD.xmm + 16 * 15);
  state.view.setUint8(RECORD.flags, (dice.below(256) & 0xd5) | 2);
  state.view.setUint8(RECORD.overflow, dice.below(2));
  for (const operation of operations) {
    arrange(state, operation);
    if (typeof operation.rm === "object") pointAt(state, operation.rm);
  }
}

function fillingOf({ form }: Operation): Filling {
  const [name = ""] = form.names;
  if (/^v?(pcmp[ei]str|cmpsb?|cmpsw|scas)/.test(name)) return "text";
  if (form.group === "string" || form.group === "mmx")
    return /^cvt/.test(name) ? "singles" : "integers";
  if (/(ps|ss)(2|\*|$)|2ps|2ss|^v?(cvtt?[ps]s2|movs[lh]dup|insertps|extractps)/.test(name))
    return "singles";
  if (/(pd|sd)(2|\*|$)|2pd|2sd|^v?(cvtt?[ps]d2|movddup)/.test(name)) return "doubles";
  return "integers";
}

/** Makes the registers of a memory operand come to its place in the window. */
function pointAt(state: State, { mode, base, index, scale, disp, offset }: Address): void {
  if (mode !== "registers") return;
  const { dice } = state;
  let rest = PLACE.window + offset - disp;
  if (index !== undefined) {
    // r15 is zero: where it is the base, the index has to do it all.
    const steps = base === R15 ? rest >> scale : dice.below(0x1000);
    state.setRegister(index, BigInt(steps));
    rest -= steps << scale;
  }
  if (base !== undefined && base < R15) state.setRegister(base, BigInt(rest));
}

/** Values that the instruction needs in registers which it does not name. */
function arrange(state: State, operation: Operation): void {
  const { form, size } = operation;
  const { dice } = state;
  const [name = ""] = form.names;
  if (form.operands.some(({ kind, size: bytes }) => kind === "rcx" && bytes === 1)) {
    state.setLow(RCX, /^sh[lr]d/.test(name) && size === 2 ? dice.below(17) : dice.of(COUNTS));
  }
  if (form.group === "string") arrangeString(state, operation);
  else if (/^(push|pop)\*/.test(name)) {
    state.setRegister(RSP, BigInt(PLACE.window + 16 + dice.below(24)));
  } else if (/^v?maskmov(q|dqu)/.test(name)) {
    state.setRegister(RDI, BigInt(PLACE.window + dice.below(48)));
  } else if (/^(loop|jrcxz)/.test(name)) {
    state.setRegister(RCX, dice.of([0n, 1n, 2n, -1n, 1n << 32n, (1n << 32n) + 1n]));
  } else if (/^v?pcmpestr/.test(name)) {
    for (const register of [RAX, RDX]) {
      const length = BigInt(dice.below(40) - 20);
      state.setRegister(register, dice.below(8) === 0 ? integer(dice) : length & 0xffff_ffffn);
    }
  } else if (/^i?div/.test(name)) arrangeDividend(state, size);
  else if (/^cmpxchg|^-$/.test(name)) arrangeComparison(state, operation);
  else if (/^v?ldmxcsr$/.test(name)) {
    for (let at = 0; at < RECORD.windowBytes; at++) {
      state.bytes[RECORD.window + at] = 0;
    }
    const { rm } = operation;
    const offset = typeof rm === "object" ? rm.offset : 0;
    const value = Number(MXCSR_DEFAULT) | dice.below(64);
    state.view.setUint32(RECORD.window + offset, value, true);
  }
}

/** Where a string is walked over from: so many steps stay in the window in both directions. */
function arrangeString(state: State, { size, repeat }: Operation): void {
  const { dice } = state;
  for (const register of [RSI, RDI]) {
    state.setRegister(register, BigInt(PLACE.window + 28 + dice.below(8 / size) * dice.below(2)));
  }
  if (repeat !== undefined) state.setRegister(RCX, BigInt(dice.below(Math.floor(24 / size) + 1)));
  state.view.setUint8(RECORD.direction, dice.below(2));
}

/** Mostly dividends whose quotients fit. */
function arrangeDividend(state: State, size: number): void {
  const { dice } = state;
  const high = dice.below(4);
  if (high === 3) return;
  if (size === 1) {
    const low = dice.below(256);
    const value = high === 0 ? low : high === 1 ? (low << 24) >> 24 : low | (dice.below(64) << 8);
    state.view.setUint16(0, value & 0xffff, true);
    return;
  }
  const sign = BigInt.asIntN(size * 8, state.register(RAX)) < 0n ? -1n : 0n;
  state.setRegister(RDX, high === 0 ? 0n : high === 1 ? sign : BigInt(dice.below(1000) - 500));
}

/** The accumulator is often what it is compared with. */
function arrangeComparison(state: State, { form, size, rm }: Operation): void {
  if (state.dice.below(2) === 0) return;
  if (typeof rm === "object") {
    const at = RECORD.window + rm.offset;
    state.bytes.copyWithin(8 * RAX, at, at + size);
    if (form.marks.has("double")) state.bytes.copyWithin(8 * RDX, at + size, at + 2 * size);
  } else if (rm !== undefined) {
    const at = rm >= 16 ? 8 * (rm - 16) + 1 : 8 * rm;
    state.bytes.copyWithin(8 * RAX, at, at + size);
  }
}
