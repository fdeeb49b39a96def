/** Bytes of the guest's address space: everything that 32 bits can name. */
export const GUEST_BYTES = 2 ** 32;
/** Where the original laid the guest's address 0: programs see it in `r15`, and what they add. */
export const SANDBOX_BASE = 0x440a_0000_0000;
/** Permissions, and the beginnings of sections, go by pages of this size. */
export const PAGE_BYTES = 0x1_0000;
/** Code goes by bundles of this size: no instruction crosses their edges. */
export const BUNDLE_BYTES = 32;
/** Where the page of trampolines begins; the null page lies before it. */
export const TRAMPOLINES_START = 0x1_0000;
/** Where the text of every program begins. */
export const TEXT_START = 0x2_0000;
/** The stack takes the top of the address space, whatever the program. */
export const STACK_BYTES = 16 * 2 ** 20;
/** The lowest byte of the stack; the user manifest ends below it. */
export const STACK_START = GUEST_BYTES - STACK_BYTES;
/** The instruction HLT, which fills all code pages behind the code. */
export const HALT = 0xf4;
/** So many bytes of HLT follow the text at least, so that nothing runs off its end. */
export const HALT_BYTES_MIN = BUNDLE_BYTES;

/**
 * Globals of a translated program of which the stores are checked: the linear addresses where data
 * and heap begin and end. The host sets them before the start.
 */
export const WRITABLE_GLOBALS = { START: "writable_start", END: "writable_end" } as const;

/** Some addresses of the guest, from `start` up to and without `end`. */
export interface GuestRange {
  readonly start: number;
  readonly end: number;
}

/** The next multiple of a page: exact for all addresses up to 2^53. */
export function pageUp(address: number): number {
  return Math.ceil(address / PAGE_BYTES) * PAGE_BYTES;
}

/** The start of the page that holds the address. */
export function pageDown(address: number): number {
  return Math.floor(address / PAGE_BYTES) * PAGE_BYTES;
}
