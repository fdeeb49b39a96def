import { readSync, writeSync } from "node:fs";
import { ZvmError } from "../../base/index.ts";

/** A frame is its length as an unsigned 32-bit little-endian number, then that many bytes. */
export const FRAME_HEADER_BYTES = 4;

export function encodeFrame(contents: string | Uint8Array): Uint8Array {
  const body = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
  const frame = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

/** Reads one frame of text, waiting for it; the cell has nothing else to do then. */
export function readFrame(fd: number, bodyBytesMax: number): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(readBlock(fd, bodyBytesMax));
}

/** Reads the bytes of one frame. */
export function readBlock(fd: number, bodyBytesMax: number): Uint8Array<ArrayBuffer> {
  const header = readExactly(fd, FRAME_HEADER_BYTES);
  const sizeBytes = new DataView(header.buffer).getUint32(0, true);
  if (sizeBytes > bodyBytesMax) throw new ZvmError("ZVM_ORDER", `A frame of ${sizeBytes} bytes`);
  return readExactly(fd, sizeBytes);
}

export function writeFrame(fd: number, text: string): void {
  const frame = encodeFrame(text);
  for (let done = 0; done < frame.length; ) {
    done += retrying(() => writeSync(fd, frame, done, frame.length - done));
  }
}

function readExactly(fd: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(sizeBytes);
  for (let done = 0; done < sizeBytes; ) {
    const got = retrying(() => readSync(fd, bytes, done, sizeBytes - done, null));
    if (got === 0) throw new ZvmError("ZVM_ORDER", "The control socket ended within a frame");
    done += got;
  }
  return bytes;
}

/** The socket blocks as it comes from the host; this serves one that does not. */
function retrying(transfer: () => number): number {
  for (;;) {
    try {
      return transfer();
    } catch (error) {
      if (!isRetryable(error)) throw error;
      pause(1);
    }
  }
}

/** Whether a failed transfer was only early or interrupted. */
export function isRetryable(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EAGAIN" || code === "EINTR";
}

/** The error name of the host, `EIO` for what is no error of the host. */
export function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "EIO";
}

/** Sleeps without an event loop; a session that is ended meanwhile wakes up. */
export function pause(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}
