/** The messages between two cells, see `docs/reference/peer-protocol.md`. */
import type { HashName } from "../base/index.ts";
import type { TransferEnd } from "./backend.ts";

/** First byte of a message. */
export const MESSAGE = { data: 1, end: 2, broken: 3 } as const;

export type MessageKind = keyof typeof MESSAGE;

export const HEAD_BYTES = 8;

/** Bytes of the channel in one message. */
export const DATA_BYTES_MAX = 65_536;

/** Bytes of why there will be no end. */
export const REASON_BYTES_MAX = 1024;

/** Number of bytes, whether there is a CRC, the CRC, and number of the hash. */
const END_BYTES_MIN = 14;

export interface Head {
  readonly kind: MessageKind;
  readonly bodyBytes: number;
}

/** What a writer says at its end of all that it sent. */
export interface EndOfWire {
  readonly dataBytes: number;
  /** Absent where the wire is sealed or never leaves the host. */
  readonly crc32?: number;
  readonly digest?: TransferEnd;
}

export function writeHead(into: Uint8Array, { kind, bodyBytes }: Head): void {
  const view = new DataView(into.buffer, into.byteOffset, HEAD_BYTES);
  view.setUint32(0, MESSAGE[kind] << 24);
  view.setUint32(4, bodyBytes);
}

/** @returns undefined where no message begins so */
export function readHead(bytes: Uint8Array): Head | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
  const kind = KIND_OF.get(view.getUint32(0));
  const bodyBytes = view.getUint32(4);
  if (kind === undefined || bodyBytes > BODY_BYTES_MAX[kind]) return undefined;
  return kind !== "broken" && bodyBytes < BODY_BYTES_MIN[kind] ? undefined : { kind, bodyBytes };
}

const KIND_OF = new Map(
  (Object.keys(MESSAGE) as MessageKind[]).map((kind) => [MESSAGE[kind] * 2 ** 24, kind]),
);

const BODY_BYTES_MIN = { data: 1, end: END_BYTES_MIN } as const;
const BODY_BYTES_MAX = { data: DATA_BYTES_MAX, end: END_BYTES_MIN + 32, broken: REASON_BYTES_MAX };

/** Numbers of the hashes, and the bytes of their digests. */
const HASHES: readonly (readonly [HashName, number])[] = [
  ["md5", 16],
  ["sha1", 20],
  ["sha256", 32],
];

export function endBody({ dataBytes, crc32, digest }: EndOfWire): Uint8Array {
  const hash = HASHES.findIndex(([name]) => name === digest?.hash);
  const digestBytes = HASHES[hash]?.[1] ?? 0;
  const body = new Uint8Array(END_BYTES_MIN + digestBytes);
  const view = new DataView(body.buffer);
  view.setBigUint64(0, BigInt(dataBytes));
  body[8] = crc32 === undefined ? 0 : 1;
  view.setUint32(9, crc32 ?? 0);
  body[13] = hash + 1;
  for (let at = 0; at < digestBytes; at += 1) {
    body[END_BYTES_MIN + at] = Number.parseInt(digest?.hex.slice(2 * at, 2 * at + 2) ?? "", 16);
  }
  return body;
}

/** @returns undefined where it is malformed */
export function readEnd(body: Uint8Array): EndOfWire | undefined {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const dataBytes = Number(view.getBigUint64(0));
  const isSummed = view.getUint8(8);
  if (isSummed > 1) return undefined;
  const sum = isSummed === 0 ? {} : { crc32: view.getUint32(9) };
  const number = view.getUint8(13);
  if (number === 0) return body.length === END_BYTES_MIN ? { dataBytes, ...sum } : undefined;
  const found = HASHES[number - 1];
  if (found === undefined || body.length !== END_BYTES_MIN + found[1]) return undefined;
  const digits = Array.from(body.subarray(END_BYTES_MIN), (one) =>
    one.toString(16).padStart(2, "0"),
  );
  return { dataBytes, ...sum, digest: { hash: found[0], hex: digits.join("") } };
}

/** The text of a `broken` message, cut to what a message takes. */
export function reasonBody(why: string): Uint8Array {
  const bytes = new TextEncoder().encode(why);
  return bytes.subarray(0, REASON_BYTES_MAX);
}

export function readReason(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}
