/** Longest LEB128 form of a section's or body's size. */
const U32_BYTES_MAX = 5;
/** Up to this many bytes a loop is faster than setting up a copy. */
const LOOP_BYTES_MAX = 48;

/** Writes bytes one after another into an array that grows. */
export class ByteWriter {
  bytes: Uint8Array;
  /** How many bytes are written: where the next one goes. */
  at = 0;

  constructor(capacityBytes: number) {
    this.bytes = new Uint8Array(Math.max(64, capacityBytes));
  }

  /** Makes room for `sizeBytes` more; the methods below do so themselves. */
  reserve(sizeBytes: number): void {
    const needed = this.at + sizeBytes;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, Math.ceil(this.bytes.length * 1.5)));
    grown.set(this.bytes.subarray(0, this.at));
    this.bytes = grown;
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53 in its shortest LEB128 form. */
  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** A whole number of at most 53 bits in its shortest signed LEB128 form. */
  signed(value: number): void {
    let rest = value;
    while (rest < -0x40 || rest >= 0x40) {
      this.byte((((rest % 0x80) + 0x80) % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest & 0x7f);
  }

  /** A 64-bit number in its shortest signed LEB128 form. */
  signed64(value: bigint): void {
    let rest = BigInt.asIntN(64, value);
    while (rest < -0x40n || rest >= 0x40n) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest & 0x7fn));
  }

  all(values: ArrayLike<number>): void {
    this.reserve(values.length);
    this.bytes.set(values, this.at);
    this.at += values.length;
  }

  /** The stretch of `from` between two offsets. */
  copy(from: Uint8Array, start: number, end: number): void {
    const size = end - start;
    this.reserve(size);
    const to = this.bytes;
    let at = this.at;
    if (size <= LOOP_BYTES_MAX) {
      for (let index = start; index < end; index++) to[at++] = from[index] ?? 0;
    } else to.set(from.subarray(start, end), at);
    this.at += size;
  }

  /** A name: length and UTF-8. */
  name(text: string): void {
    const bytes = new TextEncoder().encode(text);
    this.unsigned(bytes.length);
    this.all(bytes);
  }

  /**
   * Writes a size and what has it. The room for the size is guessed, and what was written moves
   * where the guess was wrong.
   */
  sized(guessBytes: number, write: () => void): void {
    const start = this.openSized(guessBytes);
    write();
    this.closeSized(start, guessBytes);
  }

  /** Leaves room for the size of what comes next. @returns the place, for `closeSized`. */
  openSized(guessBytes: number): number {
    const start = this.at;
    const width = lebBytes(guessBytes);
    this.reserve(width);
    this.at += width;
    return start;
  }

  /** Writes the size of all that came since `openSized`. */
  closeSized(start: number, guessBytes: number): void {
    const guessed = lebBytes(guessBytes);
    const size = this.at - start - guessed;
    const width = lebBytes(size);
    if (width !== guessed) {
      this.reserve(U32_BYTES_MAX);
      this.bytes.copyWithin(start + width, start + guessed, this.at);
    }
    this.at = start;
    this.unsigned(size);
    this.at = start + width + size;
  }

  /** What was written, as a view. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.at);
  }
}

/** How many bytes the shortest LEB128 form of a size takes. */
function lebBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}
