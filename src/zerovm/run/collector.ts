import { Writable } from "node:stream";

/** A stream that keeps what is written to it. */
export interface Collected {
  readonly stream: Writable;
  bytes(): Uint8Array;
}

/** Keeps the first `sizeMax` bytes; a cell that was taken over may send more than its channel. */
export function collector(sizeMax: number): Collected {
  const chunks: Buffer[] = [];
  let leftBytes = sizeMax;
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(0, leftBytes);
      leftBytes -= kept.length;
      if (kept.length > 0) chunks.push(kept);
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}
