import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { goldenNexe } from "../../../test/support/golden-nexe.ts";
import { fillInitialMemory, MANIFEST_POINTER, ZEROVM_ENTRY_STATE } from "./initial-memory.ts";
import { type GuestLayout, layout } from "./layout.ts";
import { readNexe } from "./read-nexe.ts";
import { type UserChannel, userManifestBytes, writeUserManifest } from "./user-manifest.ts";

const CHANNELS: readonly UserChannel[] = [
  { alias: "/dev/stdin", type: 0, limits: [1n, 1n, 0n, 0n], sizeBytes: 0n },
  { alias: "/dev/stdout", type: 0, limits: [0n, 0n, 1n, 1n], sizeBytes: 0n },
  { alias: "/dev/stderr", type: 0, limits: [0n, 0n, 1n, 1n], sizeBytes: 0n },
];

/** The digest of all memory, with what `fillStack` leaves on the stack. */
function memoryEtag(guest: GuestLayout, file: Uint8Array, fillStack: (stack: Buffer) => void) {
  const manifest = writeUserManifest(guest, CHANNELS);
  const hash = createHash("sha1");
  for (const { start, end } of guest.hashed) {
    const bytes = Buffer.alloc(end - start);
    fillInitialMemory(guest, file, start, bytes);
    if (start === guest.manifest.start) bytes.set(manifest.bytes, manifest.address - start);
    if (start === guest.stack.start) fillStack(bytes);
    hash.update(bytes);
  }
  return hash.digest("hex");
}

describe("the memory of a session", () => {
  const file = goldenNexe();
  const guest = layout(readNexe(file, "zerovm"), 33_554_432, userManifestBytes(CHANNELS));

  test("has the original's digest before the program starts", () => {
    expect(memoryEtag(guest, file, () => {})).toBe("9a2438eab029f7e0022c3eec579be3284728fd96");
  });

  test("has the original's digest after the program exited", () => {
    const etag = memoryEtag(guest, file, (stack) => {
      const at = (address: number) => address - guest.stack.start;
      for (const [address, value] of ZEROVM_ENTRY_STATE.stack.words) {
        stack.writeUInt32LE(value, at(address));
      }
      const sp = ZEROVM_ENTRY_STATE.stack.pointer - 0x38;
      stack.write("Exit", at(sp), "latin1");
      stack.writeUInt32LE(42, at(sp + 16));
      // What the call leaves below the stack pointer: return addresses and registers.
      stack.writeBigUInt64LE(0x440a_0002_0040n, at(sp - 8));
      stack.writeBigUInt64LE(0x440a_0001_000cn, at(sp - 16));
      for (const [index, value] of [sp, 0, 0, 0x2_0000, 0, 0].entries()) {
        stack.writeUInt32LE(value, at(sp - 40 + 4 * index));
      }
    });
    expect(etag).toBe("616c642cc0a007992a9a2ff343482c6da4b89ae6");
  });

  test("starts the heap on the page behind the text where there is nothing else", () => {
    expect(guest.heap).toEqual({ start: 0x3_0000, end: 0x100_0000 });
  });
});

describe("writeUserManifest()", () => {
  const heap = { start: 0x4_0260, end: 0x100_0000 };

  test("lays everything where the original laid it", () => {
    const { address, bytes } = writeUserManifest({ heap }, CHANNELS);
    const view = new DataView(bytes.buffer);
    const u32 = (at: number) => view.getUint32(at - address, true);
    const text = (at: number) =>
      Buffer.from(bytes)
        .toString("latin1", at - address)
        .split("\0")[0];
    expect(MANIFEST_POINTER).toBe(0xfeff_fffc);
    expect(u32(MANIFEST_POINTER)).toBe(0xfeff_ff58);
    expect([0, 4, 8, 12, 16].map((offset) => u32(0xfeff_ff58 + offset))).toEqual([
      0x4_0260, 0xfb_fda0, 0x100_0000, 3, 0xfeff_ff6c,
    ]);
    expect([0xfeff_ff4d, 0xfeff_ff41, 0xfeff_ff35].map(text)).toEqual(
      CHANNELS.map(({ alias }) => alias),
    );
    expect([0, 1, 2].map((index) => u32(0xfeff_ff6c + 48 * index + 44))).toEqual([
      0xfeff_ff4d, 0xfeff_ff41, 0xfeff_ff35,
    ]);
    expect(address).toBe(0xfeff_ff35);
  });

  test("shows limits, type and the size, but none of a sequential channel", () => {
    const limits = [1n, 2n ** 63n - 1n, 3n, 4n] as const;
    const channels: UserChannel[] = [
      { alias: "/dev/a", type: 3, limits, sizeBytes: 2n ** 40n },
      { alias: "/dev/b", type: 0, limits, sizeBytes: 2n ** 40n },
    ];
    const { bytes } = writeUserManifest({ heap }, channels);
    const view = new DataView(bytes.buffer);
    const start = bytes.length - 4 - 2 * 48;
    const i64 = (index: number) => view.getBigInt64(start + 8 * index, true);
    expect([0, 1, 2, 3, 4].map(i64)).toEqual([...limits, 2n ** 40n]);
    expect(view.getUint32(start + 40, true)).toBe(3);
    expect([6, 7, 8, 9, 10].map(i64)).toEqual([...limits, 0n]);
  });

  test("takes 1364 channels in one page and more in several", () => {
    const named = (count: number) =>
      Array.from({ length: count }, (_, index) => ({ alias: `/dev/${index}` }));
    expect(userManifestBytes(named(1000))).toBeLessThan(0x1_0000);
    expect(userManifestBytes(named(1200))).toBeGreaterThan(0x1_0000);
    expect(userManifestBytes([])).toBe(24);
  });
});
