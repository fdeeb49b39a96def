import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { hostHash } from "./real-world.ts";
import { sha256Hex, smallSha256 } from "./small-hash.ts";

function reference(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

test("a small digest is that of the host's library, around every block", () => {
  for (let size = 0; size < 300; size++) {
    const bytes = new Uint8Array(size).fill(size);
    expect(sha256Hex(bytes)).toBe(reference(bytes));
  }
});

test("a digest beyond the small size is the library's, with all that came before", () => {
  const hash = smallSha256(hostHash);
  const pieces = [1000, 3000, 200, 5000].map((size) => new Uint8Array(size).fill(size));
  for (const bytes of pieces) hash.update(bytes);
  expect(hash.digestHex()).toBe(reference(Buffer.concat(pieces)));
});

test("pieces of any size give the digest of the whole, small or large", () => {
  const piece = fc.uint8Array({ maxLength: 3000 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const hash = smallSha256(hostHash);
      for (const bytes of pieces) hash.update(bytes);
      expect(hash.digestHex()).toBe(reference(Buffer.concat(pieces)));
    }),
  );
});
