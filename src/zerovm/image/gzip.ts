/** The gzip form of archives. */
import type { ByteSource } from "../../base/index.ts";
import { writeFully } from "./descriptor.ts";

const PIECE_BYTES = 256 * 1024;
/** The byte of a gzip header that tells the writing system, and its value for none. */
const SYSTEM_AT = 9;
const SYSTEM_NONE = 255;

export interface GzipOptions {
  /** 1 fast to 9 small. */
  readonly level: number;
  /** Stops the work. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether an archive of this name is written in its gzip form. */
export function isGzipName(path: string): boolean {
  return /\.t?gz$/i.test(path);
}

/**
 * Writes the gzip form of `plain` from the start of the file `fd`, without a name, a time or the
 * kind of system in its header.
 * @returns its size
 */
export async function gzipTo(fd: number, plain: ByteSource, options: GzipOptions): Promise<number> {
  const { level, signal } = options;
  let position = 0;
  const { createGzip } = process.getBuiltinModule("node:zlib");
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  await pipeline(
    piecesOf(plain),
    createGzip({ level }),
    async (pieces: AsyncIterable<Uint8Array>) => {
      for await (const piece of pieces) {
        signal?.throwIfAborted();
        if (position === 0 && piece.length > SYSTEM_AT) piece[SYSTEM_AT] = SYSTEM_NONE;
        writeFully(fd, piece, position);
        position += piece.length;
      }
    },
  );
  return position;
}

function* piecesOf(source: ByteSource): Generator<Uint8Array> {
  for (let offset = 0; offset < source.sizeBytes; offset += PIECE_BYTES) {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, source.sizeBytes - offset));
    source.read(offset, piece);
    yield piece;
  }
}
