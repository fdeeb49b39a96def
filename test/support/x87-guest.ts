import { expect } from "vitest";
import { EXIT_LINES, nexeOf, runTranslated, TRAP_BLOCK, WRITE_LINES } from "./translated-guest.ts";

/** Bytes that each piece of code may store at `out(%rbp)`. */
const SLOT_BYTES = 128;

/** A float of 80 bits: sign with exponent, and significand. */
export type Extended = readonly [sign: number, significand: bigint];

/** Control words of the three precisions, rounding to nearest. */
export const PRECISION_WORD = { SINGLE: 0x07f, DOUBLE: 0x27f, EXTENDED: 0x37f } as const;
/** Bits of the control word for the modes of rounding. */
export const ROUNDING = { NEAREST: 0, DOWN: 0x400, UP: 0x800, CUT: 0xc00 } as const;
/** Exceptions in the status word; a stack fault comes with an invalid operation. */
export const EXCEPTION = {
  INVALID: 1,
  DENORMAL: 2,
  ZERO_DIVIDE: 4,
  OVERFLOW: 8,
  UNDERFLOW: 0x10,
  PRECISION: 0x20,
  STACK: 0x41,
} as const;
/** Condition bits of the status word. */
export const CONDITION = { C0: 0x100, C1: 0x200, C2: 0x400, C3: 0x4000 } as const;

/** Code that loads a value of eighty bits. */
export function loadLines(sign: number, significand: bigint): string {
  return `movabsq $${significand}, %rax\nmovq %rax, memory(%rip)
    movw $${sign}, memory+8(%rip)\nfldt memory(%rip)`;
}

/** Code that sets the control word. */
export function modeLines(word: number): string {
  return `movw $${word}, memory(%rip)\nfldcw memory(%rip)`;
}

/** Runs pieces of code, each in a fresh unit; what each stored at `out(%rbp)` is its slot. */
export function runInUnits(cases: readonly string[]): DataView[] {
  const body = cases.map((code) => `fninit\n${code}\nleaq ${SLOT_BYTES}(%rbp), %rbp`);
  const text = `_start: nop\nxorl %ebp, %ebp\n${body.join("\n")}
    leaq out(%rip), %rsi\nmovl $${SLOT_BYTES * cases.length}, %edx\n${WRITE_LINES}
    xorl %ebx, %ebx\n${EXIT_LINES}
    .data\n${TRAP_BLOCK}\nmemory: .zero 16\n.bss\nout: .zero ${SLOT_BYTES * cases.length}`;
  const run = runTranslated(nexeOf(text));
  expect(run).toMatchObject({ exitCode: 0, fault: undefined, trap: undefined });
  return cases.map((_, at) => new DataView(run.written.buffer, at * SLOT_BYTES, SLOT_BYTES));
}

/** What is on the top after each case. */
export function topsOf(cases: readonly string[]): Extended[] {
  return runInUnits(cases.map((code) => `${code}\nfstpt out(%rbp)`)).map((slot) => [
    slot.getUint16(8, true),
    slot.getBigUint64(0, true),
  ]);
}

/** Condition bits and exceptions after each case. */
export function statesOf(cases: readonly string[]): number[] {
  const slots = runInUnits(cases.map((code) => `${code}\nfnstsw out(%rbp)`));
  return slots.map((slot) => slot.getUint16(0, true) & ~0x3800);
}
