import { HIGH_BYTE, NO_REGISTER, RIP } from "../index.ts";
import { BadText } from "./assembly-error.ts";
import { type Expression, evaluate, isConstant, type Lookup } from "./expression.ts";
import type { Candidate, Pairing } from "./match.ts";
import type { MemoryText, OperandText, RegisterText } from "./operand-text.ts";

/** Prefix words before a mnemonic. */
export type PrefixWord = "lock" | "rep" | "repz" | "repnz";

const PREFIX_BYTES: Readonly<Record<PrefixWord, number>> = {
  lock: 0xf0,
  rep: 0xf3,
  repz: 0xf3,
  repnz: 0xf2,
};

/** What the encoding needs beside form and operands. */
export interface Surroundings {
  readonly address: bigint;
  readonly lookup: Lookup;
  readonly prefix: PrefixWord | undefined;
}

/** The pieces of an instruction that are found before any byte is put. */
interface Parts {
  rexBits: number;
  rexNeeded: boolean;
  rexBanned: boolean;
  reg: number;
  vvvv: number;
  opcodeRegister: number;
  rm: OperandText | undefined;
}

/**
 * The bytes of an instruction; undefined where the candidate cannot hold them, as a register that
 * needs a REX prefix beside `%ah`, or a jump that is too far. Symbols without a value count as 0.
 */
export function encode(
  candidate: Candidate,
  pairing: Pairing,
  around: Surroundings,
): Uint8Array | undefined {
  const { form } = candidate;
  if (!prefixFits(candidate, pairing, around.prefix)) return undefined;
  if (form.marks.has("fixed-nop")) return fixedNop(pairing, around);
  const parts = partsOf(pairing);
  const bytes: number[] = [];
  if (form.vex === undefined) {
    if (!putPlain(candidate, parts, around, bytes)) return undefined;
  } else putVex(candidate, parts, bytes);
  let ripAt = -1;
  if (form.modrm.fixed !== undefined) bytes.push(form.modrm.fixed);
  else if (form.modrm.present) {
    ripAt = putModrm(form.modrm.extension ?? parts.reg & 7, parts.rm, around, bytes);
  }
  if (!putImmediates(candidate, pairing, around, bytes)) return undefined;
  if (form.suffix !== undefined) bytes.push(form.suffix);
  if (ripAt >= 0) patchRip(bytes, ripAt, parts.rm as MemoryText, around);
  return Uint8Array.from(bytes);
}

/** The nop of 66 has one accepted operand: `0x0(%rax,%rax,1)`, with its displacement of 0. */
function fixedNop(pairing: Pairing, { lookup }: Surroundings): Uint8Array | undefined {
  const operand = pairing[0]?.[1];
  if (operand?.kind !== "memory" || (operand.base | operand.index | operand.scale) !== 0) {
    return undefined;
  }
  const { displacement } = operand;
  if (displacement !== undefined && evaluate(displacement, lookup) !== 0n) return undefined;
  return Uint8Array.of(0x66, 0x0f, 0x1f, 0x44, 0, 0);
}

function prefixFits(
  { form }: Candidate,
  pairing: Pairing,
  prefix: PrefixWord | undefined,
): boolean {
  if (prefix === undefined) return true;
  if (prefix === "lock") {
    const memory = pairing.some(([, { kind }]) => kind === "memory" || kind === "address");
    return memory && form.marks.has("lock");
  }
  if (form.marks.has("repcc")) return true;
  return form.marks.has("rep") && prefix === "rep";
}

function partsOf(pairing: Pairing): Parts {
  const parts: Parts = {
    rexBits: 0,
    rexNeeded: false,
    rexBanned: false,
    reg: 0,
    vvvv: 0,
    opcodeRegister: 0,
    rm: undefined,
  };
  for (const [operand, text] of pairing) {
    const { kind } = operand;
    if (text.kind === "register") noteByte(parts, text);
    if (kind === "rm" || kind === "memory" || kind === "xmm-rm" || kind === "mm-rm") {
      parts.rm = text;
      parts.rexBits |= rmBits(text);
    } else if (kind === "st") parts.rm = text;
    else if (text.kind !== "register") continue;
    else if (kind === "reg" || kind === "xmm-reg" || kind === "mm-reg") {
      parts.reg = registerNumber(text);
      parts.rexBits |= parts.reg > 7 ? 4 : 0;
    } else if (kind === "opcode") {
      parts.opcodeRegister = registerNumber(text);
      parts.rexBits |= parts.opcodeRegister > 7 ? 1 : 0;
    } else if (kind === "xmm-vvvv") parts.vvvv = text.number;
  }
  return parts;
}

/** spl, bpl, sil and dil exist only with a REX prefix, ah, ch, dh and bh only without. */
function noteByte(parts: Parts, { size, number }: RegisterText): void {
  if (size !== 1) return;
  if (number >= HIGH_BYTE) parts.rexBanned = true;
  else if (number >= 4) parts.rexNeeded = true;
}

function registerNumber({ number }: RegisterText): number {
  return number >= HIGH_BYTE ? number - HIGH_BYTE + 4 : number;
}

function rmBits(text: OperandText): number {
  if (text.kind === "register") return registerNumber(text) > 7 ? 1 : 0;
  if (text.kind !== "memory") return 0;
  const base = text.base !== NO_REGISTER && text.base !== RIP && text.base > 7 ? 1 : 0;
  return base | (text.index !== NO_REGISTER && text.index > 7 ? 2 : 0);
}

const MAP_BYTES: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];

function putPlain(
  { form, size }: Candidate,
  parts: Parts,
  around: Surroundings,
  bytes: number[],
): boolean {
  if (around.prefix !== undefined) bytes.push(PREFIX_BYTES[around.prefix]);
  const sized = form.size === "v" || form.size === "s";
  if ((form.mandatory & 1) !== 0 || (sized && size === 2)) bytes.push(0x66);
  if ((form.mandatory & 2) !== 0) bytes.push(0xf2);
  if ((form.mandatory & 4) !== 0) bytes.push(0xf3);
  const wide = size === 8 && (form.size === "v" || form.size === "y") ? 8 : 0;
  const rex = wide | parts.rexBits;
  if (rex !== 0 || parts.rexNeeded) {
    if (parts.rexBanned || form.marks.has("norex")) return false;
    bytes.push(0x40 | rex);
  }
  bytes.push(...(MAP_BYTES[form.map] ?? []), form.opcode | (parts.opcodeRegister & 7));
  return true;
}

function putVex({ form, size }: Candidate, parts: Parts, bytes: number[]): void {
  const wide = form.vex?.w ?? (size === 8 ? 1 : 0);
  const prefix = form.mandatory === 4 ? 2 : form.mandatory === 2 ? 3 : form.mandatory;
  const last = ((~parts.vvvv & 15) << 3) | ((form.vex?.l ?? 0) << 2) | prefix;
  const r = parts.rexBits & 4 ? 0 : 0x80;
  if (form.map === 1 && wide === 0 && (parts.rexBits & 3) === 0) bytes.push(0xc5, r | last);
  else {
    const x = parts.rexBits & 2 ? 0 : 0x40;
    const b = parts.rexBits & 1 ? 0 : 0x20;
    bytes.push(0xc4, r | x | b | form.map, (wide << 7) | last);
  }
  bytes.push(form.opcode);
}

/** Puts modrm and what belongs to it; returns the place of a distance from rip, or -1. */
function putModrm(
  reg: number,
  rm: OperandText | undefined,
  around: Surroundings,
  bytes: number[],
): number {
  const middle = reg << 3;
  if (rm === undefined || rm.kind === "immediate") bytes.push(0xc0 | middle);
  else if (rm.kind === "register") bytes.push(0xc0 | middle | (registerNumber(rm) & 7));
  else if (rm.kind === "address") {
    bytes.push(middle | 4, 0x25);
    putNumber(bytes, displacementOf(rm.value, around), 4);
  } else return putMemory(middle, rm, around, bytes);
  return -1;
}

function putMemory(
  middle: number,
  { displacement, base, index, scale }: MemoryText,
  around: Surroundings,
  bytes: number[],
): number {
  const value = displacement === undefined ? 0n : displacementOf(displacement, around);
  if (base === RIP) {
    bytes.push(middle | 5);
    putNumber(bytes, value, 4);
    return bytes.length - 4;
  }
  const fixed = displacement === undefined || isConstant(displacement);
  const small = fixed && value >= -128n && value < 128n;
  const sib = index !== NO_REGISTER || base === NO_REGISTER || (base & 7) === 4;
  const indexBits = index === NO_REGISTER ? 0x20 : (scale << 6) | ((index & 7) << 3);
  if (base === NO_REGISTER) {
    bytes.push(middle | 4, indexBits | 5);
    putNumber(bytes, value, 4);
    return -1;
  }
  const mod = fixed && value === 0n && (base & 7) !== 5 ? 0 : small ? 0x40 : 0x80;
  bytes.push(mod | middle | (sib ? 4 : base & 7));
  if (sib) bytes.push(indexBits | (base & 7));
  if (mod !== 0) putNumber(bytes, value, mod === 0x40 ? 1 : 4);
  return -1;
}

function displacementOf(expression: Expression, { lookup }: Surroundings): bigint {
  const value = evaluate(expression, lookup) ?? 0n;
  if (value < -(1n << 31n) || value >= 1n << 32n)
    throw new BadText("a displacement of over 32 bits");
  return value;
}

/** A symbol before `(%rip)` is a place, a number is the distance itself. */
function patchRip(bytes: number[], at: number, memory: MemoryText, around: Surroundings): void {
  const { displacement } = memory;
  if (displacement === undefined || isConstant(displacement)) return;
  const end = around.address + BigInt(bytes.length);
  const patch: number[] = [];
  putNumber(patch, displacementOf(displacement, around) - end, 4);
  bytes.splice(at, 4, ...patch);
}

function putImmediates(
  { form, size }: Candidate,
  pairing: Pairing,
  around: Surroundings,
  bytes: number[],
): boolean {
  for (const [operand, text] of pairing) {
    if (operand.kind === "immediate" && text.kind === "immediate") {
      const value = evaluate(text.value, around.lookup) ?? 0n;
      const length = immediateBytes(form.immediate, size);
      const signed = form.immediate === "word" && size === 8;
      if (!fitsBytes(value, length, signed)) throw new BadText(`${value} is too large`);
      putNumber(bytes, value, length);
    } else if (operand.kind === "xmm-imm" && text.kind === "register") {
      bytes.push(text.number << 4);
    } else if (operand.kind === "target" && text.kind === "address") {
      const length = form.immediate === "near" ? 1 : 4;
      const target = evaluate(text.value, around.lookup);
      const distance =
        target === undefined ? 0n : target - around.address - BigInt(bytes.length + length);
      if (BigInt.asIntN(length * 8, distance) !== distance) return false;
      putNumber(bytes, distance, length);
    }
  }
  return true;
}

function fitsBytes(value: bigint, length: number, signed: boolean): boolean {
  const half = 1n << BigInt(length * 8 - 1);
  // A one-byte form may stand for a wider number with a sign, which was judged before.
  return length === 1 || (value >= -half && value < (signed ? half : half * 2n));
}

function immediateBytes(kind: string, size: number): number {
  if (kind === "full") return size;
  if (kind === "word") return size === 2 ? 2 : 4;
  return 1;
}

/** Appends a number, little end first. */
export function putNumber(bytes: number[], value: bigint, length: number): void {
  for (let at = 0; at < length; at++) bytes.push(Number((value >> BigInt(at * 8)) & 0xffn));
}
