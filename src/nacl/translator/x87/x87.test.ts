import { describe, expect, it } from "vitest";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
  WRITE_LINES,
} from "../../../../test/support/translated-guest.ts";
import {
  CONDITION,
  EXCEPTION,
  loadLines,
  modeLines,
  PRECISION_WORD,
  ROUNDING,
  runInUnits,
  statesOf,
  topsOf,
} from "../../../../test/support/x87-guest.ts";
import { FORMS } from "../../x86/index.ts";
import { HANDLERS } from "../emit/index.ts";

const ONE = loadLines(0x3fff, 1n << 63n);
const { SINGLE, DOUBLE, EXTENDED } = PRECISION_WORD;
const { NEAREST, DOWN, UP, CUT } = ROUNDING;
const { INVALID, DENORMAL, ZERO_DIVIDE, OVERFLOW, UNDERFLOW, PRECISION, STACK } = EXCEPTION;
const { C0, C1, C2, C3 } = CONDITION;

describe("x87", () => {
  it("translates all forms", () => {
    const forms = FORMS.filter(({ group }) => group === "x87");
    expect(forms.length).toBeGreaterThan(100);
    expect(forms.filter(({ id }) => HANDLERS[id] === undefined)).toEqual([]);
  });

  it("rounds a third and the root of two in every mode and precision", () => {
    const third = (word: number) => `${modeLines(word)}\n${ONE}\n${loadLines(0x4000, 3n << 62n)}
      fdivrp %st, %st(1)`;
    const root = (word: number) => `${modeLines(word)}\n${loadLines(0x4000, 1n << 63n)}\nfsqrt`;
    expect(
      topsOf([
        third(EXTENDED | NEAREST),
        third(EXTENDED | DOWN),
        third(EXTENDED | UP),
        third(DOUBLE | NEAREST),
        third(DOUBLE | UP),
        third(SINGLE | NEAREST),
        third(SINGLE | CUT),
        root(EXTENDED | NEAREST),
        root(EXTENDED | UP),
      ]),
    ).toEqual([
      [0x3ffd, 0xaaaa_aaaa_aaaa_aaabn],
      [0x3ffd, 0xaaaa_aaaa_aaaa_aaaan],
      [0x3ffd, 0xaaaa_aaaa_aaaa_aaabn],
      [0x3ffd, 0xaaaa_aaaa_aaaa_a800n],
      [0x3ffd, 0xaaaa_aaaa_aaaa_b000n],
      [0x3ffd, 0xaaaa_ab00_0000_0000n],
      [0x3ffd, 0xaaaa_aa00_0000_0000n],
      [0x3fff, 0xb504_f333_f9de_6484n],
      [0x3fff, 0xb504_f333_f9de_6485n],
    ]);
  });

  it("gives pi, zeros by the mode, and the NaN that the processor chooses", () => {
    const [small, great] = [
      loadLines(0x7fff, (3n << 62n) + 1n),
      loadLines(0xffff, (3n << 62n) + 2n),
    ];
    const loud = loadLines(0x7fff, (1n << 63n) + 9n);
    const difference = `${ONE}\n${ONE}\nfsubp %st, %st(1)`;
    expect(
      topsOf([
        "fldpi",
        `${modeLines(EXTENDED | DOWN)}\nfldpi`,
        difference,
        `${modeLines(EXTENDED | DOWN)}\n${difference}`,
        `${small}\n${great}\nfaddp %st, %st(1)`,
        `${great}\n${small}\nfaddp %st, %st(1)`,
        `${small}\n${loud}\nfmulp %st, %st(1)`,
        `${ONE}\n${loud}\nfmulp %st, %st(1)`,
        "fldz\nfldz\nfdivp %st, %st(1)",
        `${loadLines(0xbfff, 1n << 63n)}\nfldz\nfdivrp %st, %st(1)`,
        // No processor since the 80387 knows numbers without an integer part.
        `${ONE}\n${loadLines(0x4000, 1n << 62n)}\nfaddp %st, %st(1)`,
      ]),
    ).toEqual([
      [0x4000, 0xc90f_daa2_2168_c235n],
      [0x4000, 0xc90f_daa2_2168_c234n],
      [0, 0n],
      [0x8000, 0n],
      [0xffff, (3n << 62n) + 2n],
      [0xffff, (3n << 62n) + 2n],
      [0x7fff, (3n << 62n) + 1n],
      [0x7fff, (3n << 62n) + 9n],
      [0xffff, 3n << 62n],
      [0xffff, 1n << 63n],
      [0xffff, 3n << 62n],
    ]);
  });

  it("raises exceptions and says whether it rounded up", () => {
    const third = `${ONE}\n${loadLines(0x4000, 3n << 62n)}\nfdivrp %st, %st(1)`;
    const least = loadLines(0, 1n);
    expect(
      statesOf([
        third,
        `${modeLines(EXTENDED | DOWN)}\n${third}`,
        "fld1\nfldz\nfdivrp %st, %st(1)",
        "fld1\nfldz\nfdivp %st, %st(1)",
        `${loadLines(0x7fff, 1n << 63n)}\nfldz\nfmulp %st, %st(1)`,
        `${least}\nfld1\nfaddp %st, %st(1)`,
        "fld1\n".repeat(9),
        "fchs",
        `${loadLines(0x7ffe, 1n << 63n)}\nfadd %st(0), %st`,
        `${loadLines(1, 1n << 63n)}\n${loadLines(0x3ffe, (1n << 63n) + 1n)}\nfmulp %st, %st(1)`,
        `${third}\nfnclex`,
      ]),
    ).toEqual([
      PRECISION | C1,
      PRECISION,
      ZERO_DIVIDE,
      0,
      INVALID,
      DENORMAL | PRECISION,
      STACK | C1,
      STACK,
      OVERFLOW | PRECISION | C1,
      UNDERFLOW | PRECISION,
      C1,
    ]);
  });

  it("converts from and to the formats of memory", () => {
    const stored = (value: string, store: string) => `${value}\n${store}`;
    const half = (sign: number) => loadLines(sign | 0x4000, 5n << 61n);
    const slots = runInUnits([
      ...[NEAREST, DOWN, UP, CUT].flatMap((mode) => [
        stored(`${modeLines(EXTENDED | mode)}\n${half(0)}`, "fistpl out(%rbp)"),
        stored(`${modeLines(EXTENDED | mode)}\n${half(0x8000)}`, "fistpl out(%rbp)"),
      ]),
      stored(half(0x8000), "fisttpl out(%rbp)"),
      stored(loadLines(0x400e, 1n << 63n), "fistps out(%rbp)\nfnstsw out+4(%rbp)"),
      stored(loadLines(0x3ffb, 0xcccc_cccc_cccc_cccdn), "fstpl out(%rbp)"),
      stored(loadLines(0x3ffb, 0xcccc_cccc_cccc_cccdn), "fstps out(%rbp)"),
      // -12345678 in decimal digits.
      stored(loadLines(0xc016, 0xbc61_4e00_0000_0000n), "fbstp out(%rbp)"),
      "movq $1, memory(%rip)\nfldl memory(%rip)\nfstpt out(%rbp)\nfnstsw out+12(%rbp)",
    ]);
    const integers = slots.slice(0, 9).map((slot) => slot.getInt32(0, true));
    expect(integers).toEqual([2, -2, 2, -3, 3, -2, 2, -2, -2]);
    expect(slots[9]?.getUint32(0, true)).toBe(0x8000);
    expect((slots[9]?.getUint16(4, true) ?? 0) & 0xff).toBe(INVALID);
    expect(slots[10]?.getFloat64(0, true)).toBe(0.1);
    expect(slots[11]?.getFloat32(0, true)).toBe(Math.fround(0.1));
    expect(slots[12]?.getBigUint64(0, true)).toBe(0x1234_5678n);
    expect(slots[12]?.getUint16(8, true)).toBe(0x8000);
    expect(slots[13]?.getBigUint64(0, true)).toBe(1n << 63n);
    expect(slots[13]?.getUint16(8, true)).toBe(0x3fff - 1074);
    expect((slots[13]?.getUint16(12, true) ?? 0) & 0xff).toBe(DENORMAL);
  });

  it("compares, classifies and takes remainders", () => {
    const nan = loadLines(0x7fff, 3n << 62n);
    expect(
      statesOf([
        "fldz\nfld1\nfcompp",
        "fld1\nfldz\nfcompp",
        "fldz\nfldz\nfchs\nfcompp",
        `fld1\n${nan}\nfucompp`,
        `fld1\n${nan}\nfcompp`,
        "fxam",
        "fldz\nfchs\nfxam",
        "fld1\nfxam",
        `${nan}\nfxam`,
        `${loadLines(0xffff, 1n << 63n)}\nfxam`,
        // 11 is 5 times 2 and 1: the quotient is C0, C3, C1.
        `${loadLines(0x4000, 1n << 63n)}\n${loadLines(0x4002, 0xbn << 60n)}\nfprem`,
        `${ONE}\n${loadLines(0x403f, 1n << 63n)}\nfprem`,
      ]),
    ).toEqual([
      0,
      C0,
      C3,
      C0 | C2 | C3,
      C0 | C2 | C3 | INVALID,
      C0 | C3,
      C3 | C1,
      C2,
      C0,
      C0 | C2 | C1,
      C0 | C1,
      C2,
    ]);
    const branch = "fcomi %st(1), %st\nseta out(%rbp)\nsetb out+1(%rbp)\nsete out+2(%rbp)";
    const flags = runInUnits([
      `fldz\nfld1\n${branch}`,
      `fld1\nfldz\n${branch}`,
      `fld1\nfld1\n${branch}`,
    ]);
    expect(flags.map((slot) => [0, 1, 2].map((at) => slot.getUint8(at)))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  it("shares its registers with MMX and stores its state", () => {
    const [saved, environment] = runInUnits([
      `fld1\nfldpi\nmovabsq $0x1122334455667788, %rax\nmovq %rax, %mm1\nfnsave out(%rbp)`,
      "fld1\nfldz\nhere: fldpi\nfnstenv out(%rbp)",
    ]);
    const words = (slot: DataView | undefined) =>
      [0, 4, 8].map((at) => slot?.getUint16(at, true).toString(16));
    // From the first register on all have values: zeros, a NaN, and two numbers.
    expect(words(saved)).toEqual(["37f", "0", "559"]);
    expect(saved?.getBigUint64(28 + 10, true)).toBe(0x1122_3344_5566_7788n);
    expect(saved?.getUint16(28 + 18, true)).toBe(0xffff);
    expect(saved?.getUint16(28 + 78, true)).toBe(0x3fff);
    expect(words(environment)).toEqual(["37f", "2800", "13ff"]);
    expect(environment?.getUint32(12, true)).toBeGreaterThan(0x20000);
  });

  it("is initialised by a call of the sandbox", () => {
    const call = `leaq memory(%rip), %rsi\nxorl %edx, %edx\n${WRITE_LINES}`;
    const [slot] = runInUnits([`${modeLines(SINGLE | UP)}\nfld1\n${call}\nfnstenv out(%rbp)`]);
    expect([0, 4, 8].map((at) => slot?.getUint16(at, true))).toEqual([0x37f, 0, 0xffff]);
  });

  it("ends the program at an exception that is not masked", () => {
    const program = (code: string) =>
      nexeOf(`_start: nop\n${code}\nhere: fdivrp %st, %st(1)
      ${EXIT_LINES}\n.data\n${TRAP_BLOCK}\nmemory: .zero 16`);
    const divide = "fld1\nfldz";
    expect(runTranslated(program(divide)).fault).toBeUndefined();
    const { fault, exitCode } = runTranslated(program(`${modeLines(0x37b)}\n${divide}`));
    expect([fault?.[0], exitCode]).toEqual([3, undefined]);
    const late = runTranslated(program(`${divide}\nfdivrp %st, %st(1)\n${modeLines(0x37b)}`));
    // Behind 16 bytes: at fldcw.
    expect(late.fault).toEqual([3, 0x20010]);
  });
});
