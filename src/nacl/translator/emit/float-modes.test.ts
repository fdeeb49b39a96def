import { describe, expect, it } from "vitest";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
  WRITE_LINES,
} from "../../../../test/support/translated-guest.ts";

const SLOT_BYTES = 16;
const DEFAULT = 0x1f80;
const MODE = { nearest: 0, down: 0x2000, up: 0x4000, cut: 0x6000, daz: 0x40, ftz: 0x8000 } as const;
const ONE = 0x3ff0_0000_0000_0000n;
const THREE = 0x4008_0000_0000_0000n;
const SIGN = 1n << 63n;

function setModes(word: number): string {
  return `movl $${word}, memory(%rip)\nldmxcsr memory(%rip)`;
}

/** Two doubles in xmm0 and xmm1, an instruction in a mode, and rax behind it. */
function double(mode: number, a: bigint, b: bigint, code: string): string {
  return `${setModes(DEFAULT | mode)}\nmovabsq $${a}, %rax\nmovq %rax, %xmm0
    movabsq $${b}, %rax\nmovq %rax, %xmm1\n${code}\nmovq %rax, out(%rbp)`;
}

const toRax = "\nmovq %xmm0, %rax";

function program(cases: readonly string[]): Uint8Array {
  const body = cases.map((code) => `${code}\nleaq ${SLOT_BYTES}(%rbp), %rbp`);
  return nexeOf(`_start: nop\nxorl %ebp, %ebp\n${body.join("\n")}
    leaq out(%rip), %rsi\nmovl $${SLOT_BYTES * cases.length}, %edx\n${WRITE_LINES}
    xorl %ebx, %ebx\n${EXIT_LINES}
    .data\n${TRAP_BLOCK}\nmemory: .zero 16\n.bss\nout: .zero ${SLOT_BYTES * cases.length}`);
}

function runAll(cases: readonly string[]): bigint[] {
  const run = runTranslated(program(cases));
  expect(run).toMatchObject({ exitCode: 0, fault: undefined, trap: undefined });
  const view = new DataView(run.written.buffer);
  return cases.map((_, at) => view.getBigUint64(at * SLOT_BYTES, true));
}

describe("modes of MXCSR", () => {
  it("round quotients, integers and narrower floats", () => {
    const third = `divsd %xmm1, %xmm0${toRax}`;
    const half = 0x4004_0000_0000_0000n;
    const rounds = [MODE.nearest, MODE.down, MODE.up, MODE.cut];
    expect(
      runAll([
        ...rounds.map((mode) => double(mode, ONE, THREE, third)),
        ...rounds.map((mode) => double(mode, ONE | SIGN, THREE, third)),
        ...rounds.map((mode) => double(mode, ONE, half, "cvtsd2si %xmm1, %eax")),
        ...rounds.map((mode) => double(mode, ONE, half | SIGN, "cvtsd2si %xmm1, %rax")),
        // The single next to 1 is 2^-23 away.
        ...rounds.map((mode) => double(mode, 0n, ONE + 1n, `cvtsd2ss %xmm1, %xmm0${toRax}`)),
        ...rounds.map((mode) => double(mode, ONE, ONE, `subsd %xmm1, %xmm0${toRax}`)),
      ]),
    ).toEqual([
      ...[0x55n, 0x55n, 0x56n, 0x55n].map((low) => 0x3fd5_5555_5555_5500n | low),
      ...[0x55n, 0x56n, 0x55n, 0x55n].map((low) => 0xbfd5_5555_5555_5500n | low),
      ...[2n, 2n, 3n, 2n],
      ...[-2n, -3n, -2n, -2n].map((value) => BigInt.asUintN(64, value)),
      ...[0x3f80_0000n, 0x3f80_0000n, 0x3f80_0001n, 0x3f80_0000n],
      ...[0n, SIGN, 0n, 0n],
    ]);
  });

  it("take denormals as zeros, and flush tiny results to zero", () => {
    const denormal = 0x000f_ffff_ffff_ffffn;
    const least = 0x0010_0000_0000_0000n;
    const half = 0x3fe0_0000_0000_0000n;
    const equal = "ucomisd %xmm1, %xmm0\nsete %al\nmovzbl %al, %eax";
    expect(
      runAll([
        double(0, denormal, 0n, `addsd %xmm1, %xmm0${toRax}`),
        double(MODE.daz, denormal | SIGN, SIGN, `addsd %xmm1, %xmm0${toRax}`),
        double(0, least | SIGN, half, `mulsd %xmm1, %xmm0${toRax}`),
        double(MODE.ftz, least | SIGN, half, `mulsd %xmm1, %xmm0${toRax}`),
        double(MODE.ftz, least, ONE, `mulsd %xmm1, %xmm0${toRax}`),
        double(0, denormal, 0n, equal),
        double(MODE.daz, denormal, 0n, equal),
        double(MODE.daz, 0n, denormal, `cmpltsd %xmm1, %xmm0${toRax}`),
        double(MODE.daz, ONE, denormal, `minsd %xmm1, %xmm0${toRax}`),
      ]),
    ).toEqual([denormal, SIGN, 0x8008_0000_0000_0000n, SIGN, least, 0n, 1n, 0n, 0n]);
  });

  it("are kept in MXCSR until a call of the sandbox, and without effect on the x87", () => {
    const stored = "stmxcsr memory(%rip)\nmovl memory(%rip), %eax";
    const call = `leaq memory(%rip), %rsi\nxorl %edx, %edx\n${WRITE_LINES}`;
    const third = `fld1\nmovl $3, memory(%rip)\nfidivl memory(%rip)\nfstpl memory(%rip)
      movq memory(%rip), %rax`;
    expect(
      runAll([
        double(MODE.up | MODE.ftz, 0n, 0n, stored),
        double(MODE.up, 0n, 0n, `${call}\n${stored}`),
        double(MODE.up, ONE, THREE, `divsd %xmm1, %xmm0\n${third}`),
      ]),
    ).toEqual([0xdf80n, 0x1f80n, 0x3fd5_5555_5555_5555n]);
  });

  it("fault where an exception is not masked, or an instruction does not know them", () => {
    const faultOf = (code: string) => runTranslated(program([code])).fault?.[0];
    expect(faultOf(setModes(DEFAULT & ~0x200))).toBe(4);
    expect(faultOf(setModes(0x1_1f80))).toBe(1);
    expect(faultOf("dpps $255, %xmm1, %xmm0")).toBeUndefined();
    expect(faultOf(`${setModes(DEFAULT | MODE.up)}\ndpps $255, %xmm1, %xmm0`)).toBe(4);
  });
});
