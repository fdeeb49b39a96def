import { createHash, type Hash } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { encodePath, metaHeaders } from "./paths.ts";
import type { Session } from "./session.ts";
import { type Headers, type Payload, readAll } from "./transport.ts";

/** What an upload is made of: bytes at any place, so that a part can be sent again. */
export interface UploadSource {
  readonly sizeBytes: number;
  /** Bytes from `startBytes` on, `sizeBytes` of them. */
  read(startBytes: number, sizeBytes: number): AsyncIterable<Uint8Array>;
}

export interface PutOptions {
  readonly contentType?: string;
  readonly meta?: Readonly<Record<string, string>>;
  /** Larger objects are stored in segments of this size; 1 GiB unless given. */
  readonly segmentBytes?: number;
  /** Where segments are stored; the container with `_segments` behind its name unless given. */
  readonly segmentContainer?: string;
  /** Told how many bytes were sent. */
  readonly onProgress?: (sentBytes: number) => void;
  readonly signal?: AbortSignal;
}

export interface PutResult {
  /** Of the bytes, MD5; of a large object the server's digest of its segments. */
  readonly etag: string;
  readonly sizeBytes: number;
  /** 0 where it is stored in one piece. */
  readonly segments: number;
}

/** A server of Swift takes 5 GiB in one piece. */
export const SEGMENT_BYTES = 2 ** 30;
const SEGMENTS_MAX = 1000;
const ANSWER_BYTES_MAX = 2 ** 20;

/**
 * Stores an object, in one piece or in segments with a manifest over them, and compares the digest
 * of what was sent with that of the server. The object appears when all of it is there.
 */
export async function upload(
  session: Session,
  container: string,
  object: string,
  source: UploadSource,
  options: PutOptions,
): Promise<PutResult> {
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
  if (source.sizeBytes <= segmentBytes) {
    const path = encodePath(container, object);
    const headers = { ...typeOf(options), ...metaHeaders("Object", options.meta ?? {}) };
    const part = { start: 0, size: source.sizeBytes };
    const etag = await sendPart(session, path, source, part, headers, options);
    return { etag, sizeBytes: source.sizeBytes, segments: 0 };
  }
  if (source.sizeBytes > segmentBytes * SEGMENTS_MAX) {
    const least = Math.ceil(source.sizeBytes / SEGMENTS_MAX);
    const message = `An object has at most ${SEGMENTS_MAX} segments: they need ${least} bytes each`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  return await uploadSegments(session, container, object, source, segmentBytes, options);
}

async function uploadSegments(
  session: Session,
  container: string,
  object: string,
  source: UploadSource,
  segmentBytes: number,
  options: PutOptions,
): Promise<PutResult> {
  const { signal } = options;
  const segmentContainer = options.segmentContainer ?? `${container}_segments`;
  await session.request({ method: "PUT", path: encodePath(segmentContainer), signal });
  const manifest: { path: string; etag: string; size_bytes: number }[] = [];
  for (let start = 0; start < source.sizeBytes; start += segmentBytes) {
    const size = Math.min(segmentBytes, source.sizeBytes - start);
    const number = String(manifest.length).padStart(8, "0");
    // Segments of another upload of this name stay apart by their size.
    const name = `${object}/slo/${source.sizeBytes}/${segmentBytes}/${number}`;
    const path = encodePath(segmentContainer, name);
    const etag = await sendPart(session, path, source, { start, size }, {}, options);
    manifest.push({ path: `/${segmentContainer}/${name}`, etag, size_bytes: size });
  }
  const answer = await session.request({
    method: "PUT",
    path: `${encodePath(container, object)}?multipart-manifest=put`,
    headers: { ...typeOf(options), ...metaHeaders("Object", options.meta ?? {}) },
    body: Buffer.from(JSON.stringify(manifest)),
    signal,
  });
  await readAll(answer, ANSWER_BYTES_MAX);
  const etag = (answer.headers["etag"] ?? "").replace(/^"|"$/g, "");
  return { etag, sizeBytes: source.sizeBytes, segments: manifest.length };
}

interface Part {
  readonly start: number;
  readonly size: number;
}

/** @returns the digest of the part, as both sides have it */
async function sendPart(
  session: Session,
  path: string,
  source: UploadSource,
  part: Part,
  headers: Headers,
  { onProgress, signal }: PutOptions,
): Promise<string> {
  let sent = createHash("md5");
  const body: Payload = {
    sizeBytes: part.size,
    read: () => {
      // Each attempt sends, and digests, all of it.
      sent = createHash("md5");
      return digested(source, part, sent, onProgress);
    },
  };
  const answer = await session.request({ method: "PUT", path, headers, body, signal });
  await readAll(answer, ANSWER_BYTES_MAX);
  const own = sent.digest("hex");
  const told = (answer.headers["etag"] ?? own).replace(/^"|"$/g, "").toLowerCase();
  if (told === own) return own;
  const message = `PUT ${path}: the server stored bytes with the digest ${told}, and not ${own}`;
  throw new ZvmError("ZVM_CLIENT_ETAG", message);
}

async function* digested(
  source: UploadSource,
  { start, size }: Part,
  hash: Hash,
  onProgress: PutOptions["onProgress"],
): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const piece of source.read(start, size)) {
    done += piece.length;
    if (done > size) break;
    hash.update(piece);
    onProgress?.(start + done);
    yield piece;
  }
  if (done === size) return;
  throw new ZvmError("ZVM_FILE", `What is sent has ${done} bytes, and not ${size}: it was changed`);
}

function typeOf({ contentType }: PutOptions): Headers {
  return contentType === undefined ? {} : { "Content-Type": contentType };
}

/** Bytes of memory as the source of an upload. */
export function bytesSource(bytes: Uint8Array): UploadSource {
  return {
    sizeBytes: bytes.length,
    async *read(start, size) {
      yield bytes.subarray(start, start + size);
    },
  };
}
