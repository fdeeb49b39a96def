import {
  type Feature,
  type InstructionShape,
  immediatesOf,
  isReferenceByte,
} from "./instruction-table.ts";
import type { ModuleShape } from "./module-shape.ts";

export interface FeatureScan {
  /** What the module uses, sorted. */
  readonly used: readonly Feature[];
  /** False when an unknown instruction ended the scan early: there may be more. */
  readonly complete: boolean;
  readonly functionsScanned: number;
}

/**
 * Finds the extensions that a module uses: from its structure, and by walking over every
 * instruction of every body. It does not validate; it is for showing, not for judging.
 * Takes about 20 ms for each MiB of code.
 */
export function scanFeatures(bytes: Uint8Array, shape: ModuleShape): FeatureScan {
  const used = new Set<Feature>();
  addStructural(shape, used);
  const code = shape.sections.find((section) => section.id === 10);
  if (code === undefined) return { used: [...used].sort(), complete: true, functionsScanned: 0 };
  const scanner = new CodeScanner(bytes, used);
  const functionsScanned = scanner.scanSection(code.start, code.end);
  const complete = functionsScanned === shape.functionCount;
  return { used: [...used].sort(), complete, functionsScanned };
}

function addStructural(shape: ModuleShape, used: Set<Feature>): void {
  const limits = [...shape.memories, ...shape.tables];
  if (limits.some((it) => it.shared)) used.add("shared-memory");
  if (limits.some((it) => it.address64)) used.add("memory64");
  if (shape.memories.length > 1) used.add("multimemory");
  if (shape.tables.length > 1) used.add("reference-types");
  if (shape.tables.some((it) => it.elementType !== "funcref")) used.add("reference-types");
  if (shape.tagCount > 0) used.add("exception-handling");
  if (shape.types.some((type) => type === "struct" || type === "array")) used.add("gc");
  if (shape.types.some((type) => /-> \S+ \S/u.test(type))) used.add("multivalue");
  if (shape.types.some((type) => type.includes("v128"))) used.add("simd128");
}

/** Ends a scan: the bytes are no code that we know. Never leaves this file. */
const UNKNOWN = Symbol("unknown instruction");

class CodeScanner {
  readonly #bytes: Uint8Array;
  readonly #used: Set<Feature>;
  #at = 0;
  #end = 0;

  constructor(bytes: Uint8Array, used: Set<Feature>) {
    this.#bytes = bytes;
    this.#used = used;
  }

  /** @returns the number of bodies that were walked over to their end. */
  scanSection(start: number, end: number): number {
    this.#at = start;
    this.#end = end;
    let scanned = 0;
    try {
      const count = this.#u32();
      for (; scanned < count; scanned++) this.#scanBody(end);
    } catch (error) {
      if (error !== UNKNOWN) throw error;
    }
    return scanned;
  }

  #scanBody(sectionEnd: number): void {
    this.#end = sectionEnd;
    const size = this.#u32();
    const bodyEnd = this.#at + size;
    if (bodyEnd > sectionEnd) throw UNKNOWN;
    this.#end = bodyEnd;
    const localGroups = this.#u32();
    for (let group = 0; group < localGroups; group++) {
      this.#skipLeb();
      this.#skipValueType();
    }
    while (this.#at < bodyEnd) this.#scanInstruction();
  }

  #scanInstruction(): void {
    const opcode = this.#byte();
    const prefixed = opcode >= 0xfb && opcode <= 0xfe;
    const instruction = immediatesOf(opcode, prefixed ? this.#u32() : 0);
    if (instruction === undefined) throw UNKNOWN;
    if (instruction.feature !== undefined) this.#used.add(instruction.feature);
    this.#skipImmediates(instruction);
  }

  #skipImmediates({ immediates }: InstructionShape): void {
    for (const immediate of immediates) {
      switch (immediate) {
        case "leb":
          this.#skipLeb();
          break;
        case "memory":
          this.#skipMemoryArgument();
          break;
        case "block":
          this.#skipBlockType();
          break;
        case "heap":
          this.#skipLeb();
          break;
        case "labels":
          this.#repeat(() => this.#skipLeb());
          break;
        case "types":
          this.#repeat(() => this.#skipValueType());
          break;
        case "catches":
          this.#repeat(() => this.#skipCatch());
          break;
        default:
          this.#skip(immediate);
      }
    }
  }

  #repeat(step: () => void): void {
    const count = this.#u32();
    for (let index = 0; index < count; index++) step();
  }

  #skipMemoryArgument(): void {
    const flags = this.#u32();
    if (flags & 0x40) {
      this.#used.add("multimemory");
      this.#skipLeb();
    }
    this.#skipLeb();
  }

  #skipBlockType(): void {
    const byte = this.#bytes[this.#at] ?? 0;
    if (isReferenceByte(byte)) this.#skipValueType();
    else {
      // An index of a type, and not one of the one-byte value types, makes a block with parameters.
      if (byte < 0x40 || byte >= 0x80) this.#used.add("multivalue");
      this.#skipLeb();
    }
  }

  #skipValueType(): void {
    const byte = this.#byte();
    if (isReferenceByte(byte)) this.#skipLeb();
    if (byte === 0x6f) this.#used.add("reference-types");
    if (byte === 0x7b) this.#used.add("simd128");
  }

  #skipCatch(): void {
    const kind = this.#byte();
    if (kind < 2) this.#skipLeb();
    this.#skipLeb();
  }

  #skip(size: number): void {
    this.#at += size;
    if (this.#at > this.#end) throw UNKNOWN;
  }

  #byte(): number {
    if (this.#at >= this.#end) throw UNKNOWN;
    return this.#bytes[this.#at++] ?? 0;
  }

  #skipLeb(): void {
    while (this.#byte() >= 0x80);
  }

  #u32(): number {
    let value = 0;
    for (let index = 0; index < 5; index++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw UNKNOWN;
  }
}
