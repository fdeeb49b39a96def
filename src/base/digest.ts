import type { HashFactory } from "./world.ts";

/** SHA-256 of pieces, one behind the other, in lower-case hexadecimal. */
export type Sha256 = (...pieces: readonly Uint8Array[]) => string;

/** SHA-256 by the digests of a host. */
export function sha256By(hashes: HashFactory): Sha256 {
  return (...pieces) => {
    const hash = hashes("sha256");
    for (const piece of pieces) hash.update(piece);
    return hash.digestHex();
  };
}

/** Bytes as a digest is written: two lower-case digits each. */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of a digest in hexadecimal. */
export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
