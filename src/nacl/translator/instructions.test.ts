import { describe, expect, it } from "vitest";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
  WRITE_LINES,
} from "../../../test/support/translated-guest.ts";

const SLOT_BYTES = 64;
const CONDITIONS = ["o", "b", "e", "s", "p", "l", "le", "be"];
const SUFFIX: Readonly<Record<number, string>> = { 1: "b", 2: "w", 4: "l", 8: "q" };
const RAX: Readonly<Record<number, string>> = { 1: "%al", 2: "%ax", 4: "%eax", 8: "%rax" };
const RBX: Readonly<Record<number, string>> = { 1: "%bl", 2: "%bx", 4: "%ebx", 8: "%rbx" };
const VALUES = [0n, 1n, 0x7fn, 0x8000n, 0x7fff_ffffn, 0xffff_ffff_ffff_ffffn];
/** What the registers hold before an instruction of a smaller size writes a part of them. */
const JUNK = 0x1234_5678_9abc_def0n;

/** One piece of code, and where it leaves rax, rdx and eight conditions: C, O and so on. */
function runAll(cases: readonly string[]): DataView {
  const stores = CONDITIONS.map((name, at) => `set${name} out+${16 + at}(%rbp)`).join("\n");
  const body = cases.map(
    (code) => `${code}\n${stores}\nmovq %rax, out(%rbp)\nmovq %rdx, out+8(%rbp)
      leaq ${SLOT_BYTES}(%rbp), %rbp`,
  );
  const text = `_start: nop\nxorl %ebp, %ebp\n${body.join("\n")}
    leaq out(%rip), %rsi\nmovl $${SLOT_BYTES * cases.length}, %edx\n${WRITE_LINES}
    xorl %ebx, %ebx\n${EXIT_LINES}
    .data\n${TRAP_BLOCK}\nmemory: .zero 64\n.bss\nout: .zero ${SLOT_BYTES * cases.length}`;
  const run = runTranslated(nexeOf(text), "nacl");
  expect(run).toMatchObject({ exitCode: 0, fault: undefined, trap: undefined });
  return new DataView(run.written.buffer);
}

function mask(bits: bigint): bigint {
  return (1n << bits) - 1n;
}

interface Model {
  readonly result: bigint;
  readonly carry: boolean;
  readonly overflow: boolean;
}

/** Sums and differences by their definition: with and without signs, and what does not fit. */
function modelOf(name: string, a: bigint, b: bigint, bits: bigint, carryIn: bigint): Model {
  const signed = (value: bigint) => BigInt.asIntN(Number(bits), value);
  const carry = name === "adc" || name === "sbb" ? carryIn : 0n;
  const plus = name === "add" || name === "adc";
  const wide = plus ? a + b + carry : a - b - carry;
  const wideSigned = plus ? signed(a) + signed(b) + carry : signed(a) - signed(b) - carry;
  const result = wide & mask(bits);
  return { result, carry: wide !== result, overflow: wideSigned !== signed(result) };
}

function conditionsOf({ result, carry, overflow }: Model, bits: bigint): boolean[] {
  const zero = result === 0n;
  const sign = result >> (bits - 1n) === 1n;
  const low = (result & 0xffn).toString(2).replaceAll("0", "").length;
  return [
    overflow,
    carry,
    zero,
    sign,
    low % 2 === 0,
    sign !== overflow,
    zero || sign !== overflow,
    carry || zero,
  ];
}

/** rax after a write of a part of it. */
function merged(old: bigint, value: bigint, size: number): bigint {
  if (size >= 4) return value;
  const low = mask(BigInt(size * 8));
  return (old & ~low) | value;
}

describe("translated instructions", () => {
  it("xchg of a register with itself clears the upper half in 32 bits only", () => {
    const start = `movabsq $${JUNK}, %rax\n`;
    const view = runAll(
      ["%al, %al", "%ax, %ax", "%eax, %eax", "%rax, %rax"].map((it) => `${start}xchg ${it}`),
    );
    const results = [0, 1, 2, 3].map((at) => view.getBigUint64(at * SLOT_BYTES, true));
    expect(results).toEqual([JUNK, JUNK, JUNK & mask(32n), JUNK]);
  });

  it.each(["add", "sub", "adc", "sbb"])("%s: results and flags in all widths", (name) => {
    const cases: string[] = [];
    const wanted: [bigint, boolean[]][] = [];
    for (const size of [1, 2, 4, 8]) {
      const bits = BigInt(size * 8);
      for (const x of VALUES) {
        for (const y of VALUES) {
          for (const carry of [0n, 1n]) {
            const [a, b] = [x & mask(bits), y & mask(bits)];
            const start = merged(JUNK, a, size);
            cases.push(`movabsq $${start}, %rax\nmovabsq $${b}, %rbx
              ${carry === 1n ? "stc" : "clc"}\n${name}${SUFFIX[size]} ${RBX[size]}, ${RAX[size]}`);
            const model = modelOf(name, a, b, bits, carry);
            wanted.push([merged(JUNK, model.result, size), conditionsOf(model, bits)]);
          }
        }
      }
    }
    const out = runAll(cases);
    const found = cases.map((_, at): [bigint, boolean[]] => [
      out.getBigUint64(at * SLOT_BYTES, true),
      CONDITIONS.map((_name, flag) => out.getUint8(at * SLOT_BYTES + 16 + flag) === 1),
    ]);
    expect(found).toEqual(wanted);
  });

  it("multiplies and divides in 128 bits", () => {
    const factors = [3n, 0xffff_ffff_ffff_fff7n, 0x8000_0000_0000_0000n, 0x1234_5678_9abc_def1n];
    const cases: string[] = [];
    const wanted: [bigint, bigint][] = [];
    const all = mask(64n);
    const signed = (value: bigint) => BigInt.asIntN(64, value);
    for (const a of factors) {
      for (const b of factors) {
        const start = `movabsq $${a}, %rax\nmovabsq $${b}, %rbx`;
        cases.push(`${start}\nmulq %rbx`, `${start}\nimulq %rbx`);
        const product = a * b;
        const other = signed(a) * signed(b);
        wanted.push([product & all, product >> 64n], [other & all, (other >> 64n) & all]);
        const high = b / 3n;
        cases.push(`${start}\nmovabsq $${high}, %rdx\ndivq %rbx`);
        const dividend = (high << 64n) | a;
        wanted.push([dividend / b, dividend % b]);
        const top = signed(b) / 5n;
        const dividendSigned = (top << 64n) | a;
        cases.push(`${start}\nmovabsq $${top & all}, %rdx\nidivq %rbx`);
        wanted.push([(dividendSigned / signed(b)) & all, (dividendSigned % signed(b)) & all]);
      }
    }
    const out = runAll(cases);
    const found = cases.map((_, at): [bigint, bigint] => [
      out.getBigUint64(at * SLOT_BYTES, true),
      out.getBigUint64(at * SLOT_BYTES + 8, true),
    ]);
    expect(found).toEqual(wanted);
  });

  it("keeps flags where a shift counts zero, and C across inc and dec", () => {
    const out = runAll([
      "movl $5, %eax\nxorl %ecx, %ecx\nstc\nshll %cl, %eax",
      "movl $5, %eax\nmovl $32, %ecx\nstc\nrorl %cl, %eax",
      "movl $-1, %eax\nstc\nincl %eax",
      "xorl %eax, %eax\nclc\ndecl %eax",
      "movabsq $-1, %rax\nmovl $1, %ecx\nshldl $0, %ecx, %eax",
    ]);
    const rows = Array.from({ length: 5 }, (_, at) => [
      out.getBigUint64(at * SLOT_BYTES, true),
      out.getUint8(at * SLOT_BYTES + 17),
    ]);
    expect(rows.map(([value]) => value)).toEqual([5n, 5n, 0n, 0xffff_ffffn, 0xffff_ffffn]);
    expect(rows.slice(0, 4).map(([, carry]) => carry)).toEqual([1, 1, 1, 0]);
  });

  it("gives the NaNs, extremes and conversions of the processor", () => {
    const [quiet, other, loud] = [
      0x7ff8_0000_0000_0001n,
      0xfff8_0000_0000_0123n,
      0x7ff0_0000_0000_0007n,
    ];
    const one = 0x3ff0_0000_0000_0000n;
    const infinite = 0x7ff0_0000_0000_0000n;
    const binary = (name: string, a: bigint, b: bigint) => `movabsq $${a}, %rax\nmovq %rax, %xmm0
      movabsq $${b}, %rax\nmovq %rax, %xmm1\n${name} %xmm1, %xmm0\nmovq %xmm0, %rax`;
    const cases: readonly (readonly [code: string, rax: bigint])[] = [
      [binary("addsd", quiet, other), quiet],
      [binary("addsd", one, other), other],
      [binary("mulsd", loud, quiet), 0x7ff8_0000_0000_0007n],
      [binary("subsd", infinite, infinite), 0xfff8_0000_0000_0000n],
      [binary("mulpd", one, loud), 0x7ff8_0000_0000_0007n],
      [binary("sqrtsd", one, 0xbff0_0000_0000_0000n), 0xfff8_0000_0000_0000n],
      [binary("minsd", quiet, one), one],
      [binary("minsd", one, loud), loud],
      [binary("maxsd", 0n, 1n << 63n), 1n << 63n],
      [`${binary("addsd", quiet, one)}\ncvttsd2si %xmm0, %eax`, 0x8000_0000n],
      [`${binary("addsd", one, one)}\ncvtsd2si %xmm0, %rax`, 2n],
      [`${binary("divsd", one, 0n)}\ncvttsd2si %xmm0, %rax`, 1n << 63n],
      [`${binary("cvtsd2ss", one, loud)}\nmovd %xmm0, %eax`, 0x7fc0_0000n],
    ];
    const out = runAll(cases.map(([code]) => code));
    const found = cases.map((_, at) => out.getBigUint64(at * SLOT_BYTES, true));
    expect(found).toEqual(cases.map(([, rax]) => rax));
  });

  it("moves, fills and compares strings in both directions", () => {
    const text = `movabsq $0x1122334455667788, %rax\nmovq %rax, memory(%rip)`;
    const out = runAll([
      `${text}\nleaq memory(%rip), %rsi\nleaq memory+1(%rip), %rdi\nmovl $4, %ecx
       naclstring rep movsb\nmovq memory(%rip), %rax`,
      `${text}\nstd\nleaq memory+6(%rip), %rsi\nleaq memory+7(%rip), %rdi\nmovl $7, %ecx
       naclstring rep movsb\ncld\nmovq memory(%rip), %rax`,
      `${text}\nleaq memory(%rip), %rdi\nmovl $3, %ecx\nmovb $0xaa, %al
       naclstring rep stosb\nmovq memory(%rip), %rax`,
      `${text}\nleaq memory(%rip), %rdi\nmovl $8, %ecx\nmovb $0x55, %al
       naclstring repne scasb\nmovl %ecx, %eax`,
    ]);
    const found = [0, 1, 2, 3].map((at) => out.getBigUint64(at * SLOT_BYTES, true));
    expect(found).toEqual([
      0x1122_3388_8888_8888n,
      0x2233_4455_6677_8888n,
      0x1122_3344_55aa_aaaan,
      4n,
    ]);
  });

  it("finds texts in texts, and says where, how and whether they end", () => {
    const load = (register: string, text: string) => {
      const bytes = Buffer.from(text.padEnd(16, "\0"));
      return `movabsq $${bytes.readBigUInt64LE(8)}, %rax\nmovq %rax, %${register}
        pslldq $8, %${register}\nmovabsq $${bytes.readBigUInt64LE(0)}, %rax
        movq %rax, %xmm3\nmovsd %xmm3, %${register}`;
    };
    const both = (a: string, b: string, then: string) =>
      `${load("xmm1", a)}\n${load("xmm2", b)}\n${then}\nmovq %rcx, %rdx`;
    const mask = (a: string, b: string, then: string) =>
      `${load("xmm1", a)}\n${load("xmm2", b)}\n${then}\nmovq %xmm0, %rdx`;
    const cases: readonly (readonly [code: string, rdx: bigint, carry: number, zero: number])[] = [
      [both("abc", "xxabcxxabcxxxxxx", "pcmpistri $0x0c, %xmm2, %xmm1"), 2n, 1, 0],
      [both("abc", "xxabcxxabcxxxxxx", "pcmpistri $0x4c, %xmm2, %xmm1"), 7n, 1, 0],
      [both("aeiou", "rhythmaa", "pcmpistri $0x00, %xmm2, %xmm1"), 6n, 1, 1],
      [both("azAZ", "abcD1", "pcmpistri $0x14, %xmm2, %xmm1"), 4n, 1, 1],
      [both("same", "same", "pcmpistri $0x18, %xmm2, %xmm1"), 16n, 0, 1],
      [both("same", "sane", "pcmpistri $0x18, %xmm2, %xmm1"), 2n, 1, 1],
      [mask("ab", "abcabc", "pcmpistrm $0x40, %xmm2, %xmm1"), 0xffff_00ff_ffn, 1, 1],
      [mask("ab", "abcabc", "pcmpistrm $0x00, %xmm2, %xmm1"), 0b11011n, 1, 1],
      [
        mask("ab", "abab", "movl $-1, %eax\nmovl $3, %edx\npcmpestrm $0, %xmm2, %xmm1"),
        0b101n,
        1,
        1,
      ],
    ];
    const out = runAll(cases.map(([code]) => code));
    const found = cases.map((_, at) => [
      out.getBigUint64(at * SLOT_BYTES + 8, true),
      out.getUint8(at * SLOT_BYTES + 17),
      out.getUint8(at * SLOT_BYTES + 18),
    ]);
    expect(found).toEqual(cases.map(([, rdx, carry, zero]) => [rdx, carry, zero]));
  });

  it("takes fields of bits out of vectors and puts them in, and clears the upper half", () => {
    const value = 0x0123_4567_89ab_cdefn;
    const start = (control: bigint) => `movabsq $${value}, %rax\nmovq %rax, %xmm0
      movlhps %xmm0, %xmm0\nmovabsq $${control}, %rax\nmovq %rax, %xmm1`;
    const end = "movq %xmm0, %rax\nmovhlps %xmm0, %xmm0\nmovq %xmm0, %rdx";
    const source = 0xfedc_ba98_7654_3210n;
    const high = (control: bigint) => `${start(control)}\npslldq $8, %xmm1
      movabsq $${source}, %rax\nmovq %rax, %xmm2\nmovsd %xmm2, %xmm1`;
    const cases: readonly (readonly [code: string, rax: bigint])[] = [
      [`${start(0x0810n)}\nextrq %xmm1, %xmm0\n${end}`, 0xabcdn],
      [`${start(0n)}\nextrq %xmm1, %xmm0\n${end}`, value],
      [`${start(0x3f01n)}\nextrq %xmm1, %xmm0\n${end}`, 0n],
      [`${high(0x0810n)}\ninsertq %xmm1, %xmm0\n${end}`, 0x0123_4567_8932_10efn],
      [`${high(0n)}\ninsertq %xmm1, %xmm0\n${end}`, source],
      [`${start(source)}\ninsertq $32, $16, %xmm1, %xmm0\n${end}`, 0x0123_3210_89ab_cdefn],
    ];
    const out = runAll(cases.map(([code]) => code));
    const found = cases.map((_, at) => [
      out.getBigUint64(at * SLOT_BYTES, true),
      out.getBigUint64(at * SLOT_BYTES + 8, true),
    ]);
    expect(found).toEqual(cases.map(([, rax]) => [rax, 0n]));
  });

  it("refuses by name what it cannot translate, or faults there if asked to", () => {
    const file = nexeOf(`_start: vaddps %xmm2, %xmm1, %xmm0\n.data\n${TRAP_BLOCK}`);
    expect(() => runTranslated(file)).toThrow(/^Cannot translate the nexe: vaddps at 0x20000$/);
    expect(runTranslated(file, "zerovm", { unsupported: "fault" }).fault).toEqual([4, 0x20000]);
  });
});
