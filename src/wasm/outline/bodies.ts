import type { ModuleShape } from "../index.ts";
import type { BodyCursor } from "../rewrite/index.ts";

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
  readonly #cursor: BodyCursor;
  readonly #importedCount: number;
  readonly #sizeStarts: Uint32Array;
  readonly #starts: Uint32Array;
  readonly #end: number;

  constructor(cursor: BodyCursor, shape: ModuleShape, importedCount: number) {
    this.#cursor = cursor;
    this.#importedCount = importedCount;
    this.#sizeStarts = new Uint32Array(shape.functionCount);
    this.#starts = new Uint32Array(shape.functionCount);
    const section = shape.sections.find((it) => it.id === CODE_SECTION);
    this.#end = section?.end ?? 0;
    if (section !== undefined) this.#read(section.start);
  }

  /** @returns undefined for an imported function, and for a body that is no part of the file */
  find(functionIndex: number): Body | undefined {
    const position = functionIndex - this.#importedCount;
    const sizeStart = this.#sizeStarts[position];
    const start = this.#starts[position];
    if (sizeStart === undefined || start === undefined) return undefined;
    const end = this.#sizeStarts[position + 1] ?? this.#end;
    return start <= end && end <= this.#end ? { sizeStart, start, end } : undefined;
  }

  #read(start: number): void {
    const cursor = this.#cursor;
    cursor.open(start, this.#end);
    cursor.u32();
    for (let position = 0; position < this.#starts.length; position++) {
      this.#sizeStarts[position] = cursor.at;
      const size = cursor.u32();
      this.#starts[position] = cursor.at;
      cursor.at += size;
    }
  }
}
