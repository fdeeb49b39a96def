import { countFunctions, type ModuleShape } from "../index.ts";
import { BodyCursor, BodyLocals, OP, VECTOR } from "../rewrite/index.ts";
import { Bodies } from "./bodies.ts";

/** An instruction: its function, and bytes from the start of the code, behind the locals. */
export interface CodePlace {
  readonly functionIndex: number;
  readonly codeOffset: number;
}

/** A module as bytes, and what was read of its structure. */
export interface ReadModule {
  readonly bytes: Uint8Array;
  readonly shape: ModuleShape;
}

/** A stretch of marks: those of a function from one of them on. */
interface Stretch {
  readonly functionIndex: number;
  readonly first: number;
}

/**
 * Finds where in a module an instruction stood that passes have moved. Marks are the instructions
 * that all passes copy and keep in order: accesses of memory, and calls of what the module had
 * before. A function that a pass added for a loop begins with the mark that stands behind the
 * first call of it.
 */
export class OriginFinder {
  readonly #before: Marks;
  readonly #after: Marks;
  readonly #known: Known;
  #stretches: ReadonlyMap<number, Stretch> | undefined;

  /** @param before the module that the passes were given, `after` what they made of it */
  constructor(before: ReadModule, after: ReadModule) {
    const { shape } = before;
    this.#known = { functionCount: countFunctions(shape), tableCount: shape.tables.length };
    this.#before = new Marks(before, this.#known);
    this.#after = new Marks(after, this.#known);
  }

  /**
   * @param offset of an instruction in the module that was made
   * @returns where it stood before; undefined where it is none of those, or no mark
   */
  find(functionIndex: number, offset: number): CodePlace | undefined {
    const stretch = this.#stretchOf(functionIndex);
    if (stretch === undefined) return undefined;
    let number = -1;
    let found = -1;
    this.#after.walk(functionIndex, (start) => {
      number += 1;
      if (start === offset) found = number;
    });
    return found < 0 ? undefined : this.#original(stretch.functionIndex, stretch.first + found);
  }

  #original(functionIndex: number, wanted: number): CodePlace | undefined {
    let number = -1;
    let codeOffset: number | undefined;
    this.#before.walk(functionIndex, (start, codeStart) => {
      number += 1;
      if (number === wanted) codeOffset = start - codeStart;
    });
    return codeOffset === undefined ? undefined : { functionIndex, codeOffset };
  }

  #stretchOf(functionIndex: number): Stretch | undefined {
    if (functionIndex < this.#known.functionCount) return { functionIndex, first: 0 };
    this.#stretches ??= this.#findStretches();
    return this.#stretches.get(functionIndex);
  }

  /** A loop stays in its function as well, and so do the loops in it, each behind its call. */
  #findStretches(): ReadonlyMap<number, Stretch> {
    const stretches = new Map<number, Stretch>();
    for (let functionIndex = 0; functionIndex < this.#known.functionCount; functionIndex++) {
      let first = 0;
      const count = (): void => {
        first += 1;
      };
      this.#after.walk(functionIndex, count, (callee) => {
        if (!stretches.has(callee)) stretches.set(callee, { functionIndex, first });
      });
    }
    return stretches;
  }
}

/** What a module had before passes: a call of, or through, anything further is no mark. */
interface Known {
  readonly functionCount: number;
  readonly tableCount: number;
}

/** Walks over the marks of a module. */
class Marks {
  readonly #cursor: BodyCursor;
  readonly #locals = new BodyLocals();
  readonly #bodies: Bodies;
  readonly #known: Known;

  constructor({ bytes, shape }: ReadModule, known: Known) {
    this.#cursor = new BodyCursor(bytes);
    this.#bodies = new Bodies(bytes, shape);
    this.#known = known;
  }

  /**
   * @param mark is called with the offsets of a mark and of the code of its function
   * @param added is called with the function that a call which is no mark calls
   */
  walk(
    functionIndex: number,
    mark: (start: number, codeStart: number) => void,
    added: (callee: number) => void = () => {},
  ): void {
    const cursor = this.#cursor;
    const body = this.#bodies.find(functionIndex);
    if (body === undefined) return;
    cursor.open(body.start, body.end);
    this.#locals.read(cursor, []);
    const { codeStart } = this.#locals;
    while (cursor.advance()) {
      if (this.#isAdded(cursor)) {
        if (cursor.opcode === OP.CALL) added(cursor.first);
      } else if (isMark(cursor.opcode)) mark(cursor.start, codeStart);
    }
  }

  #isAdded({ opcode, first, second }: BodyCursor): boolean {
    if (opcode === OP.CALL) return first >= this.#known.functionCount;
    return opcode === OP.CALL_INDIRECT && second >= this.#known.tableCount;
  }
}

const LOAD_FIRST = 0x28;
const STORE_LAST = 0x3e;
/** Loads and stores of whole vectors, then those of lanes and with zeros. */
const VECTOR_WHOLE_LAST = VECTOR + 11;
const VECTOR_LANE_FIRST = VECTOR + 84;
const VECTOR_LANE_LAST = VECTOR + 93;

function isMark(opcode: number): boolean {
  if (opcode === OP.CALL || opcode === OP.CALL_INDIRECT) return true;
  if (opcode >= LOAD_FIRST && opcode <= STORE_LAST) return true;
  if (opcode >= VECTOR && opcode <= VECTOR_WHOLE_LAST) return true;
  return opcode >= VECTOR_LANE_FIRST && opcode <= VECTOR_LANE_LAST;
}
