import { createReadStream } from "node:fs";

/** The bytes of a file of this process, from its beginning. */
export function bytesOfFile(path: string): AsyncIterable<Uint8Array> {
  return createReadStream(path);
}
