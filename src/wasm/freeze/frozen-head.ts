import { bytesOfHex, hexOf } from "../../base/index.ts";
import { ByteReader, type ModuleShape, malformed } from "../index.ts";
import { ByteWriter } from "../rewrite/index.ts";

/** Name of the custom section that comes first in a frozen module. */
export const FROZEN_NAME = "zerovm.frozen";
export const FROZEN_VERSION = 1;

/** What a session goes on from, beside what the module itself holds. */
export interface FrozenState {
  /** How far the virtual clock had moved. */
  readonly clockNs: bigint;
  /** How many bytes of the entropy had been used. */
  readonly entropyBytes: bigint;
}

/** What a frozen module says of itself. */
export interface FrozenHead extends FrozenState {
  /** SHA-256 of the module that it was made of, in hexadecimal. */
  readonly sourceHash: string;
  /** SHA-256 of the whole module but for these very bytes. */
  readonly hash: string;
}

const HASH_BYTES = 32;
/** Version, a hash, two numbers of 64 bits, a hash. */
const HEAD_BYTES = 1 + 2 * HASH_BYTES + 16;
const PREAMBLE_BYTES = 8;
/** Id, a size of one byte, a length and the name. */
const BEFORE_HEAD_BYTES = 3 + FROZEN_NAME.length;

/** Where the contents of the section begin, in a module where it comes first. */
const HEAD_START = PREAMBLE_BYTES + BEFORE_HEAD_BYTES;

/** Where its own hash stands: at the end of the section. */
const HASH_START = HEAD_START + HEAD_BYTES - HASH_BYTES;

/** The first bytes of a frozen module, as many as `readFrozenHead` needs. */
export const FROZEN_BYTES = HEAD_START + HEAD_BYTES;

/**
 * Reads what a module says of how it was frozen.
 * @param first the first bytes of the module, `FROZEN_BYTES` of them where there are as many
 * @returns undefined for a module that was not frozen
 * @throws ZvmError ZVM_PROGRAM_REFUSED where it says so, and not in this form
 */
export function readFrozenHead(first: Uint8Array, shape: ModuleShape): FrozenHead | undefined {
  const named = shape.customSections.filter(({ name }) => name === FROZEN_NAME);
  const [section] = named;
  if (section === undefined) return undefined;
  const isWhole = section.offset === HEAD_START && section.sizeBytes === HEAD_BYTES;
  if (named.length > 1 || !isWhole || first.length < FROZEN_BYTES) {
    throw malformed(section.offset, `the section ${FROZEN_NAME} is not as it is written`);
  }
  const reader = new ByteReader(first.subarray(HEAD_START, FROZEN_BYTES), HEAD_START);
  const version = reader.byte("the version");
  if (version !== FROZEN_VERSION) {
    const expected = `version ${FROZEN_VERSION}`;
    throw malformed(HEAD_START, `the module was frozen in version ${version}`, expected);
  }
  const view = new DataView(first.buffer, first.byteOffset + HEAD_START + 1 + HASH_BYTES, 16);
  return {
    sourceHash: hashAt(first, HEAD_START + 1),
    clockNs: view.getBigUint64(0, true),
    entropyBytes: view.getBigUint64(8, true),
    hash: hashAt(first, HASH_START),
  };
}

/** The parts of a frozen module that its hash is of. */
export function hashedParts(bytes: Uint8Array): readonly [Uint8Array, Uint8Array] {
  return [bytes.subarray(0, HASH_START), bytes.subarray(FROZEN_BYTES)];
}

/** Preamble and first section of a frozen module, up to its hash. */
export function writeFrozenHead(head: Omit<FrozenHead, "hash">): Uint8Array {
  const out = new ByteWriter(FROZEN_BYTES);
  out.all([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 0]);
  out.unsigned(1 + FROZEN_NAME.length + HEAD_BYTES);
  out.name(FROZEN_NAME);
  out.byte(FROZEN_VERSION);
  out.all(bytesOfHex(head.sourceHash));
  const numbers = new DataView(new ArrayBuffer(16));
  numbers.setBigUint64(0, head.clockNs, true);
  numbers.setBigUint64(8, head.entropyBytes, true);
  out.all(new Uint8Array(numbers.buffer));
  return out.written();
}

function hashAt(bytes: Uint8Array, start: number): string {
  return hexOf(bytes.subarray(start, start + HASH_BYTES));
}
