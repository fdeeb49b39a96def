import { readSync } from "node:fs";
import { type ByteSource, HostIoError } from "../../base/index.ts";

/** The contents of an open regular file as a source; the descriptor's own offset stays. */
export function fileSource(fd: number, sizeBytes: number, name: string): ByteSource {
  return {
    sizeBytes,
    read(offset, into) {
      let done = 0;
      while (done < into.length) {
        const got = readPiece(fd, into, done, offset + done, name);
        if (got === 0) break;
        done += got;
      }
      return done;
    },
  };
}

function readPiece(
  fd: number,
  into: Uint8Array,
  start: number,
  position: number,
  name: string,
): number {
  try {
    return readSync(fd, into, start, into.length - start, position);
  } catch (error) {
    const code = (error as { readonly code?: string }).code ?? "EIO";
    throw new HostIoError(code, `Cannot read ${name}: ${code}`, error);
  }
}
