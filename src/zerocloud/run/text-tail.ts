/** What is kept of a text that nobody takes. */
const TAIL_BYTES_MAX = 4096;

/** The last bytes of what comes. */
export class TextTail {
  #bytes = Buffer.alloc(0);

  add(bytes: Uint8Array): void {
    const all = Buffer.concat([this.#bytes, bytes.subarray(-TAIL_BYTES_MAX)]);
    this.#bytes = all.subarray(-TAIL_BYTES_MAX);
  }

  /** As UTF-8; what is none of it shows as U+FFFD. */
  text(): string {
    return this.#bytes.toString();
  }
}
