import type { ServerResponse } from "node:http";
import { ZvmError } from "../../base/index.ts";

/**
 * Writes bytes to a client no faster than it takes them.
 * @param waitMs for the client to take what is under way
 * @throws ZvmError ZVM_HTTP_GONE, _TIMEOUT; and what `pieces` throws
 */
export async function sendPieces(
  response: ServerResponse,
  pieces: AsyncIterable<Uint8Array>,
  waitMs: number,
): Promise<void> {
  for await (const piece of pieces) {
    judgeConnection(response);
    if (!response.write(piece)) await drained(response, waitMs);
  }
  judgeConnection(response);
}

function judgeConnection(response: ServerResponse): void {
  if (response.destroyed) {
    throw new ZvmError("ZVM_HTTP_GONE", "The client went away during its download");
  }
}

async function drained(response: ServerResponse, waitMs: number): Promise<void> {
  judgeConnection(response);
  await new Promise<void>((resolve, reject) => {
    const done = (failure?: ZvmError): void => {
      clearTimeout(timer);
      response.off("drain", onDrain);
      response.off("close", onDrain);
      if (failure === undefined) resolve();
      else reject(failure);
    };
    const onDrain = (): void => done();
    const timer = setTimeout(() => {
      done(new ZvmError("ZVM_HTTP_TIMEOUT", "The client took nothing for too long"));
    }, waitMs);
    response.on("drain", onDrain);
    response.on("close", onDrain);
  });
}
