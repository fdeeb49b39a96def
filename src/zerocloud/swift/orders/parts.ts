import { ZvmError } from "../../../base/index.ts";

/** Bytes in front of a block: its length. A block of none ends a part. */
const HEAD_BYTES = 4;
/** The largest block that is taken. */
export const BLOCK_BYTES_MAX = 2 ** 20;

const END = Buffer.alloc(HEAD_BYTES);

/** The bytes of one part, as they travel. */
export async function* writePart(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length; at += BLOCK_BYTES_MAX) {
      const block = piece.subarray(at, at + BLOCK_BYTES_MAX);
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32BE(block.length);
      yield head;
      yield block;
    }
  }
  yield END;
}

/** Reads parts one after another; each has to be read to its end before the next. */
export class PartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /**
   * The next part as it comes.
   * @throws ZvmError ZVM_SWIFT_WIRE where it breaks off, or is larger than it may be
   */
  async *next(bytesMax: number): AsyncGenerator<Uint8Array, void> {
    let sizeBytes = 0;
    for (;;) {
      let left = (await this.#exactly(HEAD_BYTES)).readUInt32BE();
      if (left === 0) return;
      if (left > BLOCK_BYTES_MAX) throw wireError("a block is larger than 1 MiB");
      sizeBytes += left;
      if (sizeBytes > bytesMax) throw wireError(`a part has more than ${bytesMax} bytes`);
      while (left > 0) {
        const some = await this.#some();
        const taken = some.subarray(0, left);
        this.#rest = some.subarray(taken.length);
        left -= taken.length;
        yield taken;
      }
    }
  }

  /** A part of text. @throws as `next` */
  async text(bytesMax: number): Promise<string> {
    const pieces: Uint8Array[] = [];
    for await (const piece of this.next(bytesMax)) pieces.push(Buffer.from(piece));
    return Buffer.concat(pieces).toString("utf8");
  }

  /** Nobody reads on. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #exactly(count: number): Promise<Buffer> {
    while (this.#rest.length < count) {
      const more = await this.#more();
      this.#rest = Buffer.concat([this.#rest, more]);
    }
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }

  async #some(): Promise<Buffer> {
    return this.#rest.length > 0 ? this.#rest : await this.#more();
  }

  async #more(): Promise<Buffer> {
    for (;;) {
      const { value, done } = await this.#source.next();
      if (done === true) throw wireError("it breaks off");
      if (value.length > 0) return Buffer.from(value.buffer, value.byteOffset, value.length);
    }
  }
}

/** What came from the other side is not what the two agreed on. */
export function wireError(why: string, cause?: unknown): ZvmError {
  const message = `A message between coordinator, filter and worker is malformed: ${why}`;
  return new ZvmError("ZVM_SWIFT_WIRE", message, cause === undefined ? {} : { cause });
}
