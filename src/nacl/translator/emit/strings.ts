import { TYPE } from "../../../wasm/rewrite/index.ts";
import { PREFIX } from "../../x86/index.ts";
import { GLOBAL, MEMORY_BIAS } from "../guest/index.ts";
import { INT, W } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import type { Handler, Handlers } from "./handler.ts";

const RAX = 0;
const RCX = 1;
const RSI = 6;
const RDI = 7;

/** Size in bytes of one step; the forms of one byte have an operand size of that. */
function stepBytes(emitter: Emitter): number {
  const size = emitter.size;
  return size === 0 ? 1 : size;
}

function pushLinear(emitter: Emitter, register: number): void {
  emitter.code.get(emitter.register(register)).op(W.I32_WRAP).i32(-MEMORY_BIAS).i32op("ADD");
}

function loadFrom(emitter: Emitter, register: number, size: number): void {
  pushLinear(emitter, register);
  const { code } = emitter;
  if (size === 1) code.memory(INT.LOAD8_U[0], 0);
  else if (size === 2) code.memory(INT.LOAD16_U[0], 0);
  else code.memory(INT.LOAD[size === 8 ? 1 : 0], 0);
}

/** Moves a register by one step, up or down as the direction says. */
function advance(emitter: Emitter, register: number, size: number): void {
  const { code } = emitter;
  const local = emitter.register(register);
  code.get(local).i64(-size).i64(size).globalGet(GLOBAL.DIRECTION).select();
  code.i64op("ADD").set(local);
}

/** Repeats while rcx is not zero and the condition holds, if there is one. */
function repeat(emitter: Emitter, body: () => void, condition?: () => void): void {
  const { code } = emitter;
  const rcx = emitter.register(RCX);
  code.block().loop().get(rcx).i64op("EQZ").brIf(1);
  body();
  code.get(rcx).i64(1).i64op("SUB").set(rcx);
  if (condition === undefined) code.br(0);
  else {
    condition();
    code.brIf(0);
  }
  code.end().end();
}

function isRepeated(emitter: Emitter): boolean {
  return ((emitter.text.prefixes[emitter.at] ?? 0) & (PREFIX.rep | PREFIX.repne)) !== 0;
}

/** movs and stos with rep go through a helper that copies or fills at once where it may. */
const moveString: Handler = (emitter) => {
  const { code, module } = emitter;
  const size = stepBytes(emitter);
  const [rsi, rdi, rcx] = [RSI, RDI, RCX].map((register) => emitter.register(register));
  if (isRepeated(emitter)) {
    code
      .tellPlace()
      .get(rdi ?? 0)
      .get(rsi ?? 0)
      .get(rcx ?? 0)
      .i32(size);
    code.globalGet(GLOBAL.DIRECTION).call(module.helper("moveString"));
    code
      .set(rsi ?? 0)
      .set(rdi ?? 0)
      .i64(0)
      .set(rcx ?? 0);
    return;
  }
  pushLinear(emitter, RDI);
  loadFrom(emitter, RSI, size);
  emitter.storeMemory(0, size);
  advance(emitter, RSI, size);
  advance(emitter, RDI, size);
};

const storeString: Handler = (emitter) => {
  const { code, module } = emitter;
  const size = stepBytes(emitter);
  const [rdi, rcx] = [emitter.register(RDI), emitter.register(RCX)];
  if (isRepeated(emitter)) {
    code.tellPlace().get(rdi);
    emitter.getRegister(RAX, 8);
    code.get(rcx).i32(size).globalGet(GLOBAL.DIRECTION).call(module.helper("storeString"));
    code.set(rdi).i64(0).set(rcx);
    return;
  }
  pushLinear(emitter, RDI);
  emitter.getRegister(RAX, size);
  emitter.storeMemory(0, size);
  advance(emitter, RDI, size);
};

const loadString: Handler = (emitter) => {
  const size = stepBytes(emitter);
  const step = () => {
    loadFrom(emitter, RSI, size);
    emitter.setRegister(RAX, size);
    advance(emitter, RSI, size);
  };
  if (isRepeated(emitter)) repeat(emitter, step);
  else step();
};

/** cmps and scas: as cmp of what is in memory; no flag changes where rcx is zero at once. */
function compareString(first: "memory" | "rax"): Handler {
  return (emitter) => {
    const { code, flags, live } = emitter;
    const size = stepBytes(emitter);
    const [a, b] = [emitter.int("string a", size), emitter.int("string b", size)];
    const step = () => {
      if (first === "memory") {
        loadFrom(emitter, RSI, size);
        code.set(a);
        advance(emitter, RSI, size);
      } else {
        emitter.getRegister(RAX, size);
        code.set(a);
      }
      loadFrom(emitter, RDI, size);
      code.set(b);
      advance(emitter, RDI, size);
    };
    const prefixes = emitter.text.prefixes[emitter.at] ?? 0;
    const setFlags = () => {
      code.get(a).set(flags.first(size)).get(b).set(flags.second(size));
      flags.set("subtract", size);
    };
    if (!isRepeated(emitter)) {
      step();
      if (live === 0) flags.set("none");
      else setFlags();
      return;
    }
    if (live !== 0) flags.materialise(live);
    const began = emitter.scratch("began", TYPE.I32);
    code.get(emitter.register(RCX)).i64(0).i64op("NE").set(began);
    const goesOn = (prefixes & PREFIX.rep) !== 0 ? "EQ" : "NE";
    repeat(emitter, step, () => code.get(a).get(b).int(goesOn, size));
    if (live === 0) {
      flags.set("none");
      return;
    }
    code.get(began).if();
    setFlags();
    flags.push(live);
    code.set(flags.bits).end();
    flags.set("bits");
  };
}

/** String instructions, all of them with the sandbox's own preparation of rsi and rdi. */
export const STRINGS: Handlers = {
  movsb: moveString,
  movsw: moveString,
  stosb: storeString,
  stosw: storeString,
  lodsb: loadString,
  lodsw: loadString,
  cmpsb: compareString("memory"),
  cmpsw: compareString("memory"),
  scasb: compareString("rax"),
  scasw: compareString("rax"),
};
