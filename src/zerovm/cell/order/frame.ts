import { writeSync } from "node:fs";

/** A frame is its length as an unsigned 32-bit little-endian number, then that many bytes. */
export const FRAME_HEADER_BYTES = 4;

/** What a cell says: the first byte of each of its frames. */
export const WORD = {
  /** The cell is locked, and which walls stand; or why it is not. */
  READY: "r",
  /** It did what had to be prepared, and waits for the order of its session. */
  WAITING: "w",
  /** What was ordered begins: the guest's time, or compiling. */
  STARTED: "s",
  ANSWER: "a",
} as const;

export function encodeFrame(contents: string | Uint8Array): Uint8Array {
  const body = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
  const frame = new Uint8Array(FRAME_HEADER_BYTES + body.length);
  new DataView(frame.buffer).setUint32(0, body.length, true);
  frame.set(body, FRAME_HEADER_BYTES);
  return frame;
}

export function writeFrame(fd: number, text: string): void {
  const frame = encodeFrame(text);
  for (let done = 0; done < frame.length; ) {
    done += retrying(() => writeSync(fd, frame, done, frame.length - done));
  }
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
