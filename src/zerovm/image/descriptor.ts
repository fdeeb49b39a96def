/** Open descriptors as sources of bytes. */

import { readSync, writeSync } from "node:fs";
import { type ByteSource, HostIoError } from "../../base/index.ts";
import { hostCode, hostReason } from "./host-failure.ts";

/** A regular file behind `fd`, which stays the caller's to close. */
export function descriptorSource(fd: number, sizeBytes: number): ByteSource {
  return { sizeBytes, read: (offset, into) => readFully(fd, offset, into) };
}

/** A part of a source, as a source of its own. */
export function sourcePart(source: ByteSource, start: number, sizeBytes: number): ByteSource {
  return {
    sizeBytes,
    read(offset, into) {
      const left = Math.max(0, Math.min(into.length, sizeBytes - offset));
      return source.read(start + offset, into.subarray(0, left));
    },
  };
}

function readFully(fd: number, offset: number, into: Uint8Array): number {
  let done = 0;
  try {
    while (done < into.length) {
      const got = readSync(fd, into, done, into.length - done, offset + done);
      if (got === 0) break;
      done += got;
    }
  } catch (error) {
    throw new HostIoError(hostCode(error) ?? "EIO", hostReason(error), error);
  }
  return done;
}

/** Writes all of `bytes` at `position`. */
export function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}
