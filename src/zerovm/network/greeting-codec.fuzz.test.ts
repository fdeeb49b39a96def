import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  ANSWER_BYTES,
  encodeAnswer,
  encodeHello,
  HELLO_BYTES_MAX,
  isSameProof,
  isWireName,
  NONCE_BYTES,
  proofOf,
  readAnswer,
  readHello,
  wireKeys,
} from "./greeting-codec.ts";

const nonces = fc.uint8Array({ minLength: NONCE_BYTES, maxLength: NONCE_BYTES });
const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter(isWireName);
const keys = fc.option(nonces, { nil: undefined });

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

describe("a greeting", () => {
  it("is these bytes", () => {
    const [mine, theirs] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const key = createHash("sha256").update("key").digest();
    const hello = encodeHello("1>2", true, mine);
    expect(hex(hello)).toBe(`${hex(Buffer.from("ZVMWIRE1"))}010003313e32${"01".repeat(32)}`);
    const { bytes, head } = encodeAnswer(hello, key, theirs);
    expect(hex(head)).toBe(`${hex(Buffer.from("ZVMWIRE1"))}01${"02".repeat(32)}`);
    expect(bytes).toHaveLength(ANSWER_BYTES);
    // Computed by other means: Python's hmac, hashlib and an HKDF of ten lines.
    expect(hex(bytes.subarray(-32))).toBe(PROOF_OF_READER);
    expect(hex(proofOf(key, "W", hello, head))).toBe(PROOF_OF_WRITER);
    const { writer, reader } = wireKeys(key, hello, head);
    expect([hex(writer), hex(reader)]).toEqual([KEY_OF_WRITER, KEY_OF_READER]);
  });

  it("is read back as it was written, in whatever pieces it comes", () => {
    fc.assert(
      fc.property(names, nonces, nonces, keys, (name, mine, theirs, key) => {
        const hello = encodeHello(name, key !== undefined, mine);
        for (let size = 0; size < hello.length; size += 1) {
          expect(readHello(hello.subarray(0, size))).toBe("more");
        }
        expect(readHello(hello)).toMatchObject({ name, hasKey: key !== undefined });
        const { bytes } = encodeAnswer(hello, key, theirs);
        for (let size = 0; size < bytes.length; size += 1) {
          expect(readAnswer(bytes.subarray(0, size))).toBe("more");
        }
        const answer = readAnswer(bytes);
        if (typeof answer === "string") throw new Error(answer);
        expect(isSameProof(answer.proof, proofOf(key, "R", hello, answer.head))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it("is nothing else: any bytes are refused, or wait for few more", () => {
    const start = fc.constantFrom(encodeHello("1>2", true, new Uint8Array(32)), new Uint8Array(0));
    fc.assert(
      fc.property(start, fc.nat(60), fc.uint8Array({ maxLength: 700 }), (hello, size, rest) => {
        const bytes = Buffer.concat([hello.subarray(0, size), rest]);
        for (const read of [readHello(bytes), readAnswer(bytes)]) {
          if (read === "more") expect(bytes.length).toBeLessThan(HELLO_BYTES_MAX);
          else if (read !== "bad") expect(bytes.length).toBeLessThanOrEqual(HELLO_BYTES_MAX);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("proves nothing with one bit changed", () => {
    fc.assert(
      fc.property(names, nonces, nonces, nonces, fc.nat(), (name, mine, theirs, key, at) => {
        const hello = encodeHello(name, true, mine);
        const { head } = encodeAnswer(hello, key, theirs);
        const proof = proofOf(key, "W", hello, head);
        const other = Buffer.from(hello);
        other[at % other.length] = (other[at % other.length] ?? 0) ^ (1 << (at % 8));
        expect(isSameProof(proof, proofOf(key, "W", other, head))).toBe(false);
        expect(isSameProof(proof, proofOf(key, "R", hello, head))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

const PROOF_OF_READER = "d33627a8a9438f0aa6b60230b91df0146116baa5893eebdb1025a6accce3636c";
const PROOF_OF_WRITER = "6af0a45e46d93a53fc5d71db8b8e35220365bc80eb6ca4220845c114f9114f95";
const KEY_OF_WRITER = "b58214f89cd34ba8e455baddc87dd667b1b5ba1f4bedf48b9a5a91c2936c1185";
const KEY_OF_READER = "d388ed49ff7e07edf3aa4eef002c089f7a0ac570a1ff67f95789c87b6df33e19";
