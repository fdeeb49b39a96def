import { malformed } from "../index.ts";
import type { BodyCursor } from "./body-cursor.ts";
import { TYPE, typeByte } from "./value-type.ts";

/** The engine refuses functions with more locals, parameters included. */
const LOCALS_MAX = 50_000;
/** Types of so many locals are kept one by one, those of later ones are looked for. */
const EXPANDED_MAX = 256;

/** The parameters and locals of a function body. One object serves body after body. */
export class BodyLocals {
  /** Parameters and locals. */
  count = 0;
  /** Where the number of groups stands. */
  declarationStart = 0;
  /** Where the groups begin, behind their number. */
  groupsStart = 0;
  groupCount = 0;
  /** Where the code begins. */
  codeStart = 0;
  hasVectors = false;
  readonly #expanded = new Uint8Array(EXPANDED_MAX);
  readonly #groupEnds: number[] = [];
  readonly #groupTypes: number[] = [];

  /** Reads the declarations; the cursor then stands at the first instruction. */
  read(cursor: BodyCursor, params: readonly string[]): void {
    this.#groupEnds.length = 0;
    this.#groupTypes.length = 0;
    this.count = 0;
    this.hasVectors = false;
    for (const param of params) this.#add(1, typeByte(param) ?? TYPE.REF);
    this.declarationStart = cursor.at;
    cursor.start = cursor.at;
    this.groupCount = cursor.u32();
    this.groupsStart = cursor.at;
    for (let group = 0; group < this.groupCount; group++) {
      const count = cursor.u32();
      const type = cursor.bytes[cursor.at++] ?? 0;
      if (type === TYPE.REF_NULL || type === TYPE.REF) cursor.u32();
      if (cursor.at > cursor.end || this.count + count > LOCALS_MAX) {
        throw malformed(cursor.at, "the locals are cut off or too many", `at most ${LOCALS_MAX}`);
      }
      this.#add(count, type);
    }
    this.codeStart = cursor.at;
  }

  #add(count: number, type: number): void {
    if (type === TYPE.V128) this.hasVectors = true;
    if (this.count < EXPANDED_MAX) this.#expanded.fill(type, this.count, this.count + count);
    this.count += count;
    const last = this.#groupTypes.length - 1;
    if (this.#groupTypes[last] === type) this.#groupEnds[last] = this.count;
    else if (count > 0) {
      this.#groupEnds.push(this.count);
      this.#groupTypes.push(type);
    }
  }

  /** The type of a local: a value of `TYPE`, where typed references are their first byte. */
  typeOf(index: number): number {
    if (index < EXPANDED_MAX) return this.#expanded[index] ?? 0;
    let [low, high] = [0, this.#groupEnds.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (index < (this.#groupEnds[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return this.#groupTypes[low] ?? 0;
  }
}
