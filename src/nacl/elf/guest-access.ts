import type { GuestLayout } from "./layout.ts";
import type { GuestAccess } from "./nexe.ts";

/** What the host wants to do with a guest's buffer: a put reads it, a get writes to it. */
export type BufferRight = "read" | "write";

/**
 * Whether a trap may use the guest's buffer, as the original judged it. It compared ends of regions
 * only: what lies unused before a region counts as that region, and of a size below 1, which the
 * trap refuses later with another errno, only the first region counts. Unlike the original, the
 * heap of a program without data may be used.
 * @param address all 64 bits of the guest's number: above 4 GiB there is nothing.
 * @param sizeBytes a signed number of 32 bits.
 */
export function mayAccess(
  guest: GuestLayout,
  address: number,
  sizeBytes: number,
  right: BufferRight,
): boolean {
  if (address < 0) return false;
  const end = address + sizeBytes;
  for (const region of guest.regions) {
    if (region.name === "gap" || region.end <= address) continue;
    if (!allows(region.access, right)) return false;
    if (region.end >= end) return true;
  }
  return false;
}

function allows(access: GuestAccess, right: BufferRight): boolean {
  return right === "write" ? access === "rw" : access !== "none";
}
