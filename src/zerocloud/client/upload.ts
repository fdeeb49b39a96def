import { ZvmError } from "../../base/index.ts";
import { encodePath, metaHeaders } from "./paths.ts";
import type { PutOptions, PutResult, UploadSource } from "./put-options.ts";
import { type Place, replacing, type Stored } from "./replaced-segments.ts";
import { sendSegments } from "./segments.ts";
import { sendPart } from "./send-part.ts";
import type { Session } from "./session.ts";
import { type Headers, readAll } from "./transport.ts";

/** A server of Swift takes 5 GiB in one piece. */
export const SEGMENT_BYTES = 2 ** 30;
const SEGMENTS_MAX = 1000;
const ANSWER_BYTES_MAX = 2 ** 20;

/**
 * Stores an object, in one piece or in segments with a manifest over them, and compares the digest
 * of what was sent with that of the server. The object appears when all of it is there; segments of
 * an attempt that ended early are gone on with, and those of what it replaces are removed.
 */
export async function upload(
  session: Session,
  container: string,
  object: string,
  source: UploadSource,
  options: PutOptions,
): Promise<PutResult> {
  const segmentContainer = options.segmentContainer ?? segmentContainerOf(container);
  const place = { container, object, segmentContainer };
  return await replacing(session, place, options.signal, () => {
    return store(session, place, source, options);
  });
}

/** Where the segments of the objects of a container are, unless somebody says another place. */
export function segmentContainerOf(container: string): string {
  return `${container}_segments`;
}

async function store(
  session: Session,
  place: Place,
  source: UploadSource,
  options: PutOptions,
): Promise<Stored> {
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
  if (source.sizeBytes <= segmentBytes) {
    const path = encodePath(place.container, place.object);
    const headers = { ...typeOf(options), ...metaHeaders("Object", options.meta ?? {}) };
    const part = { start: 0, size: source.sizeBytes };
    const { onProgress: onSent, signal } = options;
    const etag = await sendPart(session, path, source, part, { headers, onSent, signal });
    return { result: { etag, sizeBytes: source.sizeBytes, segments: 0 }, segments: [] };
  }
  if (source.sizeBytes > segmentBytes * SEGMENTS_MAX) {
    const least = Math.ceil(source.sizeBytes / SEGMENTS_MAX);
    const message = `An object has at most ${SEGMENTS_MAX} segments: they need ${least} bytes each`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  return await uploadSegments(session, place, source, segmentBytes, options);
}

async function uploadSegments(
  session: Session,
  { container, object, segmentContainer }: Place,
  source: UploadSource,
  segmentBytes: number,
  options: PutOptions,
): Promise<Stored> {
  const to = [segmentContainer, object] as const;
  const manifest = await sendSegments(session, ...to, source, segmentBytes, options);
  const answer = await session.request({
    method: "PUT",
    path: `${encodePath(container, object)}?multipart-manifest=put`,
    headers: { ...typeOf(options), ...metaHeaders("Object", options.meta ?? {}) },
    body: Buffer.from(JSON.stringify(manifest)),
    signal: options.signal,
  });
  await readAll(answer, ANSWER_BYTES_MAX);
  const etag = (answer.headers["etag"] ?? "").replace(/^"|"$/g, "");
  const result = { etag, sizeBytes: source.sizeBytes, segments: manifest.length };
  const segments = manifest.map(({ path }) => path.slice(segmentContainer.length + 2));
  return { result, segments };
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
