import { immediatesOf, malformed } from "../index.ts";
import { BULK, OPCODES_MAX, VECTOR } from "./opcode.ts";

/** What follows an opcode, as a number for the loop below. */
const NONE = 0;
const ONE_LEB = 1;
const TWO_LEBS = 2;
const MEMORY = 3;
const BLOCK = 4;
const LABELS = 5;
const TYPES = 6;
const FIXED = 7;
const MEMORY_LANE = 8;
const HEAP = 9;
const TRY_TABLE = 10;
const CONSTANT = 11;
const UNKNOWN = 12;

/** No block type: the block takes and gives nothing. */
export const VOID_BLOCK = -64;

const IMMEDIATES: Uint8Array = new Uint8Array(OPCODES_MAX).fill(UNKNOWN);
const FIXED_BYTES: Uint8Array = new Uint8Array(OPCODES_MAX);

/** Features that the passes do not know. Atomics and those of the prefix 0xfb are never asked. */
const FOREIGN: ReadonlySet<string> = new Set(["gc", "function-references", "relaxed-simd"]);

function classify(opcode: number, prefix: number, second: number): void {
  const shape = immediatesOf(prefix, second);
  if (shape === undefined || FOREIGN.has(shape.feature ?? "")) return;
  const [first, next] = shape.immediates;
  IMMEDIATES[opcode] = classOf(first, next);
  if (typeof first === "number") FIXED_BYTES[opcode] = first;
}

function classOf(first: unknown, next: unknown): number {
  if (first === undefined) return NONE;
  if (typeof first === "number") return FIXED;
  switch (first) {
    case "leb":
      return next === "leb" ? TWO_LEBS : ONE_LEB;
    case "memory":
      return next === 1 ? MEMORY_LANE : MEMORY;
    case "block":
      return next === "catches" ? TRY_TABLE : BLOCK;
    case "labels":
      return LABELS;
    case "types":
      return TYPES;
    case "heap":
      return HEAP;
    default:
      return UNKNOWN;
  }
}

for (let opcode = 0; opcode < 0x100; opcode++) {
  if (opcode < 0xfb) classify(opcode, opcode, 0);
  classify(BULK + opcode, 0xfc, opcode);
  classify(VECTOR + opcode, 0xfd, opcode);
}
// A constant is no index, and nobody asks for its value.
IMMEDIATES[0x41] = CONSTANT;
IMMEDIATES[0x42] = CONSTANT;

/**
 * Walks over the instructions of a function body. Fields say what the present one is; they are
 * overwritten by the next, and nothing is allocated. What is malformed is refused; whether the
 * code is well typed is for the engine to judge.
 */
export class BodyCursor {
  readonly bytes: Uint8Array;
  /** Offset of the present instruction. */
  start = 0;
  /** Offset behind it. */
  at = 0;
  /** Offset behind the body. */
  end = 0;
  opcode = 0;
  /**
   * Its first immediate: an index or label; of a block, its type, an index or a negative number
   * that stands for a value type or nothing (`VOID_BLOCK`); of `br_table` the number of labels
   * before the last; for memory instructions the binary logarithm of the alignment, with flags.
   */
  first = 0;
  /** Its second immediate, where there are two indices. */
  second = 0;
  /** Whether there was a vector instruction since the body began. */
  hasVectors = false;
  /** Of `br_table` and `try_table`: where labels or catches begin. */
  listStart = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Begins at `start`; `end` is behind the last `end` of the body. */
  open(start: number, end: number): void {
    this.at = start;
    this.end = end;
    this.hasVectors = false;
  }

  /** Takes the next instruction. @returns false when there is none. */
  advance(): boolean {
    const start = this.at;
    if (start >= this.end) return false;
    this.start = start;
    let opcode = this.bytes[start] ?? 0;
    this.at = start + 1;
    if (opcode >= 0xfb) opcode = this.#prefixed(opcode);
    this.opcode = opcode;
    const immediates = IMMEDIATES[opcode];
    if (immediates === ONE_LEB) {
      const byte = this.bytes[this.at] ?? 0x80;
      if (byte < 0x80) {
        this.first = byte;
        this.at += 1;
      } else this.first = this.u32();
    } else if (immediates !== NONE) this.#take(immediates ?? UNKNOWN);
    if (this.at > this.end) throw malformed(start, "an instruction is cut off");
    return true;
  }

  #prefixed(prefix: number): number {
    const second = this.u32();
    if (second > 0xff || prefix < 0xfc || prefix > 0xfd) throw this.#foreign();
    if (prefix === 0xfc) return BULK + second;
    this.hasVectors = true;
    return VECTOR + second;
  }

  #take(immediates: number): void {
    switch (immediates) {
      case CONSTANT:
        this.#skipLeb();
        return;
      case MEMORY:
        this.#takeMemory();
        return;
      case TWO_LEBS:
        this.first = this.u32();
        this.second = this.u32();
        return;
      case FIXED:
        this.at += FIXED_BYTES[this.opcode] ?? 0;
        return;
      case BLOCK:
        this.#takeBlockType();
        return;
      default:
        this.#takeRare(immediates);
    }
  }

  #takeRare(immediates: number): void {
    switch (immediates) {
      case LABELS:
        this.first = this.u32();
        this.listStart = this.at;
        for (let left = this.first + 1; left > 0; left--) this.#skipLeb();
        return;
      case MEMORY_LANE:
        this.#takeMemory();
        this.at += 1;
        return;
      case TYPES:
        for (let left = this.u32(); left > 0; left--) this.#skipValueType();
        return;
      case HEAP:
        this.#skipLeb();
        return;
      case TRY_TABLE:
        this.#takeBlockType();
        this.listStart = this.at;
        for (let left = this.u32(); left > 0; left--) this.#skipCatch();
        return;
      default:
        throw this.#foreign();
    }
  }

  #foreign(): Error {
    const message = "this instruction is unknown or cannot be metered";
    const expected = "code without atomics, relaxed SIMD, 64-bit memories and collected types";
    return malformed(this.start, message, expected);
  }

  #takeMemory(): void {
    this.first = this.u32();
    if (this.first >= 0x40) this.#skipLeb();
    this.#skipLeb();
  }

  #takeBlockType(): void {
    const byte = this.bytes[this.at] ?? 0;
    if (byte >= 0x40 && byte < 0x80) {
      this.first = byte - 0x80;
      this.#skipValueType();
    } else this.first = this.u32();
  }

  #skipValueType(): void {
    const byte = this.bytes[this.at++];
    if (byte === 0x63 || byte === 0x64) this.#skipLeb();
    if (this.at > this.end) throw malformed(this.start, "an instruction is cut off");
  }

  #skipCatch(): void {
    const kind = this.bytes[this.at++] ?? 0;
    if (kind < 2) this.#skipLeb();
    this.#skipLeb();
  }

  #skipLeb(): void {
    const { bytes, end } = this;
    let at = this.at;
    while ((bytes[at++] ?? 0) >= 0x80);
    if (at > end) throw malformed(this.start, "an instruction is cut off");
    this.at = at;
  }

  /** An unsigned number at the present place: for lists such as that of `br_table`. */
  u32(): number {
    const { bytes } = this;
    const byte = bytes[this.at++] ?? 0;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let scale = 0x80; scale <= 0x1000_0000; scale *= 0x80) {
      const next = bytes[this.at++] ?? 0;
      value += (next & 0x7f) * scale;
      if (next < 0x80) return value;
    }
    throw malformed(this.start, "a number is longer than 32 bits");
  }

  /** Calls `visit` with each label of a `br_table`, the last one included. */
  eachLabel(visit: (depth: number) => void): void {
    const behind = this.at;
    this.at = this.listStart;
    for (let left = this.first + 1; left > 0; left--) visit(this.u32());
    this.at = behind;
  }

  /** Calls `visit` with the label of each catch of a `try_table`. */
  eachCatch(visit: (depth: number) => void): void {
    const behind = this.at;
    this.at = this.listStart;
    for (let left = this.u32(); left > 0; left--) {
      const kind = this.bytes[this.at++] ?? 0;
      if (kind < 2) this.#skipLeb();
      visit(this.u32());
    }
    this.at = behind;
  }
}
