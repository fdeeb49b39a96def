import { Dice } from "./dice.ts";

const TEXT_START = 0x2_0000;
const BUNDLE_BYTES = 32;
/** Counters of loops, by their depth. */
const COUNTERS = ["r8d", "r9d", "r10d"];

/** A guest of nested loops that reads memory in many places and faults in one of them. */
export interface FaultingLoops {
  /** The guest that faults at a read, counted as it runs. */
  program(step: number): string;
  /** Guest address of each read, in the order in which they run. */
  readonly addresses: readonly number[];
}

/** One element a bundle: a read, or the head or end of a loop. */
class Loops {
  readonly #dice: Dice;
  readonly lines: string[] = [];

  constructor(seed: number) {
    this.#dice = new Dice(seed);
  }

  /** @returns addresses of the reads that one pass does */
  body(depth: number): number[] {
    const addresses: number[] = [];
    const count = 1 + this.#dice.below(4);
    for (let element = 0; element < count; element++) {
      const isLoop = depth < COUNTERS.length && this.#dice.below(3) > 0;
      for (const address of isLoop ? this.#loop(depth) : this.#read()) addresses.push(address);
    }
    return addresses;
  }

  #loop(depth: number): number[] {
    const counter = COUNTERS[depth] ?? "";
    const rounds = 2 + this.#dice.below(30);
    const label = `loop${this.lines.length}`;
    this.#bundle(`movl $${rounds}, %${counter}`);
    this.lines.push(`${label}:`);
    const pass = this.body(depth + 1);
    this.#bundle(`subl $1, %${counter}\njne ${label}`);
    return Array.from({ length: rounds }, () => pass).flat();
  }

  /** The address is null in the step that ebp has. */
  #read(): number[] {
    const start = this.#bundles * BUNDLE_BYTES + TEXT_START;
    this.#bundle(`addl $1, %r12d
      cmpl %r13d, %r12d
      movl $0x20000, %eax
      cmovel %r14d, %eax
      movl %eax, %eax
      movl (%r15,%rax), %edx`);
    return [start + 4 + 3 + 5 + 4 + 2];
  }

  #bundles = 1;

  #bundle(text: string): void {
    this.#bundles += 1;
    this.lines.push(`${text}\n.p2align 5`);
  }
}

/** Guests of one shape: the same seed gives the same. */
export function faultingLoops(seed: number): FaultingLoops {
  const loops = new Loops(seed);
  const pass = loops.body(0);
  // Around all of it, so that loops are entered often enough to be moved.
  const rounds = Math.ceil(20_000 / Math.max(1, pass.length));
  const addresses = Array.from({ length: rounds }, () => pass).flat();
  const program = (step: number): string => `.text
    .globl _start
    .p2align 5
    _start: movl $${rounds}, %ebx
    movl $${step}, %r13d
    xorl %r12d, %r12d
    xorl %r14d, %r14d
    .p2align 5
    whole: ${loops.lines.join("\n")}
    subl $1, %ebx
    jne whole
    hlt`;
  return { program, addresses };
}
