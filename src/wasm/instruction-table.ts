/** Extensions of WebAssembly beyond its first version, named as toolchains do. */
export type Feature =
  | "multivalue"
  | "sign-ext"
  | "nontrapping-fptoint"
  | "bulk-memory"
  | "reference-types"
  | "simd128"
  | "relaxed-simd"
  | "tail-call"
  | "exception-handling"
  | "legacy-exceptions"
  | "atomics"
  | "shared-memory"
  | "multimemory"
  | "memory64"
  | "gc"
  | "function-references";

/** What follows an opcode: a kind of operand, or a number of bytes. */
export type Immediate =
  | "leb"
  | "memory"
  | "block"
  | "heap"
  | "labels"
  | "types"
  | "catches"
  | number;

export interface InstructionShape {
  readonly immediates: readonly Immediate[];
  /** The extension that brought the instruction; none for those of the first version. */
  readonly feature?: Feature;
}

/** First and last opcode, operands, extension. */
type Row = readonly [first: number, last: number, immediates: readonly Immediate[], Feature?];

const PLAIN: readonly Row[] = [
  [0x00, 0x01, []],
  [0x02, 0x04, ["block"]],
  [0x05, 0x05, []],
  [0x06, 0x06, ["block"], "legacy-exceptions"],
  [0x07, 0x07, ["leb"], "legacy-exceptions"],
  [0x08, 0x08, ["leb"], "exception-handling"],
  [0x09, 0x09, ["leb"], "legacy-exceptions"],
  [0x0a, 0x0a, [], "exception-handling"],
  [0x0b, 0x0b, []],
  [0x0c, 0x0d, ["leb"]],
  [0x0e, 0x0e, ["labels", "leb"]],
  [0x0f, 0x0f, []],
  [0x10, 0x10, ["leb"]],
  [0x11, 0x11, ["leb", "leb"]],
  [0x12, 0x12, ["leb"], "tail-call"],
  [0x13, 0x13, ["leb", "leb"], "tail-call"],
  [0x14, 0x14, ["leb"], "function-references"],
  [0x15, 0x15, ["leb"], "function-references"],
  [0x18, 0x18, ["leb"], "legacy-exceptions"],
  [0x19, 0x19, [], "legacy-exceptions"],
  [0x1a, 0x1b, []],
  [0x1c, 0x1c, ["types"], "reference-types"],
  [0x1f, 0x1f, ["block", "catches"], "exception-handling"],
  [0x20, 0x24, ["leb"]],
  [0x25, 0x26, ["leb"], "reference-types"],
  [0x28, 0x3e, ["memory"]],
  [0x3f, 0x42, ["leb"]],
  [0x43, 0x43, [4]],
  [0x44, 0x44, [8]],
  [0x45, 0xbf, []],
  [0xc0, 0xc4, [], "sign-ext"],
  [0xd0, 0xd0, ["heap"], "reference-types"],
  [0xd1, 0xd1, [], "reference-types"],
  [0xd2, 0xd2, ["leb"], "reference-types"],
  [0xd3, 0xd3, [], "gc"],
  [0xd4, 0xd4, [], "function-references"],
  [0xd5, 0xd6, ["leb"], "function-references"],
];

const AGGREGATE: readonly Row[] = [
  [0, 1, ["leb"], "gc"],
  [2, 5, ["leb", "leb"], "gc"],
  [6, 7, ["leb"], "gc"],
  [8, 10, ["leb", "leb"], "gc"],
  [11, 14, ["leb"], "gc"],
  [15, 15, [], "gc"],
  [16, 16, ["leb"], "gc"],
  [17, 19, ["leb", "leb"], "gc"],
  [20, 23, ["heap"], "gc"],
  [24, 25, [1, "leb", "heap", "heap"], "gc"],
  [26, 30, [], "gc"],
];

const BULK: readonly Row[] = [
  [0, 7, [], "nontrapping-fptoint"],
  [8, 8, ["leb", "leb"], "bulk-memory"],
  [9, 9, ["leb"], "bulk-memory"],
  [10, 10, ["leb", "leb"], "bulk-memory"],
  [11, 11, ["leb"], "bulk-memory"],
  [12, 12, ["leb", "leb"], "bulk-memory"],
  [13, 13, ["leb"], "bulk-memory"],
  [14, 14, ["leb", "leb"], "bulk-memory"],
  [15, 17, ["leb"], "reference-types"],
];

const VECTOR: readonly Row[] = [
  [0, 11, ["memory"], "simd128"],
  [12, 13, [16], "simd128"],
  [14, 20, [], "simd128"],
  [21, 34, [1], "simd128"],
  [35, 83, [], "simd128"],
  [84, 91, ["memory", 1], "simd128"],
  [92, 93, ["memory"], "simd128"],
  [94, 255, [], "simd128"],
  [256, 275, [], "relaxed-simd"],
];

const ATOMIC: readonly Row[] = [
  [0x00, 0x02, ["memory"], "atomics"],
  [0x03, 0x03, [1], "atomics"],
  [0x10, 0x4e, ["memory"], "atomics"],
];

function expand(rows: readonly Row[]): readonly (InstructionShape | undefined)[] {
  const shapes: (InstructionShape | undefined)[] = [];
  for (const [first, last, immediates, feature] of rows) {
    const shape = { immediates, ...(feature === undefined ? {} : { feature }) };
    for (let opcode = first; opcode <= last; opcode++) shapes[opcode] = shape;
  }
  return shapes;
}

const PLAIN_SHAPES = expand(PLAIN);
const PREFIXED: Readonly<Record<number, readonly (InstructionShape | undefined)[]>> = {
  251: expand(AGGREGATE),
  252: expand(BULK),
  253: expand(VECTOR),
  254: expand(ATOMIC),
};

/** The operands of an instruction; undefined for an opcode that we do not know. */
export function immediatesOf(opcode: number, second: number): InstructionShape | undefined {
  return opcode < 0xfb ? PLAIN_SHAPES[opcode] : PREFIXED[opcode]?.[second];
}

/** Whether a value type goes on with a heap type: `(ref …)`, `(ref null …)`. */
export function isReferenceByte(byte: number): boolean {
  return byte === 0x63 || byte === 0x64;
}
