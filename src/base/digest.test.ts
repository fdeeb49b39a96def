import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { bytesOfHex, hexOf, sha256By } from "./digest.ts";

test("bytes are two digits each, and are read again", () => {
  const bytes = Uint8Array.of(0, 1, 9, 15, 16, 127, 128, 255);
  expect(hexOf(bytes)).toBe("0001090f107f80ff");
  expect(bytesOfHex("0001090f107f80ff")).toEqual(bytes);
  expect([hexOf(new Uint8Array(0)), bytesOfHex("")]).toEqual(["", new Uint8Array(0)]);
});

test("SHA-256 is that of the pieces one behind the other", () => {
  const names: string[] = [];
  const sha256 = sha256By((name) => {
    names.push(name);
    const hash = createHash(name);
    return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
  });
  const pieces = ["a", "", "bc"].map((text) => new TextEncoder().encode(text));
  // FIPS 180-2, appendix B.1.
  const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  expect(sha256(...pieces)).toBe(digest);
  expect(sha256(...pieces.reverse())).not.toBe(digest);
  expect(names).toEqual(["sha256", "sha256"]);
});
