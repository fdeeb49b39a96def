/** Numbers as a guest has them in memory, and the hash of its trace. */
import { createHash } from "node:crypto";
import type { Hash } from "../../src/base/index.ts";

export function u16(value: number): number[] {
  return [value & 0xff, (value >>> 8) & 0xff];
}

export function u32(value: number): number[] {
  return [...u16(value), ...u16(value >>> 16)];
}

export function u64(value: number | bigint): number[] {
  const big = BigInt.asUintN(64, BigInt(value));
  return [...u32(Number(big & 0xffff_ffffn)), ...u32(Number(big >> 32n))];
}

/** Bytes from hex with blanks. */
export function hex(text: string): number[] {
  return text
    .trim()
    .split(/\s+/u)
    .map((pair) => Number.parseInt(pair, 16));
}

export function sha256(): Hash {
  const hash = createHash("sha256");
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    digestHex: () => hash.digest("hex"),
  };
}
