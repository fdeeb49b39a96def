import type { Hash } from "../../base/index.ts";

/**
 * The trace hash: SHA-256 over everything that crossed the sandbox wall, in order. The records
 * are defined byte by byte in `docs/reference/trace-hash.md`; changing one is a new version.
 */
export const TRACE_HEADER = "zerovm trace 1\n";

/** First byte of each record. */
export const RECORD = {
  CALL: 1,
  WROTE: 2,
  DATA_IN: 3,
  DATA_OUT: 4,
  RESULT: 5,
  CHANNEL: 6,
  POINT: 7,
  ANSWER: 8,
} as const;

/** Bytes of the buffer that a trace collects its records in. */
export const TRACE_BUFFER_BYTES = 65_536;
/** More than any record takes, the bytes of WROTE and CHANNEL not counted. */
const RECORD_BYTES_MAX = 256;
/** Digests of a host need not take 2 GiB at once: what is longer goes to them in pieces. */
const PIECE_BYTES = 2 ** 30;
/** From here on the buffer is emptied before the next record. */
const FULL_AT = TRACE_BUFFER_BYTES - RECORD_BYTES_MAX;

/** A channel's traffic as the trace takes it at the end of the session. */
export interface ChannelSummary {
  readonly alias: string;
  readonly gets: number;
  readonly getBytes: number;
  readonly puts: number;
  readonly putBytes: number;
  /** Hexadecimal digest of what passed, where an etag or a comparison of runs asked for it. */
  readonly digest?: string;
}

/**
 * Collects the records of one session. Every call of the guest comes through here, so records are
 * written straight into one buffer and hashed by the bufferful.
 */
export class Trace {
  readonly #hash: Hash;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #used = 0;

  /** @param buffer of `TRACE_BUFFER_BYTES`, for traces that follow each other */
  constructor(hash: Hash, buffer = new Uint8Array(TRACE_BUFFER_BYTES)) {
    this.#hash = hash;
    this.#bytes = buffer;
    this.#view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
    hash.update(new TextEncoder().encode(TRACE_HEADER));
  }

  /** A call begins; its arguments follow, with `argument`, as many as its type has. */
  call(number: number): void {
    if (this.#used > FULL_AT) this.#flush();
    const at = this.#used;
    this.#bytes[at] = RECORD.CALL;
    this.#view.setUint16(at + 1, number, true);
    this.#used = at + 3;
  }

  /** `call` with four 32-bit arguments at once: the most frequent calls have them. */
  call4(number: number, a: number, b: number, c: number, d: number): void {
    if (this.#used > FULL_AT) this.#flush();
    const at = this.#used;
    const view = this.#view;
    this.#bytes[at] = RECORD.CALL;
    view.setUint16(at + 1, number, true);
    view.setInt32(at + 3, a, true);
    view.setInt32(at + 7, b, true);
    view.setInt32(at + 11, c, true);
    view.setInt32(at + 15, d, true);
    this.#used = at + 19;
  }

  /** An argument: 4 bytes for an `i32`, which is a number, 8 for an `i64`, which is a bigint. */
  argument(value: number | bigint): void {
    const at = this.#used;
    if (typeof value === "bigint") {
      this.#view.setBigInt64(at, value, true);
      this.#used = at + 8;
    } else {
      this.#view.setInt32(at, value, true);
      this.#used = at + 4;
    }
  }

  /**
   * Bytes that the host wrote to guest memory, contents included.
   * @param address of the guest, where it has other addresses than its memory
   */
  wrote(memory: Uint8Array, start: number, size: number, address = start): void {
    this.#place(RECORD.WROTE, address, size);
    if (size <= TRACE_BUFFER_BYTES - this.#used) {
      copyBytes(memory, start, size, this.#bytes, this.#used);
      this.#used += size;
      return;
    }
    this.#flush();
    const end = start + size;
    for (let at = start; at < end; at += PIECE_BYTES) {
      this.#hash.update(memory.subarray(at, Math.min(end, at + PIECE_BYTES)));
    }
  }

  /** The record of `wrote` for a little-endian u32. */
  wroteU32(start: number, value: number): void {
    this.#place(RECORD.WROTE, start, 4);
    this.#view.setUint32(this.#used, value, true);
    this.#used += 4;
  }

  /** Bulk data of a channel into guest memory: its place and length only. */
  dataIn(start: number, size: number): void {
    this.#place(RECORD.DATA_IN, start, size);
  }

  /** Data of the guest to a channel or file: its place and length only. */
  dataOut(start: number, size: number): void {
    this.#place(RECORD.DATA_OUT, start, size);
  }

  /** The call returns; `errno` in the numbering that the guest sees. */
  result(errno: number): void {
    if (this.#used > FULL_AT) this.#flush();
    this.#bytes[this.#used] = RECORD.RESULT;
    this.#bytes[this.#used + 1] = errno;
    this.#used += 2;
  }

  /** A system call of Native Client returns: a word, or a negative errno. */
  answer(value: number): void {
    if (this.#used > FULL_AT) this.#flush();
    this.#bytes[this.#used] = RECORD.ANSWER;
    this.#view.setUint32(this.#used + 1, value, true);
    this.#used += 5;
  }

  /** Ends the trace. @returns the hash in lower-case hexadecimal. */
  finish(channels: readonly ChannelSummary[]): string {
    this.#channels(channels);
    this.#flush();
    return this.#hash.digestHex();
  }

  /**
   * A session takes the guest over: what passed the channels so far is another's. Where that was
   * nothing, the trace is that of a guest which was the session's own from its start.
   */
  point(channels: readonly ChannelSummary[]): void {
    if (channels.every(({ gets, puts }) => gets === 0 && puts === 0)) return;
    this.#channels(channels);
    if (this.#used > FULL_AT) this.#flush();
    this.#bytes[this.#used] = RECORD.POINT;
    this.#used += 1;
  }

  #channels(channels: readonly ChannelSummary[]): void {
    for (const channel of channels) {
      const text = [
        channel.alias,
        channel.gets,
        channel.getBytes,
        channel.puts,
        channel.putBytes,
        channel.digest ?? "-",
      ].join("\0");
      const bytes = new TextEncoder().encode(text);
      this.#place(RECORD.CHANNEL, 0, bytes.length);
      this.#flush();
      this.#hash.update(bytes);
    }
  }

  #place(record: number, start: number, size: number): void {
    if (this.#used > FULL_AT) this.#flush();
    const at = this.#used;
    this.#bytes[at] = record;
    this.#view.setUint32(at + 1, start, true);
    this.#view.setUint32(at + 5, size, true);
    this.#used = at + 9;
  }

  #flush(): void {
    if (this.#used === 0) return;
    this.#hash.update(this.#bytes.subarray(0, this.#used));
    this.#used = 0;
  }
}

/** A short copy costs less byte by byte than through a view made for it. */
function copyBytes(
  from: Uint8Array,
  start: number,
  size: number,
  to: Uint8Array,
  at: number,
): void {
  if (size > 64) {
    to.set(from.subarray(start, start + size), at);
    return;
  }
  for (let index = 0; index < size; index++) to[at + index] = from[start + index] ?? 0;
}
