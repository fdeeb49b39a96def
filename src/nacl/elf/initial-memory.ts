import { GUEST_BYTES, HALT, STACK_START } from "./address-space.ts";
import type { GuestContents, GuestLayout } from "./layout.ts";
import { trampolinePage } from "./trampolines.ts";

/**
 * Writes what the program's memory holds before anything of the session is in it: trampolines,
 * text, HLTs, read-only data and data; zero everywhere else. `into` becomes the memory from
 * `start` on, of which the parts may lie before, in or behind it.
 */
export function fillInitialMemory(
  guest: GuestLayout,
  file: Uint8Array,
  start: number,
  into: Uint8Array,
): void {
  into.fill(0);
  for (const part of guest.contents) {
    const from = Math.max(part.start, start);
    const to = Math.min(part.end, start + into.length);
    if (from < to) fillPart(part, file, from, into.subarray(from - start, to - start));
  }
}

function fillPart(part: GuestContents, file: Uint8Array, from: number, into: Uint8Array): void {
  const skipped = from - part.start;
  if (part.kind === "halt") into.fill(HALT);
  else if (part.kind === "trampolines") into.set(sliceOf(trampolinePage(), skipped, into.length));
  else into.set(sliceOf(file, part.fileOffset + skipped, into.length));
}

function sliceOf(bytes: Uint8Array, start: number, sizeBytes: number): Uint8Array {
  return bytes.subarray(start, start + sizeBytes);
}

/** Bytes between the stack pointer at the start and the top of the stack. */
const START_FRAME_BYTES = 56;

/** The registers of a guest at its entry, and its stack; all other registers are zero. */
export interface EntryState {
  readonly rax: number;
  /** Number of the register that holds the entry. */
  readonly entryRegister: number;
  /** Absent where the host writes it for each session, and sets `rsp` and `rdi`. */
  readonly stack?: EntryStack;
}

/** A stack that is the same for every session. */
export interface EntryStack {
  /** `rsp` and `rbp`; the word there stands for a return address and is zero. */
  readonly pointer: number;
  /** `rdi`: address of the block of 32-bit words that tells of arguments and environment. */
  readonly infoAddress: number;
  /** Words that are not zero: address and value. */
  readonly words: readonly (readonly [address: number, value: number])[];
}

/**
 * ZeroVM gives a program no arguments but an empty name of its own:
 *
 *     0xffffffd0   0   0   1 (argc)   0xfffffff0 (argv[0])   0 ...
 *                                     0xfffffff0: the empty string
 *
 * It is written when the program starts: a session that ends before has a stack of zeros.
 */
export const ZEROVM_ENTRY_STATE = Object.freeze({
  rax: 0,
  /** `rcx` */
  entryRegister: 1,
  stack: {
    pointer: GUEST_BYTES - START_FRAME_BYTES,
    infoAddress: GUEST_BYTES - START_FRAME_BYTES + 8,
    words: [
      [GUEST_BYTES - 40, 1],
      [GUEST_BYTES - 36, GUEST_BYTES - 16],
    ] as const,
  },
}) satisfies EntryState;

/** Current Native Client starts a program as if a call had been refused, with EINVAL. */
export const NACL_ENTRY_STATE: EntryState = Object.freeze({ rax: -22, entryRegister: 11 });

/** Where the guest finds the address of its user manifest. */
export const MANIFEST_POINTER = STACK_START - 4;
