import { closeSync, fstatSync, readSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { isDiskFull, ZvmError } from "../../base/index.ts";
import { namelessFile } from "../../zerovm/libc/index.ts";
import { reasonOf } from "../../zerovm/session/index.ts";
import type { Body } from "../result/index.ts";
import type { FilePiece } from "../storage/index.ts";
import { Refusal } from "./refusal.ts";

const BLOCK_BYTES = 256 * 1024;

/** A file without a name, which is gone with its descriptor. */
export class SpooledFile implements FilePiece {
  readonly fd: number;
  readonly startBytes = 0;
  readonly isWholeFile = true;
  sizeBytes = 0;
  #isOpen = true;

  /** @throws ZvmError ZVM_DISK_FULL, and ZVM_FILE where there is no folder for temporary files */
  constructor() {
    this.fd = onHost(() => namelessFile(tmpdir()));
  }

  /** The path under which this process opens it anew. */
  get path(): string {
    return pathOfFd(this.fd);
  }

  /** @throws ZvmError ZVM_DISK_FULL, ZVM_FILE */
  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = this.sizeBytes + done;
      done += onHost(() => writeSync(this.fd, bytes, done, bytes.length - done, at));
    }
    this.sizeBytes += bytes.length;
  }

  /** Takes over what somebody else wrote to the file. */
  measure(): void {
    this.sizeBytes = fstatSync(this.fd).size;
  }

  close(): void {
    if (this.#isOpen) closeSync(this.fd);
    this.#isOpen = false;
  }
}

function onHost<Result>(step: () => Result): Result {
  try {
    return step();
  } catch (cause) {
    const message = `Cannot write a temporary file in ${tmpdir()} (TMPDIR): ${reasonOf(cause)}`;
    throw new ZvmError(isDiskFull(cause) ? "ZVM_DISK_FULL" : "ZVM_FILE", message, { cause });
  }
}

/**
 * Keeps what comes in a file without a name.
 * @throws Refusal 413 with `message` where it is more than `bytesMax`
 */
export async function spool(
  source: AsyncIterable<Uint8Array>,
  bytesMax: number,
  message: string,
): Promise<SpooledFile> {
  const file = new SpooledFile();
  try {
    for await (const bytes of source) {
      if (file.sizeBytes + bytes.length > bytesMax) throw new Refusal(413, message);
      file.write(bytes);
    }
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

/** The path under which this process opens the file of a descriptor anew. */
export function pathOfFd(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** The bytes of a piece, a block at a time. */
export async function* bytesOfPiece(piece: Omit<FilePiece, "isWholeFile">): AsyncGenerator<Buffer> {
  const end = piece.startBytes + piece.sizeBytes;
  for (let at = piece.startBytes; at < end; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK_BYTES, end - at));
    const got = readSync(piece.fd, block, 0, block.length, at);
    if (got === 0) throw new Error("A file that was being read became shorter");
    at += got;
    yield block.subarray(0, got);
    // Others get their turn between blocks.
    if (at < end) await new Promise((resolve) => setImmediate(resolve));
  }
}

export async function* bytesOfPieces(pieces: readonly FilePiece[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield* bytesOfPiece(piece);
}

/** A spooled file from a position on as a body, which closes it when it is released. */
export function bodyOfFile(file: SpooledFile, startBytes: number): Body {
  const sizeBytes = file.sizeBytes - startBytes;
  return {
    sizeBytes,
    async *read() {
      try {
        yield* bytesOfPiece({ fd: file.fd, startBytes, sizeBytes });
      } finally {
        file.close();
      }
    },
    release: () => file.close(),
  };
}

/** A text as a body. */
export function bodyOfText(text: string): Body {
  const bytes = new TextEncoder().encode(text);
  return {
    sizeBytes: bytes.length,
    async *read() {
      yield bytes;
    },
    release: () => undefined,
  };
}
