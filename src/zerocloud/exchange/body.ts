import type { IncomingMessage } from "node:http";
import { ZvmError } from "../../base/index.ts";
import { refuse } from "./refusal.ts";

/** What changes the state of a body that we wait for. */
const EVENTS = ["readable", "end", "close", "error"] as const;

/**
 * The body of a request as it arrives. Going out of the loop leaves the connection alone, so that
 * there can be an answer; the iterator of the stream itself would end it.
 * @param waitMs between two pieces
 * @throws ZvmError ZVM_HTTP_TIMEOUT, or ZVM_STORE_UPLOAD where the client goes away
 */
export async function* bodyOf(
  request: IncomingMessage,
  waitMs: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let wake = (): void => {};
  const changed = (): void => wake();
  for (const event of EVENTS) request.on(event, changed);
  try {
    for (;;) {
      const piece: Uint8Array | null = request.read();
      if (piece !== null) {
        yield piece;
        continue;
      }
      if (request.readableEnded) return;
      if (request.destroyed) {
        throw new ZvmError("ZVM_STORE_UPLOAD", "The client went away during its upload");
      }
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new ZvmError("ZVM_HTTP_TIMEOUT", SLOW)), waitMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  } finally {
    for (const event of EVENTS) request.off(event, changed);
  }
}

const SLOW = "The client sent nothing of its body for too long";

/**
 * A body in memory.
 * @throws ZvmError ZVM_HTTP_TOO_LARGE, and what reading it throws
 */
export async function wholeBody(
  body: AsyncIterable<Uint8Array>,
  most: { readonly bytes: number; readonly of: string },
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of body) {
    sizeBytes += piece.length;
    if (sizeBytes > most.bytes) refuse("ZVM_HTTP_TOO_LARGE", `${most.of} > ${most.bytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * Reads what is left of a body that nobody wants, so that the client gets to our answer, but no
 * more than a little of it.
 */
export async function discardBody(
  request: IncomingMessage,
  most: { readonly bytes: number; readonly ms: number },
): Promise<void> {
  const end = Date.now() + most.ms;
  let sizeBytes = 0;
  try {
    for await (const piece of bodyOf(request, most.ms)) {
      sizeBytes += piece.length;
      if (sizeBytes > most.bytes || Date.now() > end) return;
    }
  } catch {
    // Gone or slow: nobody waits for it.
  }
}
