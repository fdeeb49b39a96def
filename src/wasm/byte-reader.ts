import { ZvmError } from "../base/index.ts";

/** Longest LEB128 form of an unsigned 32-bit number. */
const U32_BYTES_MAX = 5;
/** Longest LEB128 form of a 64-bit number. */
const U64_BYTES_MAX = 10;

/** Names that are longer are decoded in the general way. */
const ASCII_NAME_BYTES_MAX = 256;

/** Made on first use: most names are ASCII, and a decoder costs a cold process a millisecond. */
let strictUtf8: InstanceType<typeof TextDecoder> | undefined;
let lossyUtf8: InstanceType<typeof TextDecoder> | undefined;

/** The name as text; bad UTF-8 becomes U+FFFD. */
export function decodeLossy(bytes: Uint8Array): string {
  const text = asciiText(bytes);
  if (text !== undefined) return text;
  lossyUtf8 ??= new TextDecoder("utf-8", { ignoreBOM: true });
  return lossyUtf8.decode(bytes);
}

/** @throws TypeError for bad UTF-8. */
function decodeStrict(bytes: Uint8Array): string {
  const text = asciiText(bytes);
  if (text !== undefined) return text;
  strictUtf8 ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return strictUtf8.decode(bytes);
}

function asciiText(bytes: Uint8Array): string | undefined {
  if (bytes.length > ASCII_NAME_BYTES_MAX) return undefined;
  for (let index = 0; index < bytes.length; index++) {
    if ((bytes[index] ?? 0) >= 0x80) return undefined;
  }
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** Builds the one error of this folder: what is wrong, where, and what belongs there. */
export function malformed(offset: number, message: string, expected?: string): ZvmError {
  const wanted = expected === undefined ? {} : { expected };
  return new ZvmError(
    "ZVM_PROGRAM_REFUSED",
    `Cannot read the module: ${message} at offset 0x${offset.toString(16)}`,
    { diagnostics: [{ severity: "error", message, offset, ...wanted }] },
  );
}

/**
 * Reads a stretch of a module. It never reads past its end and every complaint carries the
 * offset in the whole file, of which the stretch starts at `base`.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #base: number;
  #at = 0;

  constructor(bytes: Uint8Array, base: number) {
    this.#bytes = bytes;
    this.#base = base;
  }

  /** Offset of the next byte, in the file. */
  get offset(): number {
    return this.#base + this.#at;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws ZvmError at the end of the stretch. */
  byte(what: string): number {
    const value = this.#bytes[this.#at];
    if (value === undefined) throw malformed(this.offset, `${what} is cut off`, "one more byte");
    this.#at += 1;
    return value;
  }

  /** The next byte without taking it, or -1 at the end. */
  peek(): number {
    return this.#bytes[this.#at] ?? -1;
  }

  skip(size: number, what: string): void {
    if (size > this.remaining) {
      throw malformed(this.offset, `${what} is cut off`, `${size} bytes, ${this.remaining} remain`);
    }
    this.#at += size;
  }

  /** An unsigned 32-bit number in LEB128; at most five bytes, no bits beyond the 32nd. */
  u32(what: string): number {
    const start = this.offset;
    let value = 0;
    for (let index = 0; index < U32_BYTES_MAX; index++) {
      const byte = this.byte(what);
      if (index === U32_BYTES_MAX - 1 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw malformed(start, `${what} is no 32-bit number`, "LEB128 of at most 5 bytes and 32 bits");
  }

  /** An unsigned 64-bit number in LEB128. */
  u64(what: string): bigint {
    const start = this.offset;
    let value = 0n;
    for (let index = 0; index < U64_BYTES_MAX; index++) {
      const byte = this.byte(what);
      if (index === U64_BYTES_MAX - 1 && byte > 0x01) break;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return value;
    }
    throw malformed(start, `${what} is no 64-bit number`, "LEB128 of at most 10 bytes and 64 bits");
  }

  /**
   * A signed number in LEB128 of at most `bits` bits (32, 33 or 64). The unused bits of the last
   * possible byte must repeat the sign.
   */
  signed(bits: 32 | 33 | 64, what: string): bigint {
    const start = this.offset;
    const bytesMax = Math.ceil(bits / 7);
    let value = 0n;
    for (let index = 0; index < bytesMax; index++) {
      const byte = this.byte(what);
      if (index === bytesMax - 1 && !isSignExtended(byte, bits - 7 * index)) break;
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return BigInt.asIntN(Math.min(7 * (index + 1), bits), value);
    }
    throw malformed(start, `${what} is no ${bits}-bit number`, `LEB128 of at most ${bits} bits`);
  }

  /**
   * The number of entries that follow. Each entry takes at least `entryBytesMin` bytes, so a
   * count that cannot be true is refused before anything is reserved for it.
   */
  count(what: string, entryBytesMin: number): number {
    const start = this.offset;
    const count = this.u32(`the number of ${what}`);
    if (count * entryBytesMin > this.remaining) {
      const most = Math.floor(this.remaining / entryBytesMin);
      throw malformed(start, `${count} ${what} do not fit in the section`, `at most ${most}`);
    }
    return count;
  }

  /**
   * Fills `into` with unsigned numbers, each of which must be below `limit`. One tight loop: a
   * program has tens of thousands of functions, and the first run of a process is interpreted.
   */
  u32s(into: Uint32Array, limit: number, what: string): void {
    const bytes = this.#bytes;
    const short = Math.min(limit, 0x80);
    const count = into.length;
    let at = this.#at;
    for (let index = 0; index < count; index++) {
      const value = bytes[at];
      if (value !== undefined && value < short) {
        into[index] = value;
        at++;
        continue;
      }
      this.#at = at;
      into[index] = this.#u32Below(limit, what);
      at = this.#at;
    }
    this.#at = at;
  }

  #u32Below(limit: number, what: string): number {
    const start = this.offset;
    const value = this.u32(`a ${what}`);
    if (value < limit) return value;
    throw malformed(start, `there is no ${what} ${value}`, `below ${limit}`);
  }

  /** A name: length and UTF-8. */
  name(what: string): string {
    const start = this.offset;
    const bytes = this.#nameBytes(what);
    try {
      return decodeStrict(bytes);
    } catch {
      throw malformed(start, `${what} is not UTF-8`, "a name in UTF-8");
    }
  }

  #nameBytes(what: string): Uint8Array {
    const size = this.u32(`the length of ${what}`);
    const start = this.#at;
    this.skip(size, what);
    return this.#bytes.subarray(start, this.#at);
  }

  /** @throws ZvmError when bytes are left over. */
  finish(what: string): void {
    if (this.remaining === 0) return;
    const message = `${what} has ${this.remaining} bytes too many`;
    throw malformed(this.offset, message, "the end of the section");
  }
}

/** Whether the top bits of a last byte, of which `usedBits` count, are all equal to its sign. */
function isSignExtended(byte: number, usedBits: number): boolean {
  if (byte >= 0x80) return false;
  const top = byte >> (usedBits - 1);
  return top === 0 || top === 0x7f >> (usedBits - 1);
}
