import { randomBytes } from "node:crypto";
import { headerValue, type Pieces } from "../exchange/index.ts";
import type { ByteRange } from "../store/index.ts";
import type { ObjectBytes } from "./object-bytes.ts";

/** `Content-Range` of a part. */
export function rangeText({ offset, length }: ByteRange, sizeBytes: number): string {
  return `bytes ${offset}-${offset + length - 1}/${sizeBytes}`;
}

/** Several parts of an object as one body: `multipart/byteranges`. */
export interface Multipart {
  readonly contentType: string;
  readonly sizeBytes: number;
  pieces(): Pieces;
}

export function multipartOf(bytes: ObjectBytes, parts: readonly ByteRange[]): Multipart {
  const { stat } = bytes;
  const boundary = randomBytes(16).toString("hex");
  const type = headerValue(stat.contentType);
  const heads = parts.map((part, index) => {
    const range = rangeText(part, stat.sizeBytes);
    const begin = index === 0 ? "" : "\r\n";
    const head = `Content-Type: ${type}\r\nContent-Range: ${range}\r\n\r\n`;
    return Buffer.from(`${begin}--${boundary}\r\n${head}`, "latin1");
  });
  const tail = Buffer.from(`\r\n--${boundary}--`);
  const sizes = [...heads.map((head) => head.length), ...parts.map(({ length }) => length)];
  return {
    contentType: `multipart/byteranges;boundary=${boundary}`,
    sizeBytes: sizes.reduce((sum, size) => sum + size, tail.length),
    async *pieces() {
      for (const [index, part] of parts.entries()) {
        yield heads[index] ?? Buffer.alloc(0);
        yield* bytes.part(part);
      }
      yield tail;
    },
  };
}
