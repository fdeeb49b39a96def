import { byteStringOf } from "../../base/index.ts";
import { MANIFEST_BYTES_MAX, parseNumber } from "../manifest/index.ts";

/** Bytes in front of a request and of its answer: the length of what follows, as text. */
export const HEADER_BYTES = 8;

/** Blanks that the length may have around it. */
const BLANKS = /^[ \t\n\f\r]+|[ \t\n\f\r]+$/g;

/**
 * One request as it comes: eight bytes that say how long the text is, then the text. What it says
 * of its length is not believed: no more is kept than a manifest can have, and one byte that shows
 * that it is too long.
 */
export class RequestReader {
  #chunks: Uint8Array[] = [];
  #sizeBytes = 0;
  #textBytes: number | undefined;
  #isRefused = false;

  /** The first bytes are no length. */
  get isRefused(): boolean {
    return this.#isRefused;
  }

  /** All that was announced is there, or more than can be of use. */
  get isWhole(): boolean {
    return this.#textBytes !== undefined && this.#sizeBytes - HEADER_BYTES >= this.#textBytes;
  }

  /** Bytes of the text that came so far. */
  get textBytes(): number {
    return Math.max(0, this.#sizeBytes - HEADER_BYTES);
  }

  take(chunk: Uint8Array): void {
    if (this.#isRefused || this.isWhole) return;
    this.#chunks.push(chunk);
    this.#sizeBytes += chunk.length;
    if (this.#textBytes === undefined && this.#sizeBytes >= HEADER_BYTES) this.#readHeader();
  }

  /** The text as far as it is there. */
  text(): Uint8Array {
    const all = this.#join();
    return all.subarray(HEADER_BYTES, HEADER_BYTES + (this.#textBytes ?? 0));
  }

  #readHeader(): void {
    const header = byteStringOf(this.#join(), 0, HEADER_BYTES);
    const length = parseNumber(header.replace(BLANKS, ""), 0n);
    if (length.kind === "bad") {
      this.#isRefused = true;
      this.#chunks = [];
      return;
    }
    const most = BigInt(MANIFEST_BYTES_MAX + 1);
    this.#textBytes = Number(length.value < most ? length.value : most);
  }

  #join(): Uint8Array {
    const [first] = this.#chunks;
    if (this.#chunks.length === 1 && first !== undefined) return first;
    const all = new Uint8Array(this.#sizeBytes);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }
}
