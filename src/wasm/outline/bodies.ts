import type { ModuleShape } from "../index.ts";

/** Where the body of a function stands. */
export interface Body {
  /** Where its size stands. */
  readonly sizeStart: number;
  /** Where its locals begin. */
  readonly start: number;
  /** Behind its last `end`. */
  readonly end: number;
}

const CODE_SECTION = 10;

/** Finds bodies of functions by their index, by walking over the sizes of all. */
export class Bodies {
  readonly #importedCount: number;
  readonly #sizeStarts: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #end: number;
  /** Whether the bodies fill their section: else the engine refuses the module. */
  #isWhole = false;

  constructor(bytes: Uint8Array, shape: ModuleShape) {
    this.#importedCount = shape.imports.filter((it) => it.kind === "function").length;
    this.#sizeStarts = new Uint32Array(shape.functionCount);
    this.#starts = new Uint32Array(shape.functionCount);
    const section = shape.sections.find((it) => it.id === CODE_SECTION);
    this.#end = section?.end ?? 0;
    if (section !== undefined) this.#read(bytes, section.start);
  }

  /** @returns undefined for an imported function, and for a body that is no part of the file */
  find(functionIndex: number): Body | undefined {
    const position = functionIndex - this.#importedCount;
    const sizeStart = this.#sizeStarts[position];
    const start = this.#starts[position];
    if (sizeStart === undefined || start === undefined || !this.#isWhole) return undefined;
    const end = this.#sizeStarts[position + 1] ?? this.#end;
    return start <= end && end <= this.#end ? { sizeStart, start, end } : undefined;
  }

  /** One tight loop: a program has tens of thousands of functions. */
  #read(bytes: Uint8Array, start: number): void {
    const sizeStarts = this.#sizeStarts;
    const starts = this.#starts;
    let at = start;
    // The number of bodies is known already.
    while ((bytes[at++] ?? 0) >= 0x80);
    for (let position = 0; position < starts.length; position++) {
      sizeStarts[position] = at;
      let size = bytes[at++] ?? 0;
      if (size >= 0x80) {
        size &= 0x7f;
        let scale = 0x80;
        for (let more = 0x80; more >= 0x80; scale *= 0x80) {
          more = bytes[at++] ?? 0;
          size += (more & 0x7f) * scale;
        }
      }
      starts[position] = at;
      at += size;
    }
    this.#isWhole = at === this.#end;
  }
}
