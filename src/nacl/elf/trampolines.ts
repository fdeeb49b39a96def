import { BUNDLE_BYTES, HALT, PAGE_BYTES } from "./address-space.ts";

/** Calls that the page has room for; the last slot holds only HLT. ZeroVM answers number 0. */
export const TRAMPOLINE_COUNT = PAGE_BYTES / BUNDLE_BYTES - 1;

/** Where the original's trampolines jumped to. Nothing is there; it counts for the memory etag. */
const THUNK_ADDRESS = 0x5afe_ca11_0000n;

/**
 * The page of trampolines as the guest can read it, the same for every program: in each slot
 *
 *     48 b8 00 00 11 ca fe 5a 00 00    mov  $0x5afeca110000, %rax
 *     ff d0                            call *%rax
 *     f4 ...                           hlt, to the end of the slot
 */
export function trampolinePage(): Uint8Array {
  const page = new Uint8Array(PAGE_BYTES).fill(HALT);
  const view = new DataView(page.buffer);
  for (let slot = 0; slot < TRAMPOLINE_COUNT; slot++) {
    const start = slot * BUNDLE_BYTES;
    view.setUint16(start, 0x48b8, false);
    view.setBigUint64(start + 2, THUNK_ADDRESS, true);
    view.setUint16(start + 10, 0xffd0, false);
  }
  return page;
}
