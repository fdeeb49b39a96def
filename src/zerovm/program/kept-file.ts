/** Files of the cache: read only when they are whole and nobody else's, and written whole. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { makeHostFolder } from "./host-folders.ts";

const WRITABLE_BY_OTHERS = 0o022;

/**
 * The contents of a file that this user wrote. Undefined where there is none, and for whatever is
 * larger than `sizeMax`, a link, of another user, or writable by others.
 */
export function readKept(place: string, sizeMax: number): Uint8Array<ArrayBuffer> | undefined {
  try {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const fd = openSync(place, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stats = fstatSync(fd);
      const isOwn = process.getuid === undefined || stats.uid === process.getuid();
      const isClosed = (stats.mode & WRITABLE_BY_OTHERS) === 0;
      if (!stats.isFile() || !isOwn || !isClosed || stats.size > sizeMax) return undefined;
      return readAll(fd, stats.size);
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function readAll(fd: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  let filled = 0;
  while (filled < sizeBytes) {
    const got = readSync(fd, bytes, filled, sizeBytes - filled, filled);
    if (got === 0) break;
    filled += got;
  }
  return bytes.subarray(0, filled);
}

/** What stands behind the name of a kept file while it is written. */
export const DRAFT_ENDING = ".draft";

/**
 * Writes beside and renames, so that a reader sees a whole file or none, whoever else writes it.
 * @returns whether it is written; nothing is left behind where the host refuses.
 */
export function writeKept(place: string, parts: readonly Uint8Array[]): boolean {
  const random = Math.random().toString(36).slice(2);
  const draft = `${place}.${process.pid}-${random}${DRAFT_ENDING}`;
  let fd: number | undefined;
  try {
    fd = openDraft(draft);
    for (const part of parts) writeAll(fd, part);
    closeSync(fd);
    renameSync(draft, place);
    return true;
  } catch {
    if (fd !== undefined) removeQuietly(draft, fd);
    return false;
  }
}

/** The folder is there nearly always. */
function openDraft(draft: string): number {
  try {
    return openSync(draft, "wx", 0o600);
  } catch {
    makeHostFolder(dirname(draft), 0o700);
    return openSync(draft, "wx", 0o600);
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done);
  }
}

function removeQuietly(draft: string, fd: number): void {
  for (const step of [() => closeSync(fd), () => unlinkSync(draft)]) {
    try {
      step();
    } catch {
      // It was closed before, or has its name already.
    }
  }
}
