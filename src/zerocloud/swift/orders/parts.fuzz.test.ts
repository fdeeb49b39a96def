import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ZvmError } from "../../../base/index.ts";
import { takeLine } from "../storage/line-head.ts";
import { BLOCK_BYTES_MAX, PartReader, writePart } from "./parts.ts";

/** Bytes in pieces that lie anywhere. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function packed(parts: readonly (readonly Uint8Array[])[]): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (const part of parts) for await (const piece of writePart(part)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const partsOfBytes = fc.array(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 4 }), {
  minLength: 1,
  maxLength: 4,
});
const cuts = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 });

describe("parts", () => {
  it("come out as they went in, however the bytes are cut", async () => {
    await fc.assert(
      fc.asyncProperty(partsOfBytes, cuts, async (parts, sizes) => {
        const reader = new PartReader(inPieces(await packed(parts), sizes));
        for (const part of parts) {
          expect(await bytesOf(reader.next(1000))).toEqual(Buffer.concat(part));
        }
        await expect(bytesOf(reader.next(1000))).rejects.toMatchObject({ code: "ZVM_SWIFT_WIRE" });
      }),
    );
  });

  it("that are cut short are refused, and give nothing that was not there", async () => {
    await fc.assert(
      fc.asyncProperty(partsOfBytes, fc.nat(), async (parts, at) => {
        const whole = await packed(parts);
        const reader = new PartReader(inPieces(whole.subarray(0, at % whole.length), []));
        const read = async (): Promise<void> => {
          for (const part of parts) {
            const bytes = await bytesOf(reader.next(1000));
            expect(bytes).toEqual(Buffer.concat(part));
          }
        };
        await expect(read()).rejects.toMatchObject({ code: "ZVM_SWIFT_WIRE" });
      }),
    );
  });

  it("of any bytes are parts or refused, and never more than was allowed", async () => {
    const max = 64;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), cuts, async (bytes, sizes) => {
        // Small lengths, so that some of it is as it should be.
        for (let byte = 0; byte < bytes.length; byte += 1) if (byte % 3 > 0) bytes[byte] = 0;
        const reader = new PartReader(inPieces(bytes, sizes));
        try {
          for (;;) expect((await bytesOf(reader.next(max))).length).toBeLessThanOrEqual(max);
        } catch (error) {
          expect(error instanceof ZvmError && error.code).toBe("ZVM_SWIFT_WIRE");
        }
      }),
    );
  });

  it("have blocks of at most 1 MiB, and larger ones are refused before they are read", async () => {
    const large = new Uint8Array(BLOCK_BYTES_MAX + 1);
    const whole = await packed([[large]]);
    expect(whole.readUInt32BE(0)).toBe(BLOCK_BYTES_MAX);
    const reader = new PartReader(inPieces(whole, []));
    const read = await bytesOf(reader.next(2 * BLOCK_BYTES_MAX));
    expect(read.equals(large)).toBe(true);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(BLOCK_BYTES_MAX + 1);
    const next = bytesOf(new PartReader(inPieces(head, [])).next(2 ** 32));
    await expect(next).rejects.toThrow("a block is larger than 1 MiB");
  });
});

describe("takeLine", () => {
  it("takes the first line, and leaves the rest as it is", async () => {
    const lines = fc.string().map((text) => text.replaceAll("\n", " "));
    await fc.assert(
      fc.asyncProperty(lines, fc.uint8Array(), cuts, async (line, rest, sizes) => {
        const whole = Buffer.concat([Buffer.from(`${line}\n`), rest]);
        const taken = await takeLine(inPieces(whole, sizes));
        expect(taken.line).toBe(Buffer.from(line).toString("utf8"));
        expect(await bytesOf(taken.rest)).toEqual(Buffer.from(rest));
      }),
    );
  });

  it("refuses what has no line, or too long a one", async () => {
    const none = takeLine(inPieces(Buffer.from("no end"), [2]));
    await expect(none).rejects.toThrow("an answer has no head");
    const blocks = Array.from({ length: 40 }, () => 2 ** 16);
    const long = takeLine(inPieces(Buffer.alloc(40 * 2 ** 16, "x"), blocks));
    await expect(long).rejects.toThrow("more than 1 MiB");
  });
});
