import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Hash } from "../../../base/index.ts";
import { loadKoffi } from "../../libc/index.ts";
import { opensslHash } from "./openssl-hash.ts";
import { nodeHash } from "./real-world.ts";

loadKoffi();

/** A digest of the library itself, not what takes its place. */
function opened(name: "sha256" | "sha1" | "md5"): Hash {
  const hash = opensslHash(name);
  if (hash === undefined) throw new Error("the library was not found");
  return hash;
}

test.each(["sha256", "sha1", "md5"] as const)("a %s is that of node:crypto", (name) => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251);
  const pieces = [0, 1, 1, 64, 65, 4096, 70_000, 200_000];
  const [direct, ofNode, whole] = [opened(name), nodeHash(name), createHash(name).update(bytes)];
  pieces.forEach((end, index) => {
    const piece = bytes.subarray(pieces[index - 1] ?? 0, end);
    direct.update(piece);
    ofNode.update(piece);
  });
  const expected = whole.digest("hex");
  expect(direct.digestHex()).toBe(expected);
  expect(ofNode.digestHex()).toBe(expected);
});

test("digests do not disturb each other, and nothing has a digest too", () => {
  const [one, other, empty] = [opened("sha256"), opened("sha256"), opened("sha256")];
  for (const letter of "abc") {
    one.update(Buffer.from(letter));
    other.update(Buffer.from(letter.toUpperCase()));
  }
  const hexOf = (text: string) => createHash("sha256").update(text).digest("hex");
  expect(one.digestHex()).toBe(hexOf("abc"));
  expect(other.digestHex()).toBe(hexOf("ABC"));
  expect(empty.digestHex()).toBe(hexOf(""));
});

test("an ended digest cannot be used", () => {
  const hash = opened("sha256");
  hash.digestHex();
  expect(() => hash.update(Uint8Array.of(1))).toThrow("after its end");
  expect(() => hash.digestHex()).toThrow("after its end");
});
