import { OP, TYPE } from "../../wasm/rewrite/index.ts";
import { TRAMPOLINE_COUNT } from "../elf/index.ts";
import { FAULT } from "./emit/index.ts";
import { PASSED } from "./flow/index.ts";
import { BASE_HIGH, GLOBAL, GLOBALS, MEMORY_BIAS, MXCSR_DEFAULT } from "./guest/index.ts";
import { flagsOfJumpTo } from "./jump-flags.ts";
import { TRAMPOLINES_START } from "./transfers.ts";
import { Code, INT, W } from "./wasm/index.ts";

/** Parameters of guest functions, see `PASSED`. */
const RSP = 0;
const RAX = 1;
const RDI = 2;
const RBX = 3;
const BUNDLE_MASK = -32;
/** Global of rcx. */
const RCX = 1;
/** Arguments of a system call behind the first: rsi, rdx, rcx, r8, r9. */
export const ARGUMENTS = [6, 2, 1, 8, 9] as const;

/** Indices that the functions between guest and host refer to. */
export interface ThunkScope {
  readonly functionType: number;
  /** See `ProgramScope`. */
  readonly tableStart: number;
  readonly slotCount: number;
  readonly trap: number;
  readonly syscall: number;
  readonly unknown: number;
  readonly fault: number;
  /** Guest addresses of the HLTs behind the text that are not a part of it. */
  readonly halts: AddressRange;
}

/** Guest addresses from the first on, without the last. */
export interface AddressRange {
  readonly start: number;
  readonly end: number;
}

/** Number of the table of functions, and of that of places within functions. */
export const TABLE = { FUNCTIONS: 0, PLACES: 1 } as const;

/** Pushes the slot of an address in a local. */
export function pushSlot(
  code: Code,
  address: number,
  slot: number,
  { tableStart, slotCount }: ThunkScope,
): void {
  code.get(address).i32(tableStart).i32op("SUB").i32(5).i32op("SHR_U").tee(slot);
  code.i32(slotCount).get(slot).i32(slotCount).i32op("LT_U").select();
}

/** Pushes the linear address of the top of the guest's stack. */
function pushStackTop(code: Code): void {
  code.get(RSP).op(W.I32_WRAP).i32(-MEMORY_BIAS).i32op("ADD");
}

/** Pushes the guest's return address, as its calls of the host mask it. */
function pushReturnAddress(code: Code): void {
  pushStackTop(code);
  code.memory(INT.LOAD[0], 0).i32(BUNDLE_MASK).i32op("AND");
}

/** Bytes from the start of a slot to behind its call. */
const SLOT_CALL_BYTES = 12;

/**
 * Writes below the guest's stack what the original left there: where its slot goes on, and the
 * lower halves of six registers.
 */
function writeFrame(code: Code, pushSlotAddress: () => void): void {
  const frame = code.local(TYPE.I32);
  const wordsBytes = 4 * (1 + ARGUMENTS.length);
  pushStackTop(code);
  code
    .i32(8 + wordsBytes)
    .i32op("SUB")
    .set(frame);
  code.get(frame).get(RDI).memory(W.I64_STORE32, 0);
  for (const [place, register] of ARGUMENTS.entries()) {
    code
      .get(frame)
      .globalGet(register)
      .memory(W.I64_STORE32, 4 + 4 * place);
  }
  code.get(frame);
  pushSlotAddress();
  code.i32(SLOT_CALL_BYTES).i32op("ADD").op(W.I64_EXTEND_U);
  withBase(code);
  code.memory(INT.STORE[1], wordsBytes);
}

/** Makes the guest address on the stack one as registers have it. */
export function withBase(code: Code): void {
  code.i64(0, BASE_HIGH).i64op("OR");
}

/** Stores what else is passed, for who takes down the registers of a guest within a call. */
function storePassed(code: Code): void {
  code.get(RSP).globalSet(GLOBAL.RSP).get(RDI).globalSet(GLOBAL.RDI);
  code.get(RAX).globalSet(GLOBAL.RAX).get(RBX).globalSet(GLOBAL.RBX);
}

/** The call at 0x10000: ZeroVM clears what it leaves in the registers, and initialises the x87. */
export function trapThunk(scope: ThunkScope): Code {
  const code = new Code(PASSED.length);
  const resumed = code.local(TYPE.I32);
  writeFrame(code, () => code.i32(TRAMPOLINES_START));
  storePassed(code);
  code.get(RDI).op(W.I32_WRAP).call(scope.trap).set(RAX);
  pushReturnAddress(code);
  code.tee(resumed).op(W.I64_EXTEND_U);
  withBase(code);
  code.globalSet(RCX);
  for (const register of [2, 6, 8, 9, 10, 11]) code.i64(0).globalSet(register);
  for (let register = 0; register < 16; register++) code.v128().globalSet(GLOBAL.XMM + register);
  code.i32(MXCSR_DEFAULT).globalSet(GLOBAL.MXCSR);
  for (let word = GLOBAL.X87_TOP; word <= GLOBAL.X87_PLACE; word++) {
    code.i32(GLOBALS[word]?.initial ?? 0).globalSet(word);
  }
  code.get(resumed).get(RSP).i64(8).i64op("ADD").tee(RSP).get(RAX);
  code.get(RSP).i64(8).i64op("ADD").i64(-1, 0).i64op("AND").get(RBX);
  return code;
}

/** The other calls of the host: their number, and the six registers of arguments. */
export function syscallThunk(scope: ThunkScope): Code {
  const code = new Code(PASSED.length);
  writeFrame(code, () => code.globalGet(GLOBAL.PC));
  storePassed(code);
  pushTrampoline(code);
  code.get(RDI).op(W.I32_WRAP);
  for (const register of ARGUMENTS) code.globalGet(register).op(W.I32_WRAP);
  code.call(scope.syscall).op(W.I64_EXTEND_U).set(RAX);
  pushReturnAddress(code);
  code.get(RSP).i64(8).i64op("ADD").get(RAX).get(RDI).get(RBX);
  return code;
}

/** Functions of the calls of the host, and of what is nothing. */
export interface Trampolines {
  readonly trap: number;
  readonly syscall: number;
  readonly halt: number;
  readonly miss: number;
}

/** In the slot of all addresses that have none: calls of the host that a pointer leads to. */
export function outsideThunk({ trap, syscall, halt, miss }: Trampolines): Code {
  const code = new Code(PASSED.length);
  const goTo = (target: number) => {
    for (const local of PASSED.keys()) code.get(local);
    code.returnCall(target);
  };
  const slot = code.local(TYPE.I32);
  pushTrampoline(code);
  code.tee(slot).op(OP.I32_EQZ).if();
  goTo(trap);
  code.end().get(slot).i32(TRAMPOLINE_COUNT).i32op("LT_U").if();
  goTo(syscall);
  code.end().get(slot).i32(TRAMPOLINE_COUNT).i32op("EQ").if();
  goTo(halt);
  code.end();
  goTo(miss);
  return code;
}

/** Pushes the number of the call of the host at the address that is gone to. */
function pushTrampoline(code: Code): void {
  code.globalGet(GLOBAL.PC).i32(TRAMPOLINES_START).i32op("SUB").i32(5).i32op("SHR_U");
}

/** In slots of no function: the address goes up to who may know it, at last to the start. */
export function missThunk(): Code {
  const code = new Code(PASSED.length);
  code.i32(1).globalSet(GLOBAL.MISSED).globalGet(GLOBAL.PC);
  for (const local of PASSED.keys()) code.get(local);
  return code;
}

/**
 * Goes to a place: that of the table, or what the host has translated for it; or faults in HLTs.
 * The table is empty at first: to fill it takes longer than all else at the start of a program.
 */
export function placeThunk(scope: ThunkScope): Code {
  const code = new Code(PASSED.length);
  const [pc, slot] = [code.local(TYPE.I32), code.local(TYPE.I32)];
  const { start, end } = scope.halts;
  code
    .globalGet(GLOBAL.PC)
    .i32(start)
    .i32op("SUB")
    .i32(end - start)
    .i32op("LT_U")
    .if();
  code.i32(FAULT.HALT).globalGet(GLOBAL.PC).call(scope.fault).op(OP.UNREACHABLE).end();
  code.globalGet(GLOBAL.PC).set(pc);
  pushSlot(code, pc, slot, scope);
  code.tee(slot).isNull(TABLE.PLACES).if();
  code.get(pc).call(scope.unknown).set(slot).end();
  for (const local of PASSED.keys()) code.get(local);
  code.get(slot);
  return code.returnCallIndirect(scope.functionType, TABLE.PLACES);
}

/** In the slot of a function that reads flags: they are those of the jump, if it was computed. */
export function flagsThunk(address: number, index: number): Code {
  const code = new Code(PASSED.length);
  const flags = flagsOfJumpTo(address);
  setFlagsOfJump(
    code,
    () => code.i32(flags),
    () => code.i32(address),
  );
  for (const local of PASSED.keys()) code.get(local);
  return code.returnCall(index);
}

/** The flags of a jump that came here, where it was a computed one. */
export function setFlagsOfJump(code: Code, pushFlags: () => void, pushAddress: () => void): void {
  code.globalGet(GLOBAL.DIRECT);
  pushAddress();
  code.i32op("NE").if();
  pushFlags();
  code.globalSet(GLOBAL.FLAGS).end().i32(0).globalSet(GLOBAL.DIRECT);
}

/** In the slot that has no call, nor code: all of it is HLT. */
export function haltThunk(scope: ThunkScope): Code {
  const code = new Code(PASSED.length);
  code.i32(FAULT.HALT).globalGet(GLOBAL.PC).call(scope.fault);
  return code.op(OP.UNREACHABLE);
}
