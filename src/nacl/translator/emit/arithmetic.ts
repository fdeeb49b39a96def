import { FLAG } from "../../x86/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";

const { C, A, O } = FLAG;

/** Pushes `value & mask` of a small operand. */
export function trim(emitter: Emitter, sizeBytes: number): void {
  if (sizeBytes < 4) emitter.code.i32(sizeBytes === 1 ? 0xff : 0xffff).i32op("AND");
}

/** Highest bit of an operand of this size, as a constant on the stack. */
export function pushSignBit(emitter: Emitter, sizeBytes: number): void {
  const { code } = emitter;
  if (sizeBytes === 8) code.i64(0, 0x8000_0000);
  else code.i32(1 << (sizeBytes * 8 - 1));
}

function isTwice(emitter: Emitter): boolean {
  const [one, other] = [emitter.place(emitter.operand(0)), emitter.place(emitter.operand(1))];
  return one.kind === "register" && other === one;
}

/** add and sub: the operands are kept for the flags. */
function addOrSubtract(name: "ADD" | "SUB", writes: boolean): Handler {
  return (emitter) => {
    const { code, flags } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    const wanted = emitter.live !== 0;
    const [a, b] = wanted ? [flags.first(size), flags.second(size)] : [0, 0];
    if (!writes && !wanted) {
      touch(emitter);
      return;
    }
    if (writes) emitter.fixAddress(to);
    const offset = writes ? emitter.storeBegin(to) : 0;
    emitter.load(to, size);
    if (wanted) code.tee(a);
    emitter.load(from, size);
    if (wanted) code.tee(b);
    if (writes) {
      code.int(name, size);
      emitter.storeEnd(to, offset, size);
    } else code.drop().drop();
    flags.set(wanted ? (name === "ADD" ? "add" : "subtract") : "none", size);
  };
}

/** Reads the memory operand of an instruction that does nothing else: it may fault. */
function touch(emitter: Emitter): void {
  for (const operand of [emitter.operand(0), emitter.operand(1)]) {
    if (emitter.place(operand).kind !== "memory") continue;
    emitter.load(operand, emitter.sizeOf(operand));
    emitter.code.drop();
  }
}

function logic(name: "AND" | "OR" | "XOR", writes: boolean): Handler {
  return (emitter) => {
    const { code, flags } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    const wanted = emitter.live !== 0;
    if (!writes && !wanted) {
      touch(emitter);
      return;
    }
    if (writes) emitter.fixAddress(to);
    const offset = writes ? emitter.storeBegin(to) : 0;
    if (name === "XOR" && isTwice(emitter)) code.constant(0, size);
    else if (!(name === "AND" && isTwice(emitter))) {
      emitter.load(to, size);
      emitter.load(from, size);
      code.int(name, size);
    } else emitter.load(to, size);
    if (wanted && writes) code.tee(flags.first(size));
    else if (wanted) code.set(flags.first(size));
    if (writes) emitter.storeEnd(to, offset, size);
    flags.set(wanted ? "logic" : "none", size);
  };
}

/** adc and sbb: C and O are computed at once, as their chains want C and nothing else. */
function withCarry(name: "ADD" | "SUB"): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    const [a, b] = [emitter.int("a", size), emitter.int("b", size)];
    const result = flags.first(size);
    const carry = emitter.int("carry", 4);
    flags.pushCarry();
    code.set(carry);
    emitter.fixAddress(to);
    const offset = emitter.storeBegin(to);
    emitter.load(to, size);
    code.tee(a);
    emitter.load(from, size);
    code.tee(b).int(name, size).get(carry);
    if (size === 8) code.op(0xad);
    code.int(name, size);
    trim(emitter, size);
    code.tee(result);
    emitter.storeEnd(to, offset, size);
    if (live & O) {
      code
        .get(a)
        .get(name === "ADD" ? result : b)
        .int("XOR", size);
      code
        .get(name === "ADD" ? b : a)
        .get(result)
        .int("XOR", size)
        .int("AND", size);
      pushSignBit(emitter, size);
      code.int("AND", size).constant(0, size).int("NE", size).set(flags.overflow);
    }
    if (live & A) {
      code.get(a).get(b).int("XOR", size).get(result).int("XOR", size);
      code.constant(16, size).int("AND", size).constant(0, size).int("NE", size).set(flags.adjust);
    }
    if (live & C) {
      const [left, right] = name === "ADD" ? [result, a] : [a, b];
      code.get(left).get(right).int("LT_U", size);
      code.get(left).get(right).int("EQ", size).get(carry).i32op("AND", "OR").set(flags.carry);
    }
    flags.set(live === 0 ? "none" : "result", size);
  };
}

/** inc and dec: C stays as it is. */
function step(name: "ADD" | "SUB"): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const to = emitter.operand(0);
    const size = emitter.sizeOf(to);
    if (live & C) {
      flags.pushCarry();
      code.set(flags.carry);
    }
    const result = flags.first(size);
    emitter.fixAddress(to);
    const offset = emitter.storeBegin(to);
    emitter.load(to, size);
    code.constant(1, size).int(name, size);
    trim(emitter, size);
    if (live !== 0) code.tee(result);
    emitter.storeEnd(to, offset, size);
    if (live & O) {
      code.get(result);
      pushSignBit(emitter, size);
      if (name === "SUB") code.constant(1, size).int("SUB", size);
      code.int("EQ", size).set(flags.overflow);
    }
    if (live & A) {
      code.get(result).constant(15, size).int("AND", size);
      code
        .constant(name === "ADD" ? 0 : 15, size)
        .int("EQ", size)
        .set(flags.adjust);
    }
    flags.set(live === 0 ? "none" : "result", size);
  };
}

const negate: Handler = (emitter) => {
  const { code, flags, live } = emitter;
  const to = emitter.operand(0);
  const size = emitter.sizeOf(to);
  emitter.fixAddress(to);
  const offset = emitter.storeBegin(to);
  const value = flags.second(size);
  emitter.load(to, size);
  code.set(value).constant(0, size);
  if (live !== 0) code.tee(flags.first(size));
  code.get(value).int("SUB", size);
  emitter.storeEnd(to, offset, size);
  flags.set(live === 0 ? "none" : "subtract", size);
};

const not: Handler = (emitter) => {
  const to = emitter.operand(0);
  const size = emitter.sizeOf(to);
  emitter.fixAddress(to);
  const offset = emitter.storeBegin(to);
  emitter.load(to, size);
  emitter.code.constant(-1, size).int("XOR", size);
  emitter.storeEnd(to, offset, size);
};

/** xchg of two places. One of ax with itself is what assemblers fill code with. */
const exchange: Handler = (emitter) => {
  const [one, other] = [emitter.operand(0), emitter.operand(1)];
  const size = emitter.sizeOf(one);
  if (size !== 4 && isTwice(emitter)) return;
  const value = emitter.int("a", size);
  emitter.fixAddress(one);
  emitter.load(one, size);
  emitter.code.set(value);
  const offset = emitter.storeBegin(one);
  emitter.load(other, size);
  emitter.storeEnd(one, offset, size);
  emitter.code.get(value);
  emitter.storeEnd(other, 0, size);
};

const exchangeAdd: Handler = (emitter) => {
  const { code, flags, live } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const size = emitter.sizeOf(to);
  const [a, b] = [flags.first(size), flags.second(size)];
  emitter.fixAddress(to);
  emitter.load(to, size);
  code.set(a);
  emitter.load(from, size);
  code.set(b).get(a);
  emitter.storeEnd(from, 0, size);
  const offset = emitter.storeBegin(to);
  code.get(a).get(b).int("ADD", size);
  emitter.storeEnd(to, offset, size);
  flags.set(live === 0 ? "none" : "add", size);
};

/** cmpxchg: the destination is written in either case, the accumulator where they differ. */
const compareExchange: Handler = (emitter) => {
  const { code, flags, live } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const size = emitter.sizeOf(to);
  const [a, b] = [flags.first(size), flags.second(size)];
  emitter.fixAddress(to);
  emitter.load(to, size);
  code.set(b);
  emitter.getRegister(0, size);
  code.set(a).get(a).get(b).int("EQ", size).if();
  const offset = emitter.storeBegin(to);
  emitter.load(from, size);
  emitter.storeEnd(to, offset, size);
  code.else();
  code.get(b);
  emitter.setRegister(0, size);
  code.end();
  flags.set(live === 0 ? "none" : "subtract", size);
};

/** cmpxchg8b and cmpxchg16b: two halves of `size` bytes, and only Z of the flags. */
const compareExchangeTwice: Handler = (emitter) => {
  const { code, flags, live, size } = emitter;
  const memory = emitter.operand(0);
  if (live !== 0) flags.materialise(live & ~FLAG.Z);
  const [low, high] = [emitter.int("a", size), emitter.int("b", size)];
  const address = emitter.int("address", 4);
  const opcode = size === 8 ? 0x29 : 0x28;
  emitter.fixAddress(memory);
  emitter.loadMemory(size);
  code.set(low).get(address).memory(opcode, size).set(high);
  code.get(low);
  emitter.getRegister(0, size);
  code.int("EQ", size).get(high);
  emitter.getRegister(2, size);
  code.int("EQ", size).i32op("AND").tee(emitter.int("carry", 4)).if().get(address);
  emitter.getRegister(3, size);
  emitter.storeMemory(0, size);
  code.get(address);
  emitter.getRegister(1, size);
  emitter.storeMemory(size, size);
  code.else().get(low);
  emitter.setRegister(0, size);
  code.get(high);
  emitter.setRegister(2, size);
  code.end();
  if (live === 0) return;
  const kept = live & ~FLAG.Z;
  if (kept === 0) code.i32(0);
  else code.get(flags.bits).i32(~FLAG.Z).i32op("AND");
  code.get(emitter.int("carry", 4)).i32(3).i32op("SHL", "OR").set(flags.bits);
  flags.set("bits");
};

/** Sums, differences, logic, and exchanges. */
export const ARITHMETIC: Handlers = {
  "add*": addOrSubtract("ADD", true),
  "sub*": addOrSubtract("SUB", true),
  "cmp*": addOrSubtract("SUB", false),
  "and*": logic("AND", true),
  "or*": logic("OR", true),
  "xor*": logic("XOR", true),
  "test*": logic("AND", false),
  "adc*": withCarry("ADD"),
  "sbb*": withCarry("SUB"),
  "inc*": step("ADD"),
  "dec*": step("SUB"),
  "neg*": negate,
  "not*": not,
  "xchg*": exchange,
  "xadd*": exchangeAdd,
  "cmpxchg*": compareExchange,
  cmpxchg8b: compareExchangeTwice,
};
