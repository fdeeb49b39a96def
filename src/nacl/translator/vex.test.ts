import { describe, expect, it } from "vitest";
import { Dice } from "../../../test/support/dice.ts";
import {
  EXIT_LINES,
  nexeOf,
  runTranslated,
  TRAP_BLOCK,
  WRITE_LINES,
} from "../../../test/support/translated-guest.ts";

/** Bytes of what a case leaves: ymm0, ymm1 and rax. */
const SLOT_BYTES = 96;
const LOAD = [0, 1, 2].map((at) => `vmovdqu in+${32 * at}(%rip), %ymm${at}`).join("\n");

interface Left {
  readonly ymm0: readonly bigint[];
  readonly ymm1: readonly bigint[];
  readonly rax: bigint;
}

/** Runs pieces of code, each with the same three vectors in ymm0 to ymm2, of four quarters each. */
function runAll(vectors: readonly bigint[], cases: readonly string[], more = ""): Left[] {
  const body = cases.map(
    (code) => `${LOAD}\nxorl %eax, %eax\n${code}
      vmovdqu %ymm0, out(%rbp)\nvmovdqu %ymm1, out+32(%rbp)\nmovq %rax, out+64(%rbp)
      leaq ${SLOT_BYTES}(%rbp), %rbp`,
  );
  const text = `_start: nop\nxorl %ebp, %ebp\n${body.join("\n")}
    leaq out(%rip), %rsi\nmovl $${SLOT_BYTES * cases.length}, %edx\n${WRITE_LINES}
    xorl %ebx, %ebx\n${EXIT_LINES}\n${more}
    .data\n${TRAP_BLOCK}\nin: .quad ${vectors.map((it) => BigInt.asUintN(64, it)).join(", ")}
    .bss\nout: .zero ${SLOT_BYTES * cases.length}`;
  const run = runTranslated(nexeOf(text), "nacl");
  expect(run).toMatchObject({ exitCode: 0, fault: undefined, trap: undefined });
  const view = new DataView(run.written.buffer);
  const quarters = (start: number) =>
    [0, 8, 16, 24].map((at) => view.getBigUint64(start + at, true));
  return cases.map((_, at) => ({
    ymm0: quarters(at * SLOT_BYTES),
    ymm1: quarters(at * SLOT_BYTES + 32),
    rax: view.getBigUint64(at * SLOT_BYTES + 64, true),
  }));
}

const PLAIN = [1n, 2n, 3n, 4n, 10n, 20n, 30n, 40n, 5n, 6n, 7n, 8n];

describe("instructions with VEX", () => {
  it("work on both halves, and clear the upper one where they have 128 bits", () => {
    const found = runAll(PLAIN, [
      "vpaddq %ymm1, %ymm2, %ymm0",
      "vpaddq %xmm1, %xmm2, %xmm0",
      "paddq %xmm1, %xmm0",
      "vmovq %xmm1, %xmm0",
      "vpaddq in+32(%rip), %ymm1, %ymm1\nvpsubq %ymm0, %ymm1, %ymm0",
      "vzeroupper",
      "vzeroall",
    ]);
    expect(found.map(({ ymm0 }) => ymm0)).toEqual([
      [15n, 26n, 37n, 48n],
      [15n, 26n, 0n, 0n],
      [11n, 22n, 3n, 4n],
      [10n, 0n, 0n, 0n],
      [19n, 38n, 57n, 76n],
      [1n, 2n, 0n, 0n],
      [0n, 0n, 0n, 0n],
    ]);
  });

  it("read what they write, and move halves and quarters", () => {
    const found = runAll(PLAIN, [
      "vmovq %xmm0, %xmm1\nvpsllq %xmm1, %ymm2, %ymm1",
      "vpermq $0x1b, %ymm1, %ymm1",
      "vperm2i128 $0x21, %ymm2, %ymm1, %ymm1",
      "vperm2i128 $0x83, %ymm2, %ymm1, %ymm1",
      "vinserti128 $1, %xmm0, %ymm1, %ymm1",
      "vextracti128 $1, %ymm2, %xmm1",
      "vpbroadcastq %xmm2, %ymm1",
      "vpunpckhqdq %ymm2, %ymm1, %ymm1",
      "vpmovzxdq in+32(%rip), %ymm1",
      "vpsrlvq %ymm0, %ymm1, %ymm1",
    ]);
    expect(found.map(({ ymm1 }) => ymm1)).toEqual([
      [10n, 12n, 14n, 16n],
      [40n, 30n, 20n, 10n],
      [30n, 40n, 5n, 6n],
      [7n, 8n, 0n, 0n],
      [10n, 20n, 1n, 2n],
      [7n, 8n, 0n, 0n],
      [5n, 5n, 5n, 5n],
      [20n, 6n, 40n, 8n],
      [10n, 0n, 20n, 0n],
      [5n, 5n, 3n, 2n],
    ]);
  });

  it("keep the upper halves across calls and jumps", () => {
    const twice = ".p2align 5\ntwice: vpaddq %ymm0, %ymm0, %ymm0\nnaclret";
    const loop = "movl $5, %ecx\nagain: vpaddq %ymm2, %ymm0, %ymm0\nsubl $1, %ecx\njne again";
    const found = runAll(PLAIN, ["naclcall twice", loop], twice);
    expect(found.map(({ ymm0 }) => ymm0)).toEqual([
      [2n, 4n, 6n, 8n],
      [26n, 32n, 38n, 44n],
    ]);
  });

  it("access only those parts of memory whose masks are set", () => {
    const signs = [-1n, 0n, 0n, -1n];
    const found = runAll(
      [...signs, 10n, 20n, 30n, 40n, 5n, 6n, 7n, 8n],
      [
        "vpmaskmovq in+32(%rip), %ymm0, %ymm1",
        "vmaskmovpd in+88(%rip), %xmm0, %xmm1",
        "vpmaskmovq %ymm2, %ymm0, in+32(%rip)\nvmovdqu in+32(%rip), %ymm1",
      ],
    );
    expect(found.map(({ ymm1 }) => ymm1)).toEqual([
      [10n, 0n, 0n, 40n],
      [8n, 0n, 0n, 0n],
      [5n, 20n, 30n, 8n],
    ]);
  });

  it("have 32 comparisons of floats, of which the last 16 repeat the first", () => {
    const [one, two, nan] = [0x3ff0n << 48n, 0x4000n << 48n, 0x7ff8n << 48n];
    // Less, equal, greater, unordered.
    const inputs = [0n, 0n, 0n, 0n, one, one, two, nan, two, one, one, one];
    const cases = Array.from(
      { length: 32 },
      (_, at) => `vcmppd $${at}, %ymm2, %ymm1, %ymm0\nvmovmskpd %ymm0, %eax`,
    );
    const first = [2n, 1n, 3n, 8n, 13n, 14n, 12n, 7n];
    const further = [10n, 9n, 11n, 0n, 5n, 6n, 4n, 15n];
    const all = [...first, ...further];
    expect(runAll(inputs, cases).map(({ rax }) => rax)).toEqual([...all, ...all]);
  });

  it("fault as undefined where they name a register that they do not have", () => {
    // vsqrtps of xmm0 with VEX.vvvv that is not all ones.
    const text = `_start: .byte 0xc5, 0xf0, 0x51, 0xc0\nhlt\n.data\n${TRAP_BLOCK}`;
    expect(runTranslated(nexeOf(text), "nacl").fault).toEqual([2, 0x20000]);
  });
});

/** A format of floats: bits of its significands with the hidden one, and its least exponent. */
interface Format {
  readonly bits: number;
  readonly precision: bigint;
  /** Of the last bit of its least numbers. */
  readonly least: bigint;
}

const DOUBLE: Format = { bits: 64, precision: 53n, least: -1074n };
const SINGLE: Format = { bits: 32, precision: 24n, least: -149n };

/** A finite number as an integer times a power of two. */
function partsOf({ bits, precision, least }: Format, value: bigint): [bigint, bigint] {
  const mask = (1n << (precision - 1n)) - 1n;
  const field = (value >> (precision - 1n)) & ((1n << (BigInt(bits) - precision)) - 1n);
  const size = field === 0n ? value & mask : (value & mask) | (mask + 1n);
  const sign = value >> BigInt(bits - 1) === 0n ? 1n : -1n;
  return [sign * size, least + (field === 0n ? 0n : field - 1n)];
}

/** a × b + c, rounded to the nearest; a result that is not zero. */
function fusedModel(format: Format, a: bigint, b: bigint, c: bigint): bigint {
  const { bits, precision, least } = format;
  const [[am, ae], [bm, be], [cm, ce]] = [a, b, c].map((it) => partsOf(format, it)) as [
    [bigint, bigint],
    [bigint, bigint],
    [bigint, bigint],
  ];
  const base = ae + be < ce ? ae + be : ce;
  const sum = ((am * bm) << (ae + be - base)) + (cm << (ce - base));
  const size = sum < 0n ? -sum : sum;
  const length = BigInt(size.toString(2).length);
  let exponent = base + length - precision;
  if (exponent < least) exponent = least;
  const drop = exponent - base;
  let rounded = size << (drop < 0n ? -drop : 0n);
  if (drop > 0n) {
    const rest = size & ((1n << drop) - 1n);
    const half = 1n << (drop - 1n);
    rounded = size >> drop;
    if (rest > half || (rest === half && (rounded & 1n) === 1n)) rounded += 1n;
  }
  // The hidden bit of a normal number adds one to the exponent.
  const hidden = 1n << (precision - 1n);
  const field = (exponent - least) * hidden + rounded;
  const infinite = ((1n << (BigInt(bits) - precision)) - 1n) * hidden;
  const found = field > infinite ? infinite : field;
  return sum < 0n ? found | (1n << BigInt(bits - 1)) : found;
}

/** Lanes of 64 bits, or pairs of those of 32. */
function quartersOf(lanes: readonly bigint[], bits: number): bigint[] {
  if (bits === 64) return [...lanes];
  return [0, 2, 4, 6].map((at) => (lanes[at] ?? 0n) | ((lanes[at + 1] ?? 0n) << 32n));
}

const ROUNDS = 200;

describe("fused multiplications and additions", () => {
  const order = (digits: string, kind: string, name = "fmadd") =>
    `v${name}${digits}${kind} %ymm2, %ymm1, %ymm0`;

  it.each([
    ["doubles", DOUBLE, "pd"],
    ["singles", SINGLE, "ps"],
  ] as const)("of %s are rounded once, however far apart their parts are", (_, format, kind) => {
    const { bits, precision } = format;
    const dice = new Dice(bits);
    const fields = 2 ** (bits - Number(precision)) - 1;
    const hidden = 1n << (precision - 1n);
    const number = (middle: number, spread: number): bigint => {
      const at = Math.round(middle + dice.below(spread) - spread / 2);
      const field = BigInt(Math.min(Math.max(at, 0), fields - 1));
      // Significands with few bits at both ends come close to halves.
      const ends = BigInt(dice.below(16)) * (hidden >> 4n) + BigInt(dice.below(2 ** 19));
      return (BigInt(dice.below(2)) << BigInt(bits - 1)) | (field * hidden) | ends;
    };
    const [inputs, cases, wanted]: [bigint[], string[], bigint[][]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      const isTiny = round % 8 === 7;
      const spread = [2 * fields, 8, 2 * Number(precision), 4 * Number(precision)][round % 4] ?? 8;
      const vector = (middle: number, width: number) =>
        Array.from({ length: 256 / bits }, () => number(middle, width));
      // Products near the least numbers have factors between these and one.
      const [x, y] = [0, 0].map(() => vector(fields / (isTiny ? 4 : 2), isTiny ? 16 : spread));
      const z = vector(isTiny ? 0 : fields / 2, isTiny ? 64 : spread);
      const start = 8 * inputs.length;
      const load = [0, 1, 2].map((at) => `vmovdqu in+${start + 32 * at}(%rip), %ymm${at}`);
      for (const lanes of [z, x ?? [], y ?? []]) inputs.push(...quartersOf(lanes, bits));
      cases.push(`${load.join("\n")}\n${order("231", kind)}`);
      const results = z.map((c, at) => fusedModel(format, x?.[at] ?? 0n, y?.[at] ?? 0n, c));
      wanted.push(quartersOf(results, bits));
    }
    expect(runAll(inputs, cases).map(({ ymm0 }) => ymm0)).toEqual(wanted);
  });

  it("take operands in the order of the name, and their signs from it", () => {
    const [two, three, five] = [0x4000n << 48n, 0x4008n << 48n, 0x4014n << 48n];
    const four = (value: bigint) => [value, value, value, value];
    const inputs = [...four(two), ...four(three), ...four(five)];
    const cases = [
      order("132", "pd"),
      order("213", "pd"),
      order("231", "pd"),
      order("231", "pd", "fmsub"),
      order("231", "pd", "fnmadd"),
      order("231", "pd", "fnmsub"),
      order("231", "pd", "fmaddsub"),
      order("231", "pd", "fmsubadd"),
      "vfmadd231sd %xmm2, %xmm1, %xmm0",
    ];
    const numberOf = (bits: bigint) => new Float64Array(BigUint64Array.of(bits).buffer)[0];
    expect(runAll(inputs, cases).map(({ ymm0 }) => ymm0.map(numberOf))).toEqual([
      [13, 13, 13, 13],
      [11, 11, 11, 11],
      [17, 17, 17, 17],
      [13, 13, 13, 13],
      [-13, -13, -13, -13],
      [-17, -17, -17, -17],
      [13, 17, 13, 17],
      [17, 13, 17, 13],
      [17, 2, 0, 0],
    ]);
  });

  it("give the first NaN of factors and addend, and their own for what has no value", () => {
    const [loud, quiet, infinite] = [(0x7ff0n << 48n) | 7n, (0xfff8n << 48n) | 3n, 0x7ff0n << 48n];
    const own = 0xfff8n << 48n;
    const x = [0n, 1n, infinite, infinite];
    const y = [quiet, loud, 0n, 0x3ff0n << 48n];
    const z = [loud, quiet, 5n, 0xfff0n << 48n];
    const [left] = runAll([...z, ...x, ...y], [order("231", "pd")]);
    expect(left?.ymm0).toEqual([quiet, loud | (8n << 48n), own, own]);
  });
});
