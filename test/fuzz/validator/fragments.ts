/** Pieces of Native Client code as lists of instructions, mostly right and often nearly so. */
import type { Dice } from "../../support/dice.ts";

type Bytes = readonly number[];

const R15 = 15;
const RSP = 4;
const RBP = 5;

/** An instruction with a modrm byte for registers; spare bits of REX are set now and then. */
function registers(dice: Dice, w: number, opcode: Bytes, reg: number, rm: number): number[] {
  const spare = dice.below(12) === 0 ? 2 : 0;
  const rex = (w << 3) | ((reg & 8) >> 1) | ((rm & 8) >> 3) | spare;
  const prefix = rex === 0 && dice.below(16) !== 0 ? [] : [0x40 | rex];
  return [...prefix, ...opcode, 0xc0 | ((reg & 7) << 3) | (rm & 7)];
}

function anyRegister(dice: Dice): number {
  return dice.below(3) === 0 ? dice.of([RSP, RBP, 6, 7, R15]) : dice.below(16);
}

function word(dice: Dice): number[] {
  const value = dice.of([0, 0, 1, -1, 8, 0x7fff_ffff, -0x8000_0000, 0x1234]);
  return [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];
}

/** A 32-bit write of a register, by an instruction that restricts it or by one that does not. */
function narrowWrite(dice: Dice, register: number): number[] {
  const other = anyRegister(dice);
  const w = dice.below(16) === 0 ? 1 : 0;
  const toRm = (...opcode: number[]) => registers(dice, w, opcode, other, register);
  const toReg = (...opcode: number[]) => registers(dice, w, opcode, register, other);
  const group = (extension: number, ...opcode: number[]) =>
    registers(dice, w, opcode, extension, register);
  return dice.of<() => number[]>([
    () => toRm(dice.of([0x89, 0x01, 0x29, 0x21, 0x09, 0x31])),
    () => toReg(dice.of([0x8b, 0x03, 0x2b, 0x23, 0x0b, 0x33])),
    () => [...group(dice.of([0, 1, 4, 5, 6]), 0x83), dice.of([0xe0, 8, 0xf0])],
    () => [...group(dice.of([0, 1, 4, 5, 6]), 0x81), ...word(dice)],
    () => [...group(0, 0xc7), ...word(dice)],
    () => memory(dice, 0, [0x8d], register, dice.below(16), dice.below(16)),
    () => group(dice.below(2), 0xff),
    () => group(dice.of([2, 3]), 0xf7),
    () => toReg(0x0f, dice.of([0xaf, 0xb6, 0xb7, 0xbe, 0xbf])),
    () => toReg(0x63),
    () => [...toReg(0x6b), 5],
    () => toRm(0x87),
    () => toRm(0x0f, 0xc1),
    () => registers(dice, w, [0x0f, 0x7e], dice.below(8), register),
    () => toRm(dice.of([0x11, 0x19, 0x39, 0x85])),
    () => toReg(0x0f, dice.of([0x44, 0xbc, 0xbd])),
    () => [...group(dice.of([0, 4, 5]), 0xc1), 3],
    () => toRm(0x0f, dice.of([0xb1, 0xb0, 0xc0, 0xa5])),
    () => opcodeRegister(dice, dice.of([0xb8, 0x90, 0x58]), register),
    () => toRm(dice.of([0x88, 0x86])),
  ])();
}

function opcodeRegister(dice: Dice, opcode: number, register: number): number[] {
  const rex = register > 7 ? [0x41] : dice.below(8) === 0 ? [0x40] : [];
  const value = opcode === 0xb8 ? word(dice) : [];
  return [...rex, opcode + (register & 7), ...value];
}

/** An instruction with a memory operand. A base of 16 is rip, an index of 4 none. */
function memory(
  dice: Dice,
  w: number,
  opcode: Bytes,
  reg: number,
  base: number,
  index: number,
): number[] {
  if (base === 16) {
    const rex = (w << 3) | ((reg & 8) >> 1);
    return [...(rex ? [0x40 | rex] : []), ...opcode, ((reg & 7) << 3) | 5, ...word(dice)];
  }
  const rex = (w << 3) | ((reg & 8) >> 1) | ((index & 8) >> 2) | ((base & 8) >> 3);
  const mod = dice.below(3);
  const sib = (dice.below(4) << 6) | ((index & 7) << 3) | (base & 7);
  const disp =
    mod === 1 ? [dice.of([0, 0, 8, 0xf8])] : mod === 2 || (base & 7) === 5 ? word(dice) : [];
  const prefix = rex === 0 ? [] : [0x40 | rex];
  return [...prefix, ...opcode, (mod << 6) | ((reg & 7) << 3) | 4, sib, ...disp];
}

/** A use of memory, often with the given index. */
function use(dice: Dice, index: number): number[] {
  const base = dice.below(6) === 0 ? dice.below(17) : dice.of([R15, R15, RSP, RBP, 16]);
  const chosen = dice.of([index, index, index, 4, dice.below(16)]);
  const opcode = dice.of<Bytes>([
    [0x8b],
    [0x89],
    [0x8a],
    [0x88],
    [0x01],
    [0x03],
    [0x3b],
    [0x8d],
    [0xff],
    [0x87],
    [0x0f, 0xb6],
    [0x0f, 0x10],
    [0x0f, 0x18],
    [0x0f, 0x1f],
    [0x0f, 0xc3],
    [0x0f, 0xae],
  ]);
  const prefix = dice.below(10) === 0 ? [dice.of([0xf0, 0x66, 0xf3, 0xf2, 0x67, 0x2e, 0x64])] : [];
  return [...prefix, ...memory(dice, dice.below(2), opcode, anyRegister(dice), base, chosen)];
}

/** A second half for a pair. */
function fix(dice: Dice, register: number): number[] {
  const low = register & 7;
  return dice.of<() => number[]>([
    () => registers(dice, 1, [0x01], R15, register),
    () => registers(dice, 1, [0x03], register, R15),
    () => registers(dice, 1, [dice.of([0x09, 0x29])], R15, register),
    () => registers(dice, 1, [0x0b], register, R15),
    () => [0x4a, 0x8d, 0x44 | (low << 3), 0x38 | low, dice.of([0, 0, 0, 1])],
    () => [0x4a, 0x8d, 0x84 | (low << 3), 0x38 | low, ...word(dice)],
    () => [0x4a, 0x8d, 0x04 | (low << 3), 0x38 | low],
    () => memory(dice, 1, [0x8d], register, register, R15),
  ])();
}

function pair(dice: Dice): number[][] {
  const register = dice.of([RSP, RBP]);
  const other = dice.below(10) === 0 ? dice.below(16) : register;
  const between = dice.below(12) === 0 ? [[0x90]] : [];
  return [narrowWrite(dice, register), ...between, fix(dice, other)];
}

function masked(dice: Dice): number[][] {
  const register = dice.below(16);
  const wrong = () => (dice.below(14) === 0 ? dice.below(16) : register);
  const w = dice.below(20) === 0 ? 1 : 0;
  const second = wrong();
  const add =
    dice.below(2) === 0
      ? registers(dice, 1, [0x01], R15, second)
      : registers(dice, 1, [0x03], second, R15);
  return [
    [...registers(dice, w, [0x83], 4, wrong()), dice.of([0xe0, 0xe0, 0xe0, 0xe0, 0xf0])],
    ...(dice.below(20) === 0 ? [[0x90]] : []),
    add,
    registers(dice, dice.below(6) === 0 ? 1 : 0, [0xff], dice.of([2, 4]), wrong()),
  ];
}

function piece(dice: Dice, register: number): number[][] {
  const mov = dice.below(14) === 0 ? narrowWrite(dice, register) : moveToItself(dice, register);
  const lea =
    dice.below(14) === 0
      ? memory(dice, 1, [0x8d], register, R15, register)
      : [0x49, 0x8d, 0x04 | (register << 3), 0x07 | (register << 3)];
  return [mov, lea];
}

function moveToItself(dice: Dice, register: number): number[] {
  return registers(dice, 0, [dice.of([0x89, 0x8b])], register, register);
}

function string(dice: Dice): number[][] {
  const pieces = dice.of<() => number[][]>([
    () => piece(dice, 7),
    () => piece(dice, 6),
    () => [...piece(dice, 6), ...piece(dice, 7)],
    () => [...piece(dice, 7), ...piece(dice, 6)],
  ])();
  const prefix = dice.of([[], [], [0xf3], [0xf2], [0x66], [0x66, 0xf3]]);
  const rex = dice.of([[], [], [0x48], [0x40]]);
  const last = dice.of<Bytes>([
    [0xa4 + dice.below(4)],
    [0xaa + dice.below(6)],
    [0x0f, 0xf7, 0xc0 + dice.below(64)],
    [0xc5, 0xf9, 0xf7, 0xc0 + dice.below(64)],
  ]);
  return [...pieces, last[0] === 0xc5 ? [...last] : [...prefix, ...rex, ...last]];
}

/** A jump; the distance is put in when all places are known. */
function jump(dice: Dice): number[][] {
  const hint = dice.below(8) === 0 ? [dice.of([0x2e, 0x3e])] : [];
  return [
    dice.of<() => number[]>([
      () => [0xeb, 0],
      () => [...hint, 0x70 + dice.below(16), 0],
      () => [0xe0 + dice.below(4), 0],
      () => [0xe9, 0, 0, 0, 0],
      () => [0xe8, 0, 0, 0, 0],
      () => [...hint, 0x0f, 0x80 + dice.below(16), 0, 0, 0, 0],
    ])(),
  ];
}

const SINGLES: readonly [Bytes, ...Bytes[]] = [
  [0x48, 0x89, 0xe5],
  [0x48, 0x89, 0xec],
  [0x48, 0x8b, 0xec],
  [0x4a, 0x8b, 0xe5],
  [0x48, 0x83, 0xe4, 0xf0],
  [0x48, 0x83, 0xe4, 0x10],
  [0x4a, 0x83, 0xe4, 0xf0],
  [0x48, 0x89, 0xe4],
  [0xf4],
  [0x90],
  [0x66, 0x90],
  [0x0f, 0x1f, 0x44, 0, 0],
  [0x66, 0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
  [0x0f, 0xa2],
  [0x0f, 0x31],
  [0x9f],
  [0xf2, 0x0f, 0x38, 0xf1, 0xc1],
  [0x66, 0xf2, 0x0f, 0x38, 0xf1, 0xc1],
  [0xc5, 0xf8, 0x58, 0xc1],
  [0x0f, 0xae, 0x7d, 0x08],
  [0xf0, 0xff, 0x45, 0x08],
  [0xc3],
  [0xc9],
  [0xff, 0xe0],
  [0xa4],
  [0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8],
  [0xd9, 0xe8],
  [0x0f, 0x0b],
  [0x41, 0x57],
  [0x41, 0x5f],
];

/** Some instructions that belong together, or look as if they did. */
export function fragment(dice: Dice): Bytes[] {
  return dice.of<() => Bytes[]>([
    () => pair(dice),
    () => pair(dice),
    () => masked(dice),
    () => string(dice),
    () => jump(dice),
    () => jump(dice),
    () => [dice.of(SINGLES)],
    () => [dice.of(SINGLES)],
    () => {
      const index = dice.below(16);
      return [narrowWrite(dice, index), use(dice, index)];
    },
    () => {
      const index = dice.below(16);
      return [narrowWrite(dice, index), use(dice, index)];
    },
    () => [use(dice, 4)],
    () => [narrowWrite(dice, anyRegister(dice))],
    () => [opcodeRegister(dice, dice.of([0x50, 0x58]), anyRegister(dice))],
    () => [Array.from({ length: 1 + dice.below(4) }, () => dice.below(256))],
  ])();
}
