import type { HashFactory } from "../../base/index.ts";
import { type Refusal, refuse } from "../result/index.ts";

export interface JobTextOptions {
  /** `job-bytes` of the limits of jobs. */
  readonly bytesMax: number;
  /** `Content-Length`, where it was sent. */
  readonly lengthBytes?: number;
  /** `ETag` of the request: the MD5 that the text has to have. */
  readonly etag?: string;
  readonly hashes: HashFactory;
}

/**
 * Reads the body of a POST of JSON. Whether it is a job is for `parseJob` to say; whether it takes
 * too long, for whoever makes the chunks. No more than the limit is kept.
 */
export async function readJobText(
  chunks: AsyncIterable<Uint8Array>,
  { bytesMax, lengthBytes, etag, hashes }: JobTextOptions,
): Promise<Uint8Array | Refusal> {
  const tooLarge = refuse(413, `The job has more than ${bytesMax} bytes`);
  if ((lengthBytes ?? 0) > bytesMax) return tooLarge;
  const pieces: Uint8Array[] = [];
  const hash = hashes("md5");
  let sizeBytes = 0;
  for await (const chunk of chunks) {
    sizeBytes += chunk.length;
    if (sizeBytes > bytesMax) return tooLarge;
    pieces.push(chunk.slice());
    hash.update(chunk);
  }
  if (lengthBytes !== undefined && sizeBytes !== lengthBytes) {
    return refuse(499, "application/json POST unfinished");
  }
  const wanted = etag?.replace(/^"(.*)"$/, "$1").toLowerCase();
  if (wanted !== undefined && wanted !== hash.digestHex()) {
    return refuse(422, "The MD5 of the job is not what its ETag says");
  }
  return joined(pieces, sizeBytes);
}

/** The pieces as one, or as much of them as fits. */
export function joined(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece.subarray(0, sizeBytes - at), at);
    at = Math.min(sizeBytes, at + piece.length);
  }
  return whole;
}
