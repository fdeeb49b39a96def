import { closeSync, fstatSync, openSync } from "node:fs";
import { join } from "node:path";
import { sha256By } from "../../base/index.ts";
import { fileSource } from "./file-source.ts";
import { readKept, writeKept } from "./kept-file.ts";

const BLOCK_BYTES = 1 << 20;
/** A file younger than this may change again within the grain of its times: not remembered. */
const SETTLED_AFTER_NS = 2_000_000_000n;
const ENTRY_BYTES_MAX = 4096;

/**
 * What tells one state of a file from another without reading it. The change time cannot be set
 * by programs, so contents that were exchanged show even when size and times were put back.
 */
export interface FileState {
  readonly device: string;
  readonly inode: string;
  readonly sizeBytes: string;
  readonly modifiedNs: string;
  readonly changedNs: string;
}

export interface HashOptions {
  /** Where verdicts are kept; undefined: nowhere. */
  readonly cacheFolder: string | undefined;
  /** Wall time in ns since 1970; for tests. */
  readonly nowNs?: () => bigint;
}

/**
 * SHA-256 of the whole file behind the descriptor, in lower-case hex. It is remembered under the
 * file's state, so that a program of many megabytes is not hashed again at each start. A missing,
 * damaged, foreign or unwritable cache only costs the hashing.
 * @throws HostIoError when the file cannot be read.
 */
export function sha256OfFile(fd: number, name: string, options: HashOptions): string {
  const nowNs = options.nowNs?.() ?? wallNs();
  const state = fileState(fd);
  const place = entryPlace(state, options.cacheFolder);
  const known = place === undefined ? undefined : readEntry(place, state);
  if (known !== undefined) return known;
  const sha256 = hashAll(fd, Number(state.sizeBytes), name);
  if (place !== undefined && isSettled(state, nowNs) && sameState(state, fileState(fd))) {
    const entry = `${JSON.stringify({ ...state, sha256, name })}\n`;
    writeKept(place, [new TextEncoder().encode(entry)]);
  }
  return sha256;
}

export function sha256OfPath(path: string, options: HashOptions): string {
  const fd = openSync(path, "r");
  try {
    return sha256OfFile(fd, path, options);
  } finally {
    closeSync(fd);
  }
}

/** The state of an open file now. */
export function fileState(fd: number): FileState {
  const stats = fstatSync(fd, { bigint: true });
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    sizeBytes: String(stats.size),
    modifiedNs: String(stats.mtimeNs),
    changedNs: String(stats.ctimeNs),
  };
}

export function sameState(one: FileState, other: FileState): boolean {
  return (
    one.device === other.device &&
    one.inode === other.inode &&
    one.sizeBytes === other.sizeBytes &&
    one.modifiedNs === other.modifiedNs &&
    one.changedNs === other.changedNs
  );
}

/** Nanoseconds since 1970 by the host's clock. */
export function wallNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/**
 * Whether a file that is in this state now shows any later change by another state: what was read
 * of one that is younger must not be remembered.
 */
export function isSettled({ modifiedNs, changedNs }: FileState, nowNs: bigint): boolean {
  const settledNs = nowNs - SETTLED_AFTER_NS;
  return BigInt(modifiedNs) < settledNs && BigInt(changedNs) < settledNs;
}

/** One small file a hashed file: a later state of it takes the place of an earlier one. */
function entryPlace(state: FileState, folder: string | undefined): string | undefined {
  if (folder === undefined) return undefined;
  return join(folder, "sha256", `${state.device}-${state.inode}.json`);
}

/** The remembered hash, when the entry is ours, whole and about this very state. */
function readEntry(place: string, state: FileState): string | undefined {
  const bytes = readKept(place, ENTRY_BYTES_MAX);
  if (bytes === undefined) return undefined;
  try {
    const entry = JSON.parse(Buffer.from(bytes).toString()) as FileState & { sha256?: unknown };
    if (!sameState(entry, state)) return undefined;
    const { sha256 } = entry;
    return typeof sha256 === "string" && /^[0-9a-f]{64}$/u.test(sha256) ? sha256 : undefined;
  } catch {
    return undefined;
  }
}

/** SHA-256 of bytes in memory. */
export const sha256Of = sha256By((name) => {
  const hash = loadCrypto().createHash(name);
  return { update: (bytes) => void hash.update(bytes), digestHex: () => hash.digest("hex") };
});

/** Loading it takes 3 ms, and a remembered hash needs none of it. */
function loadCrypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}

function hashAll(fd: number, sizeBytes: number, name: string): string {
  const hash = loadCrypto().createHash("sha256");
  const source = fileSource(fd, sizeBytes, name);
  const block = new Uint8Array(Math.min(BLOCK_BYTES, Math.max(1, sizeBytes)));
  for (let offset = 0; ; ) {
    const got = source.read(offset, block);
    if (got === 0) return hash.digest("hex");
    hash.update(block.subarray(0, got));
    offset += got;
  }
}
