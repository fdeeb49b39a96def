import { malformed } from "../index.ts";
import { OP } from "./opcode.ts";
import { EFFECT_VARIES, POPS, PUSHES } from "./stack-effect.ts";

/** Numbers kept of each open block. */
const STRIDE = 6;
const OPCODE = 0;
const BASE = 1;
const PARAMS = 2;
const RESULTS = 3;
const IS_DEAD = 4;
const MARK = 5;

/**
 * The open blocks of a function body and the height of its operand stack. After an unconditional
 * branch code is dead until its block ends; there the stack holds whatever is asked of it, and
 * the height stays at that of the block. Frame 0 is the function itself.
 */
export class ControlStack {
  #frames = new Int32Array(STRIDE * 64);
  /** Open blocks, the function included. */
  depth = 0;
  /** Operands on the stack. */
  height = 0;
  /** The largest height so far. */
  heightMax = 0;
  /** How many operands were last pushed together by a block or a call. */
  pushed = 0;
  /** Whether the present place cannot be reached. */
  isDead = false;
  #base = 0;

  /** Begins a function. */
  begin(results: number): void {
    this.depth = 0;
    this.height = 0;
    this.heightMax = 0;
    this.isDead = false;
    this.#base = 0;
    this.open(OP.BLOCK, 0, results);
  }

  /** Begins a block whose parameters are on the stack. */
  open(opcode: number, params: number, results: number): void {
    const at = this.depth * STRIDE;
    if (at === this.#frames.length) this.#grow();
    this.pop(params);
    const frames = this.#frames;
    frames[at + OPCODE] = opcode;
    frames[at + BASE] = this.height;
    frames[at + PARAMS] = params;
    frames[at + RESULTS] = results;
    frames[at + IS_DEAD] = this.isDead ? 1 : 0;
    frames[at + MARK] = 0;
    this.#base = this.height;
    this.depth += 1;
    this.push(params);
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#frames.length);
    grown.set(this.#frames);
    this.#frames = grown;
  }

  /** Begins the other arm of the present block, which starts with `operands` on its stack. */
  otherwise(opcode: number, operands: number): void {
    this.#frames[(this.depth - 1) * STRIDE + OPCODE] = opcode;
    this.height = this.#base;
    this.isDead = this.#top(IS_DEAD) === 1;
    this.push(operands);
  }

  /** Ends the present block. Its end counts as reached wherever its beginning was. */
  close(): void {
    this.height = this.#base;
    this.isDead = this.#top(IS_DEAD) === 1;
    const results = this.#top(RESULTS);
    this.depth -= 1;
    this.#base = this.depth === 0 ? 0 : this.#top(BASE);
    this.push(results);
  }

  #top(field: number): number {
    return this.#frames[(this.depth - 1) * STRIDE + field] ?? 0;
  }

  /** What follows cannot be reached. */
  kill(): void {
    this.height = this.#base;
    this.isDead = true;
  }

  push(count: number): void {
    this.pushed = count;
    this.height += count;
    if (this.height > this.heightMax) this.heightMax = this.height;
  }

  pop(count: number): void {
    const height = this.height - count;
    this.height = height < this.#base ? this.#base : height;
  }

  /** Applies an instruction whose effect its opcode tells. @returns false for any other. */
  apply(opcode: number): boolean {
    const pops = POPS[opcode] ?? EFFECT_VARIES;
    if (pops === EFFECT_VARIES) return false;
    let height = this.height - pops;
    if (height < this.#base) height = this.#base;
    height += PUSHES[opcode] ?? 0;
    this.height = height;
    if (height > this.heightMax) this.heightMax = height;
    return true;
  }

  /** The opcode with which the present arm of the block began. */
  get opcode(): number {
    return this.#top(OPCODE);
  }

  /** The height of the stack below the present block. */
  get base(): number {
    return this.#base;
  }

  get params(): number {
    return this.#top(PARAMS);
  }

  get results(): number {
    return this.#top(RESULTS);
  }

  /** A number that a pass keeps with each open block; 0 at first. */
  get mark(): number {
    return this.#top(MARK);
  }

  set mark(value: number) {
    this.#frames[(this.depth - 1) * STRIDE + MARK] = value;
  }

  /** @throws ZvmError when so many blocks are not open. */
  checkLabel(label: number, offset: number): void {
    if (label < this.depth) return;
    throw malformed(offset, `there is no label ${label}`, `below ${this.depth}`);
  }

  /** How many operands a branch to the label carries. */
  labelArity(label: number): number {
    const at = (this.depth - 1 - label) * STRIDE;
    const isLoop = this.#frames[at + OPCODE] === OP.LOOP;
    return this.#frames[at + (isLoop ? PARAMS : RESULTS)] ?? 0;
  }
}
