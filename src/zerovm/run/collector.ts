import { Writable } from "node:stream";

/** A stream that keeps what is written to it. */
export interface Collected {
  readonly stream: Writable;
  bytes(): Uint8Array;
}

export function collector(): Collected {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  return { stream, bytes: () => Buffer.concat(chunks) };
}
