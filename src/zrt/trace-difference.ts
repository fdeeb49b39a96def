/** Where the traces of two runs of a session begin to differ, in words. */
import { type ByteSource, printable } from "../base/index.ts";
import { RECORD, TraceReader, type TraceRecord } from "./trace/index.ts";
import { callsByNumber, type NamedCall } from "./wasi/index.ts";

const CHUNK_BYTES = 65_536;
/** As much of differing bytes as a line has room for. */
const SHOWN_BYTES = 8;
const SHOWN_CHARACTERS = 200;

/** Records that a call ends with. */
const ENDS_OF_CALLS: readonly number[] = [RECORD.RESULT, RECORD.ANSWER];

type Calls = ReadonlyMap<number, NamedCall>;

/**
 * Finds the first record in which two traces differ, given the bytes behind their hashes.
 *
 * @returns as `call 12 path_open(3, 0, …): errno 0 against errno 44`, the first trace first;
 *   undefined when the bytes are equal, which may be fewer than the traces had.
 */
export function traceDifference(first: ByteSource, second: ByteSource): string | undefined {
  const offset = firstDifferent(first, second);
  if (offset === undefined) return undefined;
  const calls = callsByNumber();
  const place = findRecord(first, offset, calls);
  const other = findRecord(second, offset, calls);
  const says = (source: ByteSource, { record }: Place): string => {
    return record === undefined ? "its end" : described(source, record, offset, calls);
  };
  const against = `${says(first, place)} against ${says(second, other)}`;
  if (place.call === undefined) return `${placeName(place)}${against}`;
  const call = described(first, place.call, offset, calls);
  return `call ${place.callCount} ${call}: ${against}`;
}

interface Place {
  /** The record that holds the offset; none where the trace ends before. */
  readonly record: TraceRecord | undefined;
  /** The call that the record belongs to; none where it is a call itself, or of no call. */
  readonly call: TraceRecord | undefined;
  readonly callCount: number;
}

function placeName({ record, callCount }: Place): string {
  if (record?.kind === RECORD.CHANNEL) return "at the end ";
  return `call ${callCount}: `;
}

/** Up to the offset both traces are the same, so that both have the same place for it. */
function findRecord(source: ByteSource, offset: number, calls: Calls): Place {
  const reader = new TraceReader(source, (number) => {
    return calls.get(number)?.argumentBytes.reduce((sum, bytes) => sum + bytes, 0);
  });
  let call: TraceRecord | undefined;
  let callCount = 0;
  for (let record = reader.next(); record !== undefined; record = reader.next()) {
    const isCall = record.kind === RECORD.CALL;
    if (isCall) callCount += 1;
    if (record.end > offset) {
      const isOwn = isCall || record.kind === RECORD.CHANNEL;
      return { record, call: isOwn ? undefined : call, callCount };
    }
    if (isCall) call = record;
    else if (ENDS_OF_CALLS.includes(record.kind)) call = undefined;
  }
  return { record: undefined, call, callCount: call === undefined ? callCount + 1 : callCount };
}

function firstDifferent(first: ByteSource, second: ByteSource): number | undefined {
  const ours = new Uint8Array(CHUNK_BYTES);
  const theirs = new Uint8Array(CHUNK_BYTES);
  for (let at = 0; ; at += CHUNK_BYTES) {
    const size = first.read(at, ours);
    const otherSize = second.read(at, theirs);
    const common = Math.min(size, otherSize);
    for (let index = 0; index < common; index++) {
      if (ours[index] !== theirs[index]) return at + index;
    }
    if (size !== otherSize) return at + common;
    if (size < CHUNK_BYTES) return undefined;
  }
}

/** What a record says; of bytes those from `offset` on. */
function described(source: ByteSource, record: TraceRecord, offset: number, calls: Calls): string {
  const { kind, value, sizeBytes } = record;
  switch (kind) {
    case RECORD.CALL:
      return describedCall(source, record, calls);
    case RECORD.RESULT:
      return `errno ${value}`;
    case RECORD.ANSWER:
      return `answer ${value | 0}`;
    case RECORD.DATA_IN:
      return `${sizeBytes} bytes in at ${value}`;
    case RECORD.DATA_OUT:
      return `${sizeBytes} bytes out from ${value}`;
    case RECORD.CHANNEL:
      return describedChannel(source, record);
    default:
      return `${sizeBytes} bytes written at ${value}, ${shownBytes(source, record, offset)}`;
  }
}

function describedCall(source: ByteSource, record: TraceRecord, calls: Calls): string {
  const { name, argumentBytes } = calls.get(record.value) ?? { name: "?", argumentBytes: [] };
  const bytes = new Uint8Array(record.sizeBytes);
  source.read(record.contentStart, bytes);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const values = argumentBytes.map((size) => {
    const value = size === 8 ? view.getBigUint64(at, true) : view.getUint32(at, true);
    at += size;
    return String(value);
  });
  return `${name}(${values.join(", ")})`;
}

function shownBytes(
  source: ByteSource,
  { contentStart, end }: TraceRecord,
  offset: number,
): string {
  const from = Math.max(contentStart, offset);
  const bytes = new Uint8Array(Math.max(0, Math.min(SHOWN_BYTES, end - from)));
  source.read(from, bytes);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return `from ${from - contentStart} on ${hex === "" ? "none" : hex}`;
}

function describedChannel(source: ByteSource, { contentStart, sizeBytes }: TraceRecord): string {
  const bytes = new Uint8Array(Math.min(sizeBytes, SHOWN_CHARACTERS));
  source.read(contentStart, bytes);
  const [alias = "", gets, getBytes, puts, putBytes, digest = "-"] = new TextDecoder()
    .decode(bytes)
    .split("\0");
  const passed = `${gets} gets of ${getBytes} bytes, ${puts} puts of ${putBytes} bytes`;
  return `${printable(alias)}: ${passed}, digest ${printable(digest.slice(0, 16))}`;
}
