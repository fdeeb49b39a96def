import { createHash } from "node:crypto";
import { printable, ZvmError } from "../../base/index.ts";
import { encodePath, metaHeaders } from "./paths.ts";
import type { PutOptions, PutResult, UploadSource } from "./put-options.ts";
import { removeSegments } from "./remove-segments.ts";
import { type Place, replacing, type Stored } from "./replaced-segments.ts";
import { segmentPrefix } from "./segment-names.ts";
import {
  type KnownSegments,
  type ManifestLine,
  type SegmentPlan,
  sendSegments,
} from "./segments.ts";
import { digestOfPart, sendPart, validationOf } from "./send-part.ts";
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
  return await replacing(session, place, options.signal, (before) => {
    return store(session, place, source, options, before);
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
  before: readonly string[],
): Promise<Stored> {
  const segmentBytes = options.segmentBytes ?? SEGMENT_BYTES;
  if (source.sizeBytes <= segmentBytes) {
    const path = encodePath(place.container, place.object);
    const headers = { ...typeOf(options), ...metaHeaders("Object", options.meta ?? {}) };
    const { onProgress: onSent, signal } = options;
    const sent = await sendPart(session, path, source, wholeOf(source), {
      headers,
      onSent,
      signal,
    });
    return { result: { ...sent, sizeBytes: source.sizeBytes, segments: 0 }, segments: [] };
  }
  if (source.sizeBytes > segmentBytes * SEGMENTS_MAX) {
    const least = Math.ceil(source.sizeBytes / SEGMENTS_MAX);
    const message = `An object has at most ${SEGMENTS_MAX} segments: they need ${least} bytes each`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  const { segmentContainer: container, object } = place;
  const version = source.version ?? (await digestOfPart(source, wholeOf(source)));
  const prefix = segmentPrefix({ object, version, sizeBytes: source.sizeBytes, segmentBytes });
  const plan = { container, prefix, segmentBytes, live: new Set(before) };
  const manifest = await segmentsAtServer(session, plan, source, options);
  return await storeManifest(session, place, manifest, source, options);
}

function wholeOf({ sizeBytes }: UploadSource) {
  return { start: 0, size: sizeBytes };
}

/** Segments of a source that is another now are no use to anybody: they go. */
async function segmentsAtServer(
  session: Session,
  plan: SegmentPlan,
  source: UploadSource,
  options: PutOptions,
): Promise<ManifestLine[]> {
  const known: KnownSegments = new Map();
  try {
    return await sendSegments(session, plan, source, options, known);
  } catch (cause) {
    if (!(cause instanceof ZvmError) || cause.code !== "ZVM_CLIENT_CHANGED") throw cause;
    const { container, live } = plan;
    const names = [...known.keys()].filter((name) => !live.has(name));
    const left = await removeSegments(session, container, names, options.signal);
    if (left === undefined) throw cause;
    const [first = "", ...more] = left.segments.map(printable);
    const what = more.length === 0 ? first : `${first} and ${more.length} more`;
    const message = `${cause.message}; what was sent of it is left, ${what}: ${left.reason}`;
    throw new ZvmError("ZVM_CLIENT_CHANGED", message, { cause });
  }
}

async function storeManifest(
  session: Session,
  { container, object, segmentContainer }: Place,
  manifest: readonly ManifestLine[],
  source: UploadSource,
  options: PutOptions,
): Promise<Stored> {
  const answer = await session.request({
    method: "PUT",
    path: `${encodePath(container, object)}?multipart-manifest=put`,
    headers: { ...typeOf(options), ...metaHeaders("Object", options.meta ?? {}) },
    body: Buffer.from(JSON.stringify(manifest)),
    signal: options.signal,
  });
  await readAll(answer, ANSWER_BYTES_MAX);
  const etag = (answer.headers["etag"] ?? "").replace(/^"|"$/g, "");
  const told = { etag, ...validationOf(answer.headers) };
  const result = { ...told, sizeBytes: source.sizeBytes, segments: manifest.length };
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
    get version() {
      return createHash("md5").update(bytes).digest("hex");
    },
    async *read(start, size) {
      yield bytes.subarray(start, start + size);
    },
  };
}
