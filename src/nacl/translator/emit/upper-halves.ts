import { TYPE } from "../../../wasm/rewrite/index.ts";
import { GLOBAL } from "../guest/index.ts";
import type { Scratch } from "./scratch.ts";

const COUNT = 16;

/**
 * The upper halves of the vector registers, which instructions with VEX have: they live in globals.
 * What is read or written in a block is also kept in a local up to its end.
 */
export class UpperHalves {
  readonly #emitter: Scratch;
  /** Registers whose upper halves are zero, and those whose locals have them, as bits. */
  #zero = 0;
  #known = 0;

  constructor(emitter: Scratch) {
    this.#emitter = emitter;
  }

  /** Control may come from elsewhere, or has been there. */
  forget(): void {
    this.#zero = 0;
    this.#known = 0;
  }

  /** Pushes one. */
  push(register: number): void {
    const { code } = this.#emitter;
    const bit = 1 << register;
    if ((this.#zero & bit) !== 0) code.v128();
    else if ((this.#known & bit) !== 0) code.get(this.#local(register));
    else {
      code.globalGet(GLOBAL.UPPER + register).tee(this.#local(register));
      this.#known |= bit;
    }
  }

  /** Pops one. */
  set(register: number): void {
    const { code } = this.#emitter;
    code.tee(this.#local(register)).globalSet(GLOBAL.UPPER + register);
    this.#known |= 1 << register;
    this.#zero &= ~(1 << register);
  }

  clear(register: number): void {
    if ((this.#zero & (1 << register)) !== 0) return;
    this.#emitter.code.v128().globalSet(GLOBAL.UPPER + register);
    this.#zero |= 1 << register;
  }

  clearAll(): void {
    for (let register = 0; register < COUNT; register++) this.clear(register);
  }

  #local(register: number): number {
    return this.#emitter.scratch(`upper ${register}`, TYPE.V128);
  }
}
