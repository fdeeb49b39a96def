import { beforeAll, describe, expect, it } from "vitest";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
  WRITE_LINES,
} from "../../../test/support/translated-guest.ts";
import { FORMS } from "../x86/index.ts";

/** Bits of two lanes. */
type Pair = readonly [low: number, high: number];

const view = new DataView(new ArrayBuffer(4));
const GREATEST = 0x7f7f_ffff;

function bitsOf(value: number): number {
  view.setFloat32(0, value);
  return view.getUint32(0);
}

function singleOf(bits: number): number {
  view.setUint32(0, bits >>> 0);
  return view.getFloat32(0);
}

/** A number of 3DNow!: what is none becomes zero or the greatest of its sign. */
function numberOf(bits: number): number {
  const sign = bits >>> 31 === 0 ? 1 : -1;
  const exponent = (bits >>> 23) & 0xff;
  if (exponent === 0) return sign * 0;
  return exponent === 0xff ? sign * singleOf(GREATEST) : singleOf(bits);
}

/** Bits of a result of any size. */
function resultOf(value: number): number {
  return bitsOf(numberOf(bitsOf(value)));
}

function sum(a: number, b: number): number {
  const result = a + b;
  return resultOf(result === 0 && a !== 0 ? Math.sign(a) * 0 : result);
}

function cut(value: number): number {
  const size = Math.abs(value);
  const unit = size < 2 ** 24 ? 1 : 2 ** (Math.floor(Math.log2(size)) - 23);
  return Math.sign(value) * Math.floor(size / unit) * unit;
}

function clamped(value: number, most: number): number {
  return Math.max(-most - 1, Math.min(most, Math.trunc(value))) >>> 0;
}

type Lane = (a: number, b: number, aBits: number, bBits: number) => number;
type Whole = (a: Pair, b: Pair) => Pair;

const each =
  (lane: Lane): Whole =>
  (a, b) => {
    const at = (index: 0 | 1) =>
      lane(numberOf(a[index]), numberOf(b[index]), a[index], b[index]) >>> 0;
    return [at(0), at(1)];
  };

/** Lower and upper lane of the destination, then of the source. */
const neighbours =
  (signs: readonly [number, number]): Whole =>
  (a, b) => [
    sum(numberOf(a[0]), signs[0] * numberOf(a[1])),
    sum(numberOf(b[0]), signs[1] * numberOf(b[1])),
  ];

const condition = (holds: boolean) => (holds ? 0xffff_ffff : 0);
const withoutSign = (value: number) => (value === 0 ? 0 : value);

function words(bits: number): readonly [number, number] {
  return [(bits << 16) >> 16, bits >> 16];
}

function roundedProducts(a: number, b: number): number {
  const [low, high] = words(a).map((word, at) => (word * (words(b)[at] ?? 0) + 0x8000) >> 16);
  return ((low ?? 0) & 0xffff) | ((high ?? 0) << 16);
}

function averages(a: number, b: number): number {
  let result = 0;
  for (const shift of [0, 8, 16, 24]) {
    result |= ((((a >>> shift) & 0xff) + ((b >>> shift) & 0xff) + 1) >> 1) << shift;
  }
  return result;
}

const MODEL: Readonly<Record<string, Whole>> = {
  pfadd: each(sum),
  pfsub: each((a, b) => sum(a, -b)),
  pfsubr: each((a, b) => sum(b, -a)),
  pfacc: neighbours([1, 1]),
  pfnacc: neighbours([-1, -1]),
  pfpnacc: neighbours([-1, 1]),
  pfmul: each((a, b) => resultOf(a * b)),
  pfmin: each((a, b) => bitsOf(withoutSign(Math.min(a, b)))),
  pfmax: each((a, b) => bitsOf(withoutSign(Math.max(a, b)))),
  pfcmpeq: each((a, b) => condition(a === b)),
  pfcmpge: each((a, b) => condition(a >= b)),
  pfcmpgt: each((a, b) => condition(a > b)),
  pi2fd: each((_, __, ___, bits) => bitsOf(cut(bits | 0))),
  pi2fw: each((_, __, ___, bits) => bitsOf(words(bits)[0])),
  pf2id: each((_, b) => clamped(b, 2 ** 31 - 1)),
  pf2iw: each((_, b) => clamped(b, 2 ** 15 - 1)),
  pswapd: (_, b) => [b[1], b[0]],
  pavgusb: each((_, __, a, b) => averages(a, b)),
  pmulhrw: each((_, __, a, b) => roundedProducts(a, b)),
  pfrcp: (_, b) => {
    const lane = resultOf(1 / numberOf(b[0]));
    return [lane, lane];
  },
  pfrsqrt: (_, b) => {
    const value = numberOf(b[0]);
    const sign = value < 0 || Object.is(value, -0) ? -1 : 1;
    const lane = resultOf(sign / Math.sqrt(Math.abs(value)));
    return [lane, lane];
  },
};

/** The sequences that AMD gives for reciprocals and roots of the lower lane of %mm1. */
const SEQUENCES: Readonly<Record<string, string>> = {
  reciprocal: `pfrcp %mm1, %mm0\nmovq %mm1, %mm2\npfrcpit1 %mm0, %mm2
    pfrcpit2 %mm0, %mm2\nmovq %mm2, %mm0`,
  reciprocalRoot: `pfrsqrt %mm1, %mm0\nmovq %mm0, %mm2\npfmul %mm0, %mm2
    pfrsqit1 %mm1, %mm2\npfrcpit2 %mm0, %mm2\nmovq %mm2, %mm0`,
  /** The same for an estimate of %mm0. */
  correction: `movq %mm1, %mm2\npfrcpit1 %mm0, %mm2\npfrcpit2 %mm0, %mm2\nmovq %mm2, %mm0`,
  rootCorrection: `movq %mm0, %mm2\npfmul %mm0, %mm2\npfrsqit1 %mm1, %mm2
    pfrcpit2 %mm0, %mm2\nmovq %mm2, %mm0`,
  memory: "pfadd row+8(%rbp), %mm0",
};
const CODES: readonly (readonly [name: string, code: string])[] = [
  ...Object.keys(MODEL).map((name): [string, string] => [name, `${name} %mm1, %mm0`]),
  ...Object.entries(SEQUENCES),
];
const ROW_BYTES = 16 + 8 * CODES.length;

/** Lanes at all edges, and others that are the same each time. */
function lanesOf(): number[] {
  const edges = [
    0,
    1,
    0x7f_ffff,
    0x80_0000,
    0xff_ffff,
    0x3f80_0000,
    0x3f80_0001,
    0x3fff_ffff,
    0x4b00_0001,
    0x46ff_fe00,
    0x4700_0000,
    0x4eff_ffff,
    0x4f00_0000,
    0x7e80_0000,
    0x7f00_0000,
    GREATEST,
    0x7f80_0000,
    0x7fc0_0000,
    0x7f80_0001,
    0x00ff_8001,
  ];
  let state = 12_345;
  const others = Array.from({ length: 100 }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    const spread = (state & 1) === 0 ? 0x3f80_0000 : 0;
    return spread === 0 ? (state ^ (state >>> 13)) >>> 0 : spread | (state >>> 8);
  });
  return [...edges, ...edges.map((bits) => (bits | 0x8000_0000) >>> 0), ...others];
}

interface Row {
  readonly a: Pair;
  readonly b: Pair;
  readonly results: ReadonlyMap<string, Pair>;
}

/** Runs everything on each row of operands. */
function runRows(operands: readonly (readonly [Pair, Pair])[]): Row[] {
  const steps = CODES.map(
    ([, code], at) => `movq row(%rbp), %mm0\nmovq row+8(%rbp), %mm1\n${code}
      movq %mm0, row+${16 + 8 * at}(%rbp)`,
  );
  const data = operands.map(
    ([a, b]) => `.long ${[...a, ...b].join(", ")}\n.zero ${8 * CODES.length}`,
  );
  const size = ROW_BYTES * operands.length;
  const { written, fault, trap } = runTranslated(
    nexeOf(`_start: nop\nxorl %ebp, %ebp
      .p2align 5\nagain:\n${steps.join("\n")}
      leaq ${ROW_BYTES}(%rbp), %rbp\ncmpl $${size}, %ebp\njne again\nfemms
      leaq row(%rip), %rsi\nmovl $${size}, %edx\n${WRITE_LINES}\nxorl %ebx, %ebx\n${EXIT_LINES}
      .data\n${TRAP_BLOCK}\nrow:\n${data.join("\n")}`),
  );
  expect([fault, trap]).toEqual([undefined, undefined]);
  const out = new DataView(written.buffer);
  return operands.map(([a, b], row) => {
    const pairAt = (at: number): Pair => {
      const place = row * ROW_BYTES + 16 + 8 * at;
      return [out.getUint32(place, true), out.getUint32(place + 4, true)];
    };
    return { a, b, results: new Map(CODES.map(([name], at) => [name, pairAt(at)])) };
  });
}

function describePair([low, high]: Pair): string {
  return `${low.toString(16)} ${high.toString(16)}`;
}

describe("3DNow!", () => {
  let rows: readonly Row[] = [];
  beforeAll(() => {
    const lanes = lanesOf();
    const operands = lanes.flatMap((low, at) =>
      [1, 7, 20, 40].map((step) => {
        const other = lanes[(at * 3 + step) % lanes.length] ?? 0;
        const high = lanes[(at + step) % lanes.length] ?? 0;
        // Equal terms as well.
        const next = step === 40 ? (low ^ 0x8000_0000) >>> 0 : other;
        return [
          [low, step === 7 ? low : high],
          [next, low],
        ] as const;
      }),
    );
    rows = runRows(operands);
  });

  it.each(Object.entries(MODEL))("%s is what AMD describes, also at its edges", (name, model) => {
    for (const { a, b, results } of rows) {
      const found = results.get(name) ?? [0, 0];
      const wanted = describePair(model(a, b));
      expect(describePair(found), `${describePair(a)}, ${describePair(b)}`).toBe(wanted);
    }
  });

  it("gives reciprocals and roots to the last place by the sequences of AMD", () => {
    for (const { b, results } of rows) {
      const first = (name: string) => results.get(name)?.[0];
      expect(first("reciprocal"), describePair(b)).toBe(first("pfrcp"));
      // From 2^126 on the square of the estimate, which the sequence asks for, is no number.
      if (Math.abs(numberOf(b[0])) >= 2 ** 126) continue;
      expect(first("reciprocalRoot"), describePair(b)).toBe(first("pfrsqrt"));
    }
  });

  it("corrects other estimates by a step of Newton's iteration", () => {
    const numbers = lanesOf().filter((bits) => ((bits >>> 23) & 0xff) >> 6 === 1);
    const rough = (value: number) => bitsOf(Math.fround(value * (1 + 2 ** -14)));
    const found = runRows(
      numbers.map((bits) => {
        const value = Math.abs(singleOf(bits));
        return [
          [rough(1 / value), rough(1 / Math.sqrt(value))],
          [bitsOf(value), bitsOf(value)],
        ];
      }),
    );
    expect(found.length).toBeGreaterThan(40);
    for (const { b, results } of found) {
      const value = singleOf(b[0]);
      const error = (name: string, lane: 0 | 1, exact: number) =>
        Math.abs(singleOf(results.get(name)?.[lane] ?? 0) / exact - 1);
      expect(error("correction", 0, 1 / value)).toBeLessThan(2 ** -22);
      expect(error("rootCorrection", 1, 1 / Math.sqrt(value))).toBeLessThan(2 ** -22);
    }
  });

  it("has all its forms here", () => {
    const names = FORMS.filter(({ group }) => group === "3dnow").map((form) => form.names[0] ?? "");
    const tried = CODES.map(([, code]) => code).join("\n");
    expect(names.length).toBe(25);
    expect(names.filter((name) => name !== "femms" && !tried.includes(name))).toEqual([]);
  });

  it("reads its source from memory", () => {
    for (const { results } of rows) expect(results.get("memory")).toEqual(results.get("pfadd"));
  });
});
