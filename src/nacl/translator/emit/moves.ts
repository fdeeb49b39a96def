import { FLAG } from "../../x86/index.ts";
import { GLOBAL, MEMORY_BIAS } from "../guest/index.ts";
import { INT, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import { CONDITION_NAMES, type Handler, type Handlers } from "./handler.ts";
import { loadAddress } from "./load-address.ts";
import { FAULT } from "./module-scope.ts";

const RAX = 0;
const RDX = 2;
const RSP = 4;

const move: Handler = (emitter) => {
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const size = emitter.sizeOf(to);
  const offset = emitter.storeBegin(to);
  emitter.load(from, size);
  emitter.storeEnd(to, offset, size);
};

/** Pushes a small operand with its sign in all bits of the wider size. */
export function signExtend(emitter: Emitter, from: number, to: number): void {
  const { code } = emitter;
  if (to === 8) {
    if (from < 8) code.op(W.I64_EXTEND_S);
    if (from === 1) code.i64op("EXTEND8_S");
    if (from === 2) code.i64op("EXTEND16_S");
    return;
  }
  if (from === 1) code.i32op("EXTEND8_S");
  if (from === 2) code.i32op("EXTEND16_S");
  if (to === 2) code.i32(0xffff).i32op("AND");
}

function extend(fromBytes: number, signed: boolean): Handler {
  return (emitter) => {
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    emitter.load(from, Math.min(fromBytes, size));
    if (signed) signExtend(emitter, Math.min(fromBytes, size), size);
    else if (size === 8) emitter.code.op(W.I64_EXTEND_U);
    emitter.storeEnd(to, 0, size);
  };
}

/** Moves rsp. */
export function addToStackPointer(emitter: Emitter, bytes: number): void {
  const rsp = emitter.register(RSP);
  emitter.code.get(rsp).i64(bytes).i64op("ADD").set(rsp);
}

/** Pushes the linear address of the top of the guest's stack. */
export function pushStackAddress(emitter: Emitter): void {
  emitter.code.get(emitter.register(RSP)).op(W.I32_WRAP).i32(-MEMORY_BIAS).i32op("ADD");
}

const push: Handler = (emitter) => {
  const { code } = emitter;
  const from = emitter.operand(0);
  const size = emitter.size === 2 ? 2 : 8;
  const value = emitter.int("a", size);
  emitter.load(from, size);
  code.set(value);
  addToStackPointer(emitter, -size);
  pushStackAddress(emitter);
  code.get(value);
  emitter.storeMemory(0, size);
};

/** The address of a memory operand is that after rsp has moved. */
const pop: Handler = (emitter) => {
  const { code } = emitter;
  const to = emitter.operand(0);
  const size = emitter.size === 2 ? 2 : 8;
  const value = emitter.int("a", size);
  pushStackAddress(emitter);
  code.memory(size === 8 ? INT.LOAD[1] : INT.LOAD16_U[0], 0).set(value);
  addToStackPointer(emitter, size);
  const offset = emitter.storeBegin(to);
  code.get(value);
  emitter.storeEnd(to, offset, size);
};

/** cbtw, cwtl, cltq: the lower half of the accumulator into all of it. */
const widen: Handler = (emitter) => {
  const { size } = emitter;
  emitter.getRegister(RAX, size / 2);
  signExtend(emitter, size / 2, size);
  emitter.setRegister(RAX, size);
};

/** cwtd, cltd, cqto: the sign of the accumulator into all of rdx. */
const signToRdx: Handler = (emitter) => {
  const { size, code } = emitter;
  emitter.getRegister(RAX, size);
  if (size === 2) signExtend(emitter, 2, 4);
  code.constant(size === 8 ? 63 : 31, size).int("SHR_S", size);
  if (size === 2) code.i32(0xffff).i32op("AND");
  emitter.setRegister(RDX, size);
};

function conditionalMove(condition: number): Handler {
  return (emitter) => {
    const { code, flags } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    emitter.load(from, size);
    emitter.load(to, size);
    flags.condition(condition);
    code.select();
    emitter.storeEnd(to, 0, size);
  };
}

function setByte(condition: number): Handler {
  return (emitter) => {
    const { code, flags } = emitter;
    const to = emitter.operand(0);
    const offset = emitter.storeBegin(to);
    flags.condition(condition);
    if (flags.kind === "bits" && (condition & 1) === 0) code.i32(0).i32op("NE");
    emitter.storeEnd(to, offset, 1);
  };
}

const swapBytes: Handler = (emitter) => {
  const { size } = emitter;
  const to = emitter.operand(0);
  emitter.load(to, size);
  reverseBytes(emitter, size);
  emitter.storeEnd(to, 0, size);
};

const moveSwapped: Handler = (emitter) => {
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const size = emitter.sizeOf(to);
  const offset = emitter.storeBegin(to);
  emitter.load(from, size);
  reverseBytes(emitter, size);
  emitter.storeEnd(to, offset, size);
};

/** Reverses the bytes of the value on the stack. */
export function reverseBytes(emitter: Emitter, size: number): void {
  const { code } = emitter;
  const value = emitter.int("swap", size);
  if (size === 2) {
    code.tee(value).i32(8).i32op("SHR_U").get(value).i32(0xff).i32op("AND");
    code.i32(8).i32op("SHL", "OR");
    return;
  }
  if (size === 4) {
    code.set(value).get(value).i32(8).i32op("ROTL").i32(0x00ff_00ff).i32op("AND");
    code.get(value).i32(8).i32op("ROTR").i32(0xff00_ff00).i32op("AND", "OR");
    return;
  }
  const half = (shift: number, low: number, high: number) => {
    code.set(value).get(value).i64(shift).i64op("SHR_U").i64(low, high).i64op("AND");
    code.get(value).i64(low, high).i64op("AND").i64(shift).i64op("SHL", "OR");
  };
  half(8, 0x00ff_00ff, 0x00ff_00ff);
  half(16, 0x0000_ffff, 0x0000_ffff);
  code.i64(32).i64op("ROTL");
}

/** Sets C alone: the others are kept as bits where they are wanted. */
function carry(write: (emitter: Emitter) => void): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    if (live === 0) return;
    const value = emitter.int("carry", 4);
    write(emitter);
    code.set(value);
    const kept = live & ~FLAG.C;
    flags.push(kept);
    code.get(value).i32op("OR").set(flags.bits);
    flags.set("bits");
  };
}

/** lahf: the flags in ah, as the processor lays them out. */
const flagsToAh: Handler = (emitter) => {
  const { code, flags } = emitter;
  const { C, P, A, Z, S } = FLAG;
  const bits = emitter.int("a", 4);
  flags.push(C | P | A | Z | S);
  code.tee(bits).i32(C).i32op("AND");
  for (const [flag, shift] of [
    [P, 1],
    [A, 2],
    [Z, 3],
    [S, 3],
  ] as const) {
    code.get(bits).i32(flag).i32op("AND").i32(shift).i32op("SHL", "OR");
  }
  code.i32(2).i32op("OR");
  emitter.setRegister(16, 1);
};

const ahToFlags: Handler = (emitter) => {
  const { code, flags, live } = emitter;
  const { C, P, A, Z, S, O } = FLAG;
  if (live === 0) return;
  const bits = emitter.int("a", 4);
  flags.push(live & O);
  emitter.getRegister(16, 1);
  code.tee(bits).i32(C).i32op("AND", "OR");
  for (const [flag, shift] of [
    [P, 1],
    [A, 2],
    [Z, 3],
    [S, 3],
  ] as const) {
    code.get(bits).i32(shift).i32op("SHR_U").i32(flag).i32op("AND", "OR");
  }
  code.set(flags.bits);
  flags.set("bits");
};

function direction(value: number): Handler {
  return ({ code }) => {
    code.i32(value).globalSet(GLOBAL.DIRECTION);
  };
}

const NOTHING: Handler = () => undefined;

/** A counter in place of the time stamp. */
const readCounter: Handler = (emitter) => {
  const { code, module } = emitter;
  if (module.rdtscIsRefused) {
    module.refuse(emitter.guest.addressOf(emitter.at), emitter.form);
    emitter.fault(FAULT.UNSUPPORTED);
    return;
  }
  const value = emitter.int("a", 8);
  code.globalGet(GLOBAL.COUNTER).i64(1000).i64op("ADD").tee(value).globalSet(GLOBAL.COUNTER);
  code.get(value).op(W.I32_WRAP);
  emitter.setRegister(RAX, 4);
  code.get(value).i64(32).i64op("SHR_U").op(W.I32_WRAP);
  emitter.setRegister(RDX, 4);
};

/** Copies between registers and memory, and what else sets single flags or does nothing. */
export const MOVES: Handlers = {
  "mov*": move,
  movw: move,
  "movnti*": move,
  "movzb*": extend(1, false),
  "movzw*": extend(2, false),
  "movsb*": extend(1, true),
  "movsw*": extend(2, true),
  "movsl*": extend(4, true),
  "lea*": loadAddress,
  "push*": push,
  "pop*": pop,
  cbtw: widen,
  cwtd: signToRdx,
  "bswap*": swapBytes,
  "movbe*": moveSwapped,
  ...Object.fromEntries(
    CONDITION_NAMES.flatMap((name, code) => [
      [`cmov${name}*`, conditionalMove(code)],
      [`set${name}`, setByte(code)],
    ]),
  ),
  clc: carry(({ code }) => code.i32(0)),
  stc: carry(({ code }) => code.i32(1)),
  cmc: carry(({ code, flags }) => {
    flags.pushCarry();
    code.i32op("EQZ");
  }),
  lahf: flagsToAh,
  sahf: ahToFlags,
  cld: direction(0),
  std: direction(1),
  rdtsc: readCounter,
  nop: NOTHING,
  "nop*": NOTHING,
  nopw: NOTHING,
  pause: NOTHING,
  lfence: NOTHING,
  mfence: NOTHING,
  sfence: NOTHING,
  clflush: NOTHING,
  prefetchnta: NOTHING,
  prefetcht0: NOTHING,
  prefetcht1: NOTHING,
  prefetcht2: NOTHING,
  prefetch: NOTHING,
  prefetchw: NOTHING,
};
