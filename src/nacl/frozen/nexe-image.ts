import { bytesOf, bytesOfHex, hexOf, type Sha256 } from "../../base/index.ts";
import { GUEST_BYTES, NEXE_POLICIES, type NexePolicy } from "../elf/index.ts";
import { type NexeState, type NexeStretch, readNexeState } from "./nexe-state.ts";
import { damaged, StateReader, StateWriter } from "./state-bytes.ts";

/** How the image of a Native Client program begins, and by what of it a file is known as one. */
const MAGIC = "zerovm.frozen\n\0\0";
const NAME = "zerovm.frozen";
const VERSION = 1;
const HASH_BYTES = 32;
const HEAD_BYTES = MAGIC.length + 48 + 2 * HASH_BYTES;
/** Where its own hash stands: at the end of the head. */
const HASH_START = HEAD_BYTES - HASH_BYTES;

/** What an image says of itself, besides what it holds. */
export interface NexeImageHead {
  /** Whose rules the program was run by. */
  readonly policy: NexePolicy;
  /** How far the virtual clock had moved. */
  readonly clockNs: bigint;
  /** How many bytes of the entropy had been used. */
  readonly entropyBytes: bigint;
  /** The memory that it was given, in bytes, and where its heap ended for that. */
  readonly memoryBytes: number;
  readonly heapEnd: number;
}

/** A Native Client program and the state in which it waits. Parts are views of the file. */
export interface NexeImage extends NexeImageHead {
  /** SHA-256 of the program, in hexadecimal. */
  readonly sourceHash: string;
  readonly program: Uint8Array;
  readonly state: NexeState;
  readonly memory: readonly NexeStretch[];
}

/** Whether a file begins as an image of a Native Client program does. */
export function isNexeImage(first: Uint8Array): boolean {
  return beginsWith(first, NAME);
}

function beginsWith(bytes: Uint8Array, text: string): boolean {
  return bytesOf(text).every((byte, at) => bytes[at] === byte);
}

/**
 * Writes an image. Equal inputs give equal bytes.
 * @param state what `writeNexeState` wrote, and stretches of memory behind it
 */
export function writeNexeImage(
  head: NexeImageHead,
  program: Uint8Array,
  state: Uint8Array,
  sha256: Sha256,
): Uint8Array {
  const { policy, clockNs, entropyBytes, memoryBytes, heapEnd } = head;
  const begun = new StateWriter()
    .bytes(bytesOf(MAGIC))
    .number(VERSION)
    .number(NEXE_POLICIES.indexOf(policy))
    .u64(clockNs)
    .u64(entropyBytes)
    .number(memoryBytes, 8)
    .number(heapEnd, 8)
    .number(program.length, 8)
    .bytes(bytesOfHex(sha256(program)))
    .written();
  const hash = bytesOfHex(sha256(begun, program, state));
  return new StateWriter().bytes(begun).bytes(hash).bytes(program).bytes(state).written();
}

/**
 * Reads an image, of which every part is judged and its hashes compared.
 * @throws ZvmError ZVM_PROGRAM_REFUSED for one that is damaged
 */
export function readNexeImage(bytes: Uint8Array, sha256: Sha256): NexeImage {
  const reader = new StateReader(bytes.subarray(0, HEAD_BYTES), 0);
  reader.bytes(MAGIC.length, "its head");
  if (!beginsWith(bytes, MAGIC)) reader.fail("it does not begin as an image does", 0);
  const version = reader.number("the version", 2 ** 32 - 1);
  if (version !== VERSION) reader.fail(`it was written in version ${version}`, MAGIC.length);
  const policy = NEXE_POLICIES[reader.number("the policy", NEXE_POLICIES.length - 1)] ?? "zerovm";
  const head: NexeImageHead = {
    policy,
    clockNs: reader.u64("the clock"),
    entropyBytes: reader.u64("the entropy"),
    memoryBytes: reader.number("the memory", GUEST_BYTES, 8),
    heapEnd: reader.number("the end of the heap", GUEST_BYTES, 8),
  };
  const most = Math.max(0, bytes.length - HEAD_BYTES);
  const programBytes = reader.number("the size of its program", most, 8);
  const sourceHash = hexOf(reader.bytes(HASH_BYTES, "a hash"));
  const hash = hexOf(reader.bytes(HASH_BYTES, "a hash"));
  const rest = bytes.subarray(HEAD_BYTES);
  if (sha256(bytes.subarray(0, HASH_START), rest) !== hash) {
    throw damaged(HASH_START, "its contents have another hash than it says");
  }
  const program = rest.subarray(0, programBytes);
  if (sha256(program) !== sourceHash) throw damaged(HEAD_BYTES, "its program has another hash");
  const held = readNexeState(rest.subarray(programBytes), HEAD_BYTES + programBytes);
  return { ...head, sourceHash, program, ...held };
}
