/** The bytes of the greeting of a wire, `docs/reference/peer-protocol.md`: read and written. */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** Bytes of the key that all sessions of a job share. */
export const KEY_BYTES = 32;

/** The longest name of a wire. */
export const NAME_BYTES_MAX = 512;

export const NONCE_BYTES = 32;
export const PROOF_BYTES = 32;

/** What a reader says last, and alone: the cells have the connection from here on. */
export const GO = 1;

const MAGIC = Buffer.from("ZVMWIRE1", "latin1");
const FLAGS_AT = MAGIC.length;
const WITH_KEY = 1;
/** Of a hello, without name and nonce: magic, flags and the length of the name. */
const HELLO_HEAD_BYTES = FLAGS_AT + 3;
/** Of an answer without its proof. */
const ANSWER_HEAD_BYTES = FLAGS_AT + 1 + NONCE_BYTES;

/** The longest hello. */
export const HELLO_BYTES_MAX = HELLO_HEAD_BYTES + NAME_BYTES_MAX + NONCE_BYTES;

/** Every answer has as many bytes. */
export const ANSWER_BYTES = ANSWER_HEAD_BYTES + PROOF_BYTES;

/** What a writer begins with. */
export interface Hello {
  readonly name: string;
  readonly hasKey: boolean;
  /** All of it, as it was sent. */
  readonly bytes: Uint8Array;
}

/** What a reader answers. */
export interface Answer {
  readonly hasKey: boolean;
  /** Without its proof. */
  readonly head: Uint8Array;
  readonly proof: Uint8Array;
}

/** Both sides' random numbers make the keys of one wire. */
export interface WireKeys {
  readonly writer: Uint8Array;
  readonly reader: Uint8Array;
}

export type Role = "R" | "W";

/** Whether a wire can be called that. */
export function isWireName(name: string): boolean {
  const sizeBytes = Buffer.byteLength(name, "utf8");
  return sizeBytes >= 1 && sizeBytes <= NAME_BYTES_MAX && !/\p{Surrogate}/u.test(name);
}

/** @param nonce random, used once */
export function encodeHello(name: string, hasKey: boolean, nonce: Uint8Array): Uint8Array {
  const text = Buffer.from(name, "utf8");
  const length = Buffer.from([text.length >> 8, text.length & 0xff]);
  return Buffer.concat([MAGIC, flagsOf(hasKey), length, text, nonce]);
}

/**
 * Reads a hello as far as it has come.
 * @returns "more" where it is not whole yet, "bad" as soon as it cannot become one
 */
export function readHello(bytes: Uint8Array): Hello | "more" | "bad" {
  const hasKey = readStart(bytes);
  if (hasKey === "bad" || bytes.length < HELLO_HEAD_BYTES) return hasKey === "bad" ? "bad" : "more";
  const nameBytes = ((bytes[FLAGS_AT + 1] ?? 0) << 8) | (bytes[FLAGS_AT + 2] ?? 0);
  if (nameBytes < 1 || nameBytes > NAME_BYTES_MAX) return "bad";
  const sizeBytes = HELLO_HEAD_BYTES + nameBytes + NONCE_BYTES;
  if (bytes.length > sizeBytes) return "bad";
  if (bytes.length < sizeBytes || hasKey === "more") return "more";
  const name = readText(bytes.subarray(HELLO_HEAD_BYTES, HELLO_HEAD_BYTES + nameBytes));
  return name === undefined ? "bad" : { name, hasKey, bytes: Uint8Array.from(bytes) };
}

/** An answer as it is sent, and the part of it that proofs are about. */
export function encodeAnswer(
  hello: Uint8Array,
  key: Uint8Array | undefined,
  nonce: Uint8Array,
): { readonly bytes: Uint8Array; readonly head: Uint8Array } {
  const head = Buffer.concat([MAGIC, flagsOf(key !== undefined), nonce]);
  return { bytes: Buffer.concat([head, proofOf(key, "R", hello, head)]), head };
}

/** As `readHello`, for an answer. */
export function readAnswer(bytes: Uint8Array): Answer | "more" | "bad" {
  const hasKey = readStart(bytes);
  if (hasKey === "bad" || bytes.length > ANSWER_BYTES) return "bad";
  if (hasKey === "more" || bytes.length < ANSWER_BYTES) return "more";
  const head = Uint8Array.from(bytes.subarray(0, ANSWER_HEAD_BYTES));
  return { hasKey, head, proof: Uint8Array.from(bytes.subarray(ANSWER_HEAD_BYTES)) };
}

/** What a wire is called where neither side knows the number of the other. */
export const UNNUMBERED_WIRE = "0>0";

/** What one side proves that it has the key with; zeros where there is none. */
export function proofOf(
  key: Uint8Array | undefined,
  role: Role,
  hello: Uint8Array,
  answerHead: Uint8Array,
): Uint8Array {
  if (key === undefined) return new Uint8Array(PROOF_BYTES);
  return createHmac("sha256", key).update(role).update(hello).update(answerHead).digest();
}

/** Compares in a time that says nothing of where two proofs differ. */
export function isSameProof(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** The keys that the two cells of one wire seal with. */
export function wireKeys(key: Uint8Array, hello: Uint8Array, answerHead: Uint8Array): WireKeys {
  const salt = Buffer.concat([hello.subarray(-NONCE_BYTES), answerHead.subarray(-NONCE_BYTES)]);
  const both = new Uint8Array(hkdfSync("sha256", key, salt, "zerovm wire", 2 * KEY_BYTES));
  return { writer: both.slice(0, KEY_BYTES), reader: both.slice(KEY_BYTES) };
}

function flagsOf(hasKey: boolean): Uint8Array {
  return Buffer.from([hasKey ? WITH_KEY : 0]);
}

/** Judges magic and flags byte by byte: what is no greeting is not waited for. */
function readStart(bytes: Uint8Array): boolean | "more" | "bad" {
  const magic = bytes.subarray(0, MAGIC.length);
  if (!MAGIC.subarray(0, magic.length).equals(magic)) return "bad";
  const flags = bytes[FLAGS_AT];
  if (flags === undefined) return "more";
  return flags > WITH_KEY ? "bad" : flags === WITH_KEY;
}

function readText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
