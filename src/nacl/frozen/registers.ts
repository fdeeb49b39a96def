/** A register of a guest, as its module exports it: a global of 32 or 64 bits. */
export interface GuestRegister {
  readonly name: string;
  readonly isWide: boolean;
  /** The largest number that it can hold. */
  readonly maximum: bigint;
}

const GENERAL = "rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15".split(" ");
const WIDE_MAX = 2n ** 64n - 1n;

function wide(name: string): GuestRegister {
  return { name, isWide: true, maximum: WIDE_MAX };
}

function narrow(name: string, maximum: bigint): GuestRegister {
  return { name, isWide: false, maximum };
}

function numbered(prefix: string, count = 8): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`);
}

/**
 * All that a guest has in registers while it waits in a call, but for the vectors. Flags are none
 * of it: behind a call they are those of the jump back.
 */
export const GUEST_REGISTERS: readonly GuestRegister[] = [
  ...GENERAL.map(wide),
  ...numbered("mm").map(wide),
  ...numbered("st_sign").map((name) => narrow(name, 0xffffn)),
  narrow("x87_top", 7n),
  narrow("x87_empty", 0xffn),
  narrow("x87_control", 0xffffn),
  narrow("x87_status", 0xffffn),
  narrow("x87_place", 0xffff_ffffn),
  narrow("df", 1n),
  narrow("mxcsr", 0xffff_ffffn),
  wide("tsc"),
];

/**
 * Vectors by the names that a module exports. The upper halves are only in programs that may have
 * VEX; others have zeros there.
 */
export const VECTORS: readonly string[] = [...numbered("xmm", 16), ...numbered("ymm", 16)];
export const VECTOR_BYTES = 16;
