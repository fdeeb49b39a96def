import type { ByteSource } from "../../base/index.ts";
import { RECORD, TRACE_HEADER } from "./trace.ts";

/** Where a record lies in a trace, and what its head says. */
export interface TraceRecord {
  readonly kind: number;
  readonly start: number;
  /** Number of the call, address of the data, or errno, by the kind. */
  readonly value: number;
  /** Arguments of a call, or the bytes that WROTE and CHANNEL bring along. */
  readonly contentStart: number;
  readonly end: number;
  /** Bytes of data, also where they are not in the trace. */
  readonly sizeBytes: number;
}

const WINDOW_BYTES = 65_536;
/** The longest head of a record. */
const HEAD_BYTES_MAX = 9;

/** Reads the bytes behind a trace hash, record by record, from whoever wrote them. */
export class TraceReader {
  readonly #source: ByteSource;
  readonly #argumentBytes: (call: number) => number | undefined;
  readonly #window = new Uint8Array(WINDOW_BYTES);
  readonly #view = new DataView(this.#window.buffer);
  #windowStart = 0;
  #windowSize = 0;
  #at = TRACE_HEADER.length;

  /** `argumentBytes` are those of all arguments of a call; undefined where there is none. */
  constructor(source: ByteSource, argumentBytes: (call: number) => number | undefined) {
    this.#source = source;
    this.#argumentBytes = argumentBytes;
  }

  /** The next record; undefined at the end, also where the bytes are no record. */
  next(): TraceRecord | undefined {
    const start = this.#at;
    const at = start - this.#windowStart;
    if (at < 0 || at + HEAD_BYTES_MAX > this.#windowSize) this.#refill(start);
    const record = this.#read(start);
    if (record === undefined || record.end > this.#source.sizeBytes) return undefined;
    this.#at = record.end;
    return record;
  }

  #refill(start: number): void {
    this.#window.fill(0);
    this.#windowStart = start;
    this.#windowSize = this.#source.read(start, this.#window);
  }

  #read(start: number): TraceRecord | undefined {
    const at = start - this.#windowStart;
    if (at >= this.#windowSize) return undefined;
    const kind = this.#window[at] ?? 0;
    if (kind === RECORD.CALL) {
      const value = this.#view.getUint16(at + 1, true);
      const sizeBytes = this.#argumentBytes(value);
      if (sizeBytes === undefined) return undefined;
      const contentStart = start + 3;
      return { kind, start, value, contentStart, end: contentStart + sizeBytes, sizeBytes };
    }
    if (kind === RECORD.RESULT) {
      const value = this.#window[at + 1] ?? 0;
      return { kind, start, value, contentStart: start + 1, end: start + 2, sizeBytes: 1 };
    }
    if (kind === RECORD.ANSWER) {
      const value = this.#view.getUint32(at + 1, true);
      return { kind, start, value, contentStart: start + 1, end: start + 5, sizeBytes: 4 };
    }
    if (kind < RECORD.WROTE || kind > RECORD.CHANNEL) return undefined;
    const value = this.#view.getUint32(at + 1, true);
    const sizeBytes = this.#view.getUint32(at + 5, true);
    const contentStart = start + HEAD_BYTES_MAX;
    const holdsData = kind === RECORD.WROTE || kind === RECORD.CHANNEL;
    const end = contentStart + (holdsData ? sizeBytes : 0);
    return { kind, start, value, contentStart, end, sizeBytes };
  }
}
