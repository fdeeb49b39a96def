import { BUNDLE_BYTES, decodeText, FORMS, type Instructions } from "../../x86/index.ts";
import { Effects } from "./effects.ts";

const HALT = 0xf4;
/** A jump to its own address. */
const JUMP_HERE = [0xe9, 0xfb, 0xff, 0xff, 0xff];

/** Bytes that the program file puts into memory. */
export interface DataBytes {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/**
 * What control comes to behind the last bundle: HLTs that belong to the text, or whatever is found
 * at that address then.
 */
export type TextEnd = "halts" | "goes on";

/** The code of a program: its instructions, and which of them stands where. */
export class GuestText {
  /** Guest address of the first byte. */
  readonly start: number;
  /** Guest address behind the last byte; if it halts there, that is one of at least 32 HLTs. */
  readonly end: number;
  readonly instructions: Instructions;
  readonly effects: Effects;
  /** Number of the first instruction of each bundle. */
  readonly #bundles: Uint32Array;

  constructor(bytes: Uint8Array, start: number, atEnd: TextEnd = "halts") {
    const goesOn = atEnd === "goes on";
    const whole = goesOn
      ? Math.ceil(bytes.length / BUNDLE_BYTES) * BUNDLE_BYTES + BUNDLE_BYTES
      : Math.floor(bytes.length / BUNDLE_BYTES) * BUNDLE_BYTES + 2 * BUNDLE_BYTES;
    const padded = new Uint8Array(whole).fill(HALT);
    padded.set(bytes);
    this.start = start;
    this.end = start + whole;
    if (goesOn) {
      // It stands where it leads to, which is no longer in the text: a jump out of it.
      this.end -= BUNDLE_BYTES;
      padded.set(JUMP_HERE, whole - BUNDLE_BYTES);
    }
    this.instructions = decodeText(padded);
    this.effects = new Effects(this.instructions);
    this.#bundles = new Uint32Array(whole / BUNDLE_BYTES);
    const { count, offset } = this.instructions;
    for (let at = count - 1; at >= 0; at--) {
      this.#bundles[(offset[at] ?? 0) >> 5] = at;
    }
  }

  /** Whether an instruction of this name, as the table has it, is anywhere in it. */
  has(name: string): boolean {
    const { count, form } = this.instructions;
    const wanted = FORMS.filter(({ names }) => names[0] === name).map(({ id }) => id);
    return form.subarray(0, count).some((id) => wanted.includes(id));
  }

  /** Guest address of an instruction. */
  addressOf(instruction: number): number {
    return this.start + (this.instructions.offset[instruction] ?? 0);
  }

  /** Guest address behind an instruction. */
  addressBehind(instruction: number): number {
    return this.addressOf(instruction) + (this.instructions.length[instruction] ?? 0);
  }

  /** Number of the instruction that begins at a guest address, or -1. */
  at(address: number): number {
    if (address < this.start || address >= this.end) return -1;
    const wanted = address - this.start;
    const { offset, count } = this.instructions;
    let at = this.#bundles[wanted >> 5] ?? count;
    while (at < count && (offset[at] ?? 0) < wanted) at++;
    return offset[at] === wanted ? at : -1;
  }

  /** Guest address that a direct jump or call names. */
  targetOf(instruction: number): number {
    return (this.addressBehind(instruction) + (this.instructions.imm[instruction] ?? 0)) >>> 0;
  }
}
