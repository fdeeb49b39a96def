import { type ByteString, byteStringOf, bytesOf, ZvmError } from "../../base/index.ts";

/** The error for an image whose bytes are not as they are written. */
export function damaged(offset: number, message: string): ZvmError {
  return new ZvmError("ZVM_PROGRAM_REFUSED", `Cannot read the image: ${message}`, {
    diagnostics: [{ severity: "error", message, offset }],
  });
}

/** Reads numbers in little-endian order, and never past the end. Throws what `damaged` makes. */
export class StateReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #base: number;
  #at = 0;

  /** @param base where the bytes begin in the file, for messages */
  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#base = base;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** A number from 0 to `maximum`, which 53 bits hold, of 4 or 8 bytes. */
  number(what: string, maximum: number, sizeBytes: 4 | 8 = 4): number {
    const start = this.#take(sizeBytes, what);
    const value =
      sizeBytes === 4
        ? this.#view.getUint32(start, true)
        : Number(this.#view.getBigUint64(start, true));
    if (value > maximum) this.fail(`${what} is ${value}, more than ${maximum}`, start);
    return value;
  }

  u64(what: string, maximum = 2n ** 64n - 1n): bigint {
    const start = this.#take(8, what);
    const value = this.#view.getBigUint64(start, true);
    if (value > maximum) this.fail(`${what} is ${value}, more than ${maximum}`, start);
    return value;
  }

  /** Some elements, of which there are `most` at most. */
  list<Element>(what: string, most: number, read: () => Element): Element[] {
    const count = this.number(`the count of ${what}`, most);
    const elements: Element[] = [];
    while (elements.length < count) elements.push(read());
    return elements;
  }

  /** A view of the next bytes. */
  bytes(sizeBytes: number, what: string): Uint8Array {
    const start = this.#take(sizeBytes, what);
    return this.#bytes.subarray(start, start + sizeBytes);
  }

  text(what: string): ByteString {
    const size = this.number(`the size of ${what}`, this.#bytes.length);
    return byteStringOf(this.bytes(size, what), 0, size);
  }

  fail(message: string, at = this.#at): never {
    throw damaged(this.#base + at, message);
  }

  #take(sizeBytes: number, what: string): number {
    const start = this.#at;
    if (sizeBytes > this.#bytes.length - start) this.fail(`it ends within ${what}`);
    this.#at += sizeBytes;
    return start;
  }
}

/** Collects what a `StateReader` reads. */
export class StateWriter {
  readonly #pieces: Uint8Array[] = [];

  number(value: number, sizeBytes: 4 | 8 = 4): this {
    return sizeBytes === 8 ? this.u64(BigInt(value)) : this.#number(value);
  }

  u64(value: bigint): this {
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, value, true);
    return this.bytes(new Uint8Array(view.buffer));
  }

  list<Element>(elements: readonly Element[], write: (element: Element) => void): this {
    this.#number(elements.length);
    for (const element of elements) write(element);
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#pieces.push(bytes);
    return this;
  }

  text(text: ByteString): this {
    return this.#number(text.length).bytes(bytesOf(text));
  }

  written(): Uint8Array {
    const whole = new Uint8Array(this.#pieces.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const piece of this.#pieces) {
      whole.set(piece, at);
      at += piece.length;
    }
    return whole;
  }

  #number(value: number): this {
    const view = new DataView(new ArrayBuffer(4));
    view.setUint32(0, value, true);
    return this.bytes(new Uint8Array(view.buffer));
  }
}
