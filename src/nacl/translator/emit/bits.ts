import { FLAG } from "../../x86/index.ts";
import { W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";

const { C } = FLAG;

/** Changes some flags and leaves the other ones as they were: the new ones are on the stack. */
function replaceFlags(emitter: Emitter, changed: number): void {
  const { code, flags, live } = emitter;
  if ((live & changed) === 0) {
    code.drop();
    return;
  }
  const value = emitter.int("new flags", 4);
  code.set(value);
  flags.push(live & ~changed);
  code.get(value).i32op("OR").set(flags.bits);
  flags.set("bits");
}

/** bt, bts, btr, btc with a constant: C is the bit as it was. */
function bitTest(change: "none" | "set" | "reset" | "complement"): Handler {
  return (emitter) => {
    const { code, live } = emitter;
    const to = emitter.operand(0);
    const size = emitter.sizeOf(to);
    const bit = emitter.imm & (size * 8 - 1);
    const value = emitter.int("a", size);
    if (change !== "none") emitter.fixAddress(to);
    emitter.load(to, size);
    code.set(value);
    if (change !== "none") {
      const offset = emitter.storeBegin(to);
      code.get(value);
      const mask = () => {
        if (size === 8) code.i64(bit < 32 ? 1 << bit : 0, bit < 32 ? 0 : 1 << (bit - 32));
        else code.i32(1 << bit);
      };
      mask();
      if (change === "reset") code.constant(-1, size).int("XOR", size).int("AND", size);
      else code.int(change === "set" ? "OR" : "XOR", size);
      emitter.storeEnd(to, offset, size);
    }
    if (live === 0) return;
    code.get(value).constant(bit, size).int("SHR_U", size);
    if (size === 8) code.op(W.I32_WRAP);
    code.i32(1).i32op("AND");
    replaceFlags(emitter, C);
  };
}

/** bsf and bsr: for zero, the destination stays as it was. */
function scan(name: "CTZ" | "CLZ"): Handler {
  return (emitter) => {
    const { code, live } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    const value = emitter.int("a", size);
    emitter.load(from, size);
    code.tee(value).int(name, size);
    if (name === "CLZ") code.constant(size === 8 ? 63 : 31, size).int("XOR", size);
    if (size < 8) code.op(W.I64_EXTEND_U);
    // Processors leave all of the register, also the half that 32-bit writes clear.
    if (size === 2) code.i64(0xffff).i64op("AND");
    const register = emitter.register(emitter.text.reg[emitter.at] ?? 0);
    if (size === 2) code.get(register).i64(~0xffff).i64op("AND", "OR");
    code.get(register).get(value);
    if (size === 8) code.i64(0).i64op("NE");
    code.select().set(register);
    if (live === 0) return;
    code.get(value).int("EQZ", size).i32(3).i32op("SHL");
    replaceFlags(emitter, -1);
  };
}

/** tzcnt and lzcnt: C for a source of zero, Z for a result of zero. */
function countZeros(name: "CTZ" | "CLZ"): Handler {
  return (emitter) => {
    const { code, live } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = emitter.sizeOf(to);
    const [value, result] = [emitter.int("a", size), emitter.int("b", size)];
    emitter.load(from, size);
    code.tee(value);
    if (size === 2 && name === "CTZ") code.i32(0x10000).i32op("OR");
    code.int(name, size);
    if (size === 2 && name === "CLZ") code.i32(16).i32op("SUB");
    code.tee(result);
    emitter.storeEnd(to, 0, size);
    if (live === 0) return;
    code.get(value).int("EQZ", size).get(result).int("EQZ", size).i32(3).i32op("SHL", "OR");
    replaceFlags(emitter, -1);
  };
}

const populationCount: Handler = (emitter) => {
  const { code, live } = emitter;
  const [to, from] = [emitter.operand(0), emitter.operand(1)];
  const size = emitter.sizeOf(to);
  const value = emitter.int("a", size);
  emitter.load(from, size);
  code.tee(value).int("POPCNT", size);
  emitter.storeEnd(to, 0, size);
  if (live === 0) return;
  code.get(value).int("EQZ", size).i32(3).i32op("SHL");
  replaceFlags(emitter, -1);
};

/** crc32 with the polynomial of Castagnoli: a table of one bit at a time, by a helper. */
function checksum(bytes: number): Handler {
  return (emitter) => {
    const { code, module } = emitter;
    const [to, from] = [emitter.operand(0), emitter.operand(1)];
    const size = bytes === 0 ? emitter.size : bytes;
    emitter.load(to, 4);
    emitter.load(from, size);
    if (size < 8) code.op(W.I64_EXTEND_U);
    code.i32(size * 8).call(module.helper("checksum"));
    emitter.storeEnd(to, 0, 4);
  };
}

/** Leaves of cpuid: eax, ebx, ecx, edx. The processor is one of SSE4.2 without AVX. */
const CPUID_LEAVES: readonly (readonly [number, number, number, number])[] = [
  [1, 0x756e_6547, 0x6c65_746e, 0x4965_6e69],
  [0x0002_06a7, 0x0001_0800, 0x0098_2201, 0x0789_a1bf],
];

const identify: Handler = (emitter) => {
  const { code } = emitter;
  const leaf = emitter.int("a", 4);
  emitter.getRegister(0, 4);
  code.set(leaf);
  for (const [at, register] of [0, 3, 1, 2].entries()) {
    const [zero = [], one = []] = CPUID_LEAVES;
    code
      .i32(zero[at] ?? 0)
      .i32(one[at] ?? 0)
      .get(leaf)
      .i32op("EQZ")
      .select();
    code.i32(0).get(leaf).i32(2).i32op("LT_U").select();
    emitter.setRegister(register, 4);
  }
};

/** Instructions on single bits, and those that count them. */
export const BITS: Handlers = {
  "bt*": bitTest("none"),
  "bts*": bitTest("set"),
  "btr*": bitTest("reset"),
  "btc*": bitTest("complement"),
  "bsf*": scan("CTZ"),
  "bsr*": scan("CLZ"),
  "tzcnt*": countZeros("CTZ"),
  "lzcnt*": countZeros("CLZ"),
  "popcnt*": populationCount,
  crc32b: checksum(1),
  crc32w: checksum(2),
  crc32l: checksum(0),
  cpuid: identify,
};
