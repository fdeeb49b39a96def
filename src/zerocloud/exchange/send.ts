import type { ServerResponse } from "node:http";
import { ZvmError } from "../../base/index.ts";

/** Of an answer in memory that are handed on at a time. */
const PIECE_BYTES = 64 * 1024;

/**
 * Writes bytes to a client no faster than it takes them.
 * @param waitMs for the client to take what is under way
 * @throws ZvmError ZVM_HTTP_GONE, _TIMEOUT; and what `pieces` throws
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  waitMs: number,
): Promise<void> {
  for await (const piece of pieces) {
    judgeConnection(response);
    if (!response.write(piece)) await comes(response, "drain", waitMs);
  }
  judgeConnection(response);
}

/** Bytes in memory as pieces. */
export function* piecesOf(bytes: Buffer): Generator<Uint8Array, void, undefined> {
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    yield bytes.subarray(offset, offset + PIECE_BYTES);
  }
}

/**
 * Ends an answer, and waits until the client has taken the rest of it, so that nobody holds a
 * connection by not reading.
 * @throws ZvmError ZVM_HTTP_TIMEOUT
 */
export async function endAnswer(response: ServerResponse, waitMs: number): Promise<void> {
  response.end();
  if (!response.writableFinished) await comes(response, "finish", waitMs);
}

function judgeConnection(response: ServerResponse): void {
  if (response.destroyed) {
    throw new ZvmError("ZVM_HTTP_GONE", "The client went away during its download");
  }
}

/** Waits for an event, or for the end of the connection, which whoever writes next finds out. */
async function comes(
  response: ServerResponse,
  event: "drain" | "finish",
  waitMs: number,
): Promise<void> {
  if (response.destroyed) return;
  await new Promise<void>((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off(event, done);
      response.off("close", done);
      resolve();
    };
    const timer = setTimeout(() => {
      reject(new ZvmError("ZVM_HTTP_TIMEOUT", "The client took nothing for too long"));
    }, waitMs);
    response.on(event, done);
    response.on("close", done);
  });
}
