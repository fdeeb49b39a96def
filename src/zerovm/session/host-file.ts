import { accessSync, constants, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { getSystemErrorMap } from "node:util";
import { isReadable, isWritable } from "../../channels/index.ts";
import type { ChannelDeclaration, SourceKind } from "../manifest/index.ts";

/** Paths that mean a descriptor of this process, whatever it is. */
const STANDARD_FDS: ReadonlyMap<string, number> = new Map([
  ["/dev/stdin", 0],
  ["/dev/stdout", 1],
  ["/dev/stderr", 2],
]);

export function standardFd(path: string): number | undefined {
  return STANDARD_FDS.get(path);
}

/** What a path is, symbolic links followed. A path that cannot be looked at counts as a file. */
export function kindOfPath(path: string, channel: ChannelDeclaration): SourceKind {
  const fd = standardFd(path);
  if (fd !== undefined) return kindOfStandard(fd, channel);
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? "missing" : kindOfStats(stats);
  } catch {
    return "regular";
  }
}

export function kindOfStats(stats: Stats): SourceKind {
  if (stats.isFile()) return "regular";
  if (stats.isDirectory()) return "directory";
  if (stats.isCharacterDevice()) return "character";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "block";
}

/**
 * An inherited descriptor is a stream, also where it is a file: its offset and its flags belong
 * to whoever opened it. Only a file to be read at random is one here. A folder is none: every read
 * of it would fail.
 */
function kindOfStandard(fd: number, channel: ChannelDeclaration): SourceKind {
  const isRandomRead = channel.type === 1 || channel.type === 3;
  const readsOnly = isReadable(channel.limits) && !isWritable(channel.limits);
  const stats = statsOf(fd);
  if (stats?.isDirectory() === true) return "directory";
  return isRandomRead && readsOnly && stats?.isFile() === true ? "regular" : "character";
}

/** Undefined where the descriptor is closed, which is told when it is used. */
function statsOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}

/** Why a path of this kind could not be opened for the channel, as far as can be told before. */
export function accessProblem(
  path: string,
  kind: SourceKind,
  channel: ChannelDeclaration,
): string | undefined {
  if (standardFd(path) !== undefined) return undefined;
  const reads = isReadable(channel.limits);
  const writes = isWritable(channel.limits);
  try {
    if (kind === "missing") accessSync(dirname(path), constants.W_OK | constants.X_OK);
    else accessSync(path, accessMode(reads, writes, kind));
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

function accessMode(reads: boolean, writes: boolean, kind: SourceKind): number {
  // Streams that are written are opened for both directions, see `openPath`.
  const both = writes && kind !== "regular";
  return (reads || both ? constants.R_OK : 0) | (writes ? constants.W_OK : 0);
}

/**
 * Opens a path for a channel, never waiting and never changing what is there:
 * - a file to be written is created where it is missing, 0600, and not emptied;
 * - a pipe to be read is opened without a writer, and the first read waits for one;
 * - a device or pipe to be written is opened for both directions, so that no reader is needed.
 * @throws the error of the host
 */
export function openPath(path: string, kind: SourceKind, channel: ChannelDeclaration): number {
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_NONBLOCK, O_NOCTTY } = constants;
  const reads = isReadable(channel.limits);
  const writes = isWritable(channel.limits);
  if (kind === "fifo") return openSync(path, writes ? O_RDWR : O_RDONLY | O_NONBLOCK);
  if (kind === "character") return openSync(path, (writes ? O_RDWR : O_RDONLY) | O_NOCTTY);
  if (!writes) return openSync(path, O_RDONLY | O_NONBLOCK);
  return openSync(path, (reads ? O_RDWR : O_WRONLY) | O_CREAT, FILE_MODE);
}

const FILE_MODE = 0o600;

/** The host's words for an error: `permission denied`. */
export function reasonOf(error: unknown): string {
  const { code, errno } = error as { readonly code?: string; readonly errno?: number };
  return getSystemErrorMap().get(errno ?? 0)?.[1] ?? code ?? String(error);
}

/** Whether transfers on it can block: not on files, nor on devices of memory like `/dev/null`. */
export function canBlock(stats: Stats): boolean {
  return !stats.isFile() && deviceMajor(stats) !== MEMORY_MAJOR;
}

export function isTerminal(stats: Stats): boolean {
  return TERMINAL_MAJORS.has(deviceMajor(stats) ?? 0);
}

function deviceMajor(stats: Stats): number | undefined {
  return stats.isCharacterDevice() ? (stats.rdev >> 8) & 0xfff : undefined;
}

const MEMORY_MAJOR = 1;
/** Virtual consoles, the controlling terminal, and the two kinds of pseudo terminals. */
const TERMINAL_MAJORS: ReadonlySet<number> = new Set([
  4, 5, 136, 137, 138, 139, 140, 141, 142, 143, 204,
]);
