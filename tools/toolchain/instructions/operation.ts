import {
  Decoder,
  type Form,
  HIGH_BYTE,
  Instructions,
  printInstruction,
} from "../../../src/nacl/x86/index.ts";
import { PLACE } from "./layout.ts";

/** A memory operand that comes to the window. */
export interface Address {
  /** `rip` and `absolute` have no registers. */
  readonly mode: "registers" | "rip" | "absolute";
  readonly base: number | undefined;
  readonly index: number | undefined;
  /** Power of two that the index is multiplied by. */
  readonly scale: number;
  readonly disp: number;
  /** Where in the window the operand begins. */
  readonly offset: number;
}

/** One instruction with all that is chosen for it. */
export interface Operation {
  readonly form: Form;
  readonly size: number;
  readonly reg: number;
  /** A register, a memory operand, or undefined where the form has neither. */
  readonly rm: number | Address | undefined;
  /** The register of VEX.vvvv, or 0. */
  readonly vvvv: number;
  readonly immediate: readonly number[];
  readonly lock: boolean;
  /** F3 or F2 before a string instruction. */
  readonly repeat: number | undefined;
  /** REX.W where it is not the operand size, and mostly means nothing. */
  readonly wide: boolean;
}

const BUNDLE_BYTES = 32;
const REX_W = 8;
const MAP_BYTES: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const DISP_AT_RIP = 5;

/** The bytes of an operation at an address, which only operands relative to it depend on. */
export function encodeOperation(operation: Operation, address: number): Uint8Array {
  const { form, reg, rm } = operation;
  const { modrm } = form;
  const bytes = form.vex === undefined ? plainOpcode(operation) : vexOpcode(operation);
  let relativeAt = -1;
  if (modrm.fixed !== undefined) bytes.push(modrm.fixed);
  else if (modrm.present) relativeAt = putModrm(bytes, modrm.extension ?? reg, rm);
  bytes.push(...operation.immediate);
  if (form.suffix !== undefined) bytes.push(form.suffix);
  if (relativeAt >= 0 && typeof rm === "object") {
    putWord(bytes, relativeAt, PLACE.window + rm.offset - (address + bytes.length));
  }
  return Uint8Array.from(bytes);
}

/** Prefixes and opcode. */
function plainOpcode(operation: Operation): number[] {
  const { form, size, rm } = operation;
  const { mandatory } = form;
  const bytes: number[] = [];
  if (operation.lock) bytes.push(0xf0);
  const byPrefix = form.size === "v" || form.size === "s";
  if ((mandatory & 1) !== 0 || (byPrefix && size === 2)) bytes.push(0x66);
  if ((mandatory & 2) !== 0) bytes.push(0xf2);
  if ((mandatory & 4) !== 0) bytes.push(0xf3);
  if (operation.repeat !== undefined) bytes.push(operation.repeat);
  const rex = rexOf(operation);
  if (rex !== 0) bytes.push(rex);
  bytes.push(...(MAP_BYTES[form.map] ?? []));
  const inOpcode = form.opcodeRegister && typeof rm === "number" ? rm & 7 : 0;
  bytes.push(form.opcode + inOpcode);
  return bytes;
}

/** The prefix of three bytes, or that of two where it says as much, and the opcode. */
function vexOpcode(operation: Operation): number[] {
  const { form, size, vvvv } = operation;
  const extensions = extensionsOf(operation);
  const wide = form.vex?.w ?? (size === 8 ? 1 : 0);
  const prefix = [0, 1, 3, 0, 2][form.mandatory] ?? 0;
  const last = ((~vvvv & 15) << 3) | ((form.vex?.l ?? 0) << 2) | prefix;
  if (form.map === 1 && wide === 0 && (extensions & 3) === 0) {
    return [0xc5, ((~extensions & 4) << 5) | last, form.opcode];
  }
  return [0xc4, ((~extensions & 7) << 5) | form.map, (wide << 7) | last, form.opcode];
}

/** The highest bits of registers, as in a REX prefix. */
function extensionsOf({ form, reg, rm }: Operation): number {
  let bits = 0;
  if (form.modrm.extension === undefined && reg < HIGH_BYTE && reg > 7) bits |= 4;
  if (typeof rm === "number" && rm < HIGH_BYTE && rm > 7) bits |= 1;
  if (typeof rm !== "object" || rm.mode !== "registers") return bits;
  if ((rm.base ?? 0) > 7) bits |= 1;
  return (rm.index ?? 0) > 7 ? bits | 2 : bits;
}

/** The REX prefix, or 0 where none is needed. */
function rexOf(operation: Operation): number {
  const { form, size, reg, rm } = operation;
  let bits = extensionsOf(operation) | (operation.wide ? REX_W : 0);
  let needed = false;
  const wide = form.size === "v" || form.size === "y";
  if (wide && size === 8) bits |= REX_W;
  const isByte = (kinds: readonly string[]) =>
    form.operands.some((operand) => kinds.includes(operand.kind) && operand.size === 1);
  const low = (register: number) => register >= 4 && register < 8;
  const named = form.modrm.extension === undefined;
  if (named && isByte(["reg"]) && low(reg)) needed = true;
  if (typeof rm === "number" && isByte(["rm", "opcode"]) && low(rm)) needed = true;
  return bits !== 0 || needed ? 0x40 | bits : 0;
}

/** @returns where four bytes relative to the end of the instruction stand, or -1. */
function putModrm(bytes: number[], reg: number, rm: Operation["rm"]): number {
  const field = (reg >= HIGH_BYTE ? reg - HIGH_BYTE + 4 : reg & 7) << 3;
  if (typeof rm !== "object") {
    const register = rm ?? 0;
    bytes.push(0xc0 | field | (register >= HIGH_BYTE ? register - HIGH_BYTE + 4 : register & 7));
    return -1;
  }
  if (rm.mode === "rip") {
    bytes.push(field | DISP_AT_RIP, 0, 0, 0, 0);
    return bytes.length - 4;
  }
  if (rm.mode === "absolute") {
    bytes.push(field | 4, 0x25, 0, 0, 0, 0);
    putWord(bytes, bytes.length - 4, PLACE.window + rm.offset);
    return -1;
  }
  putRegisters(bytes, field, rm);
  return -1;
}

function putRegisters(bytes: number[], field: number, { base, index, scale, disp }: Address): void {
  const small = disp >= -128 && disp < 128;
  if (base === undefined) {
    bytes.push(field | 4, (scale << 6) | (((index ?? 4) & 7) << 3) | 5, 0, 0, 0, 0);
    putWord(bytes, bytes.length - 4, disp);
    return;
  }
  // The encodings without a displacement of rbp and r13 mean something else.
  const mod = disp === 0 && (base & 7) !== 5 ? 0 : small ? 1 : 2;
  if (index === undefined && (base & 7) !== 4) bytes.push((mod << 6) | field | (base & 7));
  else bytes.push((mod << 6) | field | 4, (scale << 6) | (((index ?? 4) & 7) << 3) | (base & 7));
  if (mod === 1) bytes.push(disp & 0xff);
  if (mod !== 2) return;
  bytes.push(0, 0, 0, 0);
  putWord(bytes, bytes.length - 4, disp);
}

function putWord(bytes: number[], at: number, value: number): void {
  for (let byte = 0; byte < 4; byte++) bytes[at + byte] = (value >> (8 * byte)) & 0xff;
}

const decoded = new Instructions(BUNDLE_BYTES);

/** How an operation reads in assembly; undefined where its bytes are another instruction. */
export function textOfOperation(operation: Operation): string | undefined {
  const bytes = encodeOperation(operation, 0);
  const length = new Decoder(bytes).decode(0, bytes.length, decoded, 0);
  const same = length === bytes.length && decoded.form[0] === operation.form.id;
  return same && decoded.size[0] === operation.size ? printInstruction(decoded, 0) : undefined;
}
