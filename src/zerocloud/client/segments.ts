import { ZvmError } from "../../base/index.ts";
import { parseObjects } from "./entries.ts";
import { encodePath, queryOf } from "./paths.ts";
import type { PutOptions, UploadSource } from "./put-options.ts";
import { PARALLEL } from "./remove-segments.ts";
import { namesOf, segmentName } from "./segment-names.ts";
import { digestOfPart, type Part, sendPart } from "./send-part.ts";
import type { Session } from "./session.ts";
import { together } from "./together.ts";
import { readAll } from "./transport.ts";

/** A line of the manifest of a large object. */
export interface ManifestLine {
  readonly path: string;
  readonly etag: string;
  readonly size_bytes: number;
}

/** A segment of an upload, and the first of the names that it may have. */
interface Segment extends Part {
  readonly name: string;
}

/** Segments that can be sent at a time. */
export const PARALLEL_MAX = 64;
/** A page of a thousand names of a kilobyte each. */
const LISTING_BYTES_MAX = 2 ** 23;

/** Where the segments of an upload go. */
export interface SegmentPlan {
  readonly container: string;
  /** What the names of all of them begin with. */
  readonly prefix: string;
  readonly segmentBytes: number;
  /** Names of what the object consists of now: none of them gets other bytes. */
  readonly live: ReadonlySet<string>;
}

/** Names of segments that are there, or may be, and of their digests those that are known. */
export type KnownSegments = Map<string, string | undefined>;

/**
 * Stores a source in segments, several at a time. Those that an earlier attempt left behind are not
 * sent again, where their digests are those of the source. The first that fails ends the others;
 * what was stored stays for the next attempt.
 * @param known gets all that this attempt and earlier ones may have stored
 * @returns the lines of their manifest, in order
 */
export async function sendSegments(
  session: Session,
  plan: SegmentPlan,
  source: UploadSource,
  options: PutOptions,
  known: KnownSegments,
): Promise<ManifestLine[]> {
  const { signal, onProgress, parallel = PARALLEL } = options;
  judgeParallel(parallel);
  const { container, live } = plan;
  await session.request({ method: "PUT", path: encodePath(container), signal });
  for (const [name, etag] of await keptSegments(session, plan, signal)) known.set(name, etag);
  const lines: ManifestLine[] = [];
  let doneBytes = 0;
  const segments = segmentsOf(source.sizeBytes, plan);
  await together(segments, parallel, signal, async (segment, at, stop) => {
    let sentBytes = 0;
    const onSent = (bytes: number): void => {
      doneBytes += bytes - sentBytes;
      sentBytes = bytes;
      onProgress?.(doneBytes);
    };
    const found = await placeOf(segment, source, known, live);
    const { name } = found;
    if (found.etag !== undefined) onSent(segment.size);
    else known.set(name, undefined);
    const path = encodePath(container, name);
    const sending = { onSent, signal: stop };
    const send = async () => await sendPart(session, path, source, segment, sending);
    const etag = found.etag ?? (await send()).etag;
    lines[at] = { path: `/${container}/${name}`, etag, size_bytes: segment.size };
  });
  return lines;
}

/**
 * The name that a segment gets, and its digest where it is there already. Two states of a file can
 * have one time and size: under the name of a segment that readers may just get goes nothing else.
 */
async function placeOf(
  segment: Segment,
  source: UploadSource,
  known: KnownSegments,
  live: ReadonlySet<string>,
): Promise<{ readonly name: string; readonly etag?: string }> {
  const there = namesOf(segment.name).filter((name) => known.get(name) !== undefined);
  if (there.length > 0) {
    const etag = await digestOfPart(source, segment);
    const same = there.find((name) => known.get(name) === etag);
    if (same !== undefined) return { name: same, etag };
  }
  return { name: namesOf(segment.name).find((name) => !live.has(name)) ?? segment.name };
}

function judgeParallel(parallel: number): void {
  if (Number.isInteger(parallel) && parallel >= 1 && parallel <= PARALLEL_MAX) return;
  const message = `The option parallel is a whole number from 1 to ${PARALLEL_MAX}, not ${parallel}`;
  throw new ZvmError("ZVM_USAGE", message);
}

function segmentsOf(sizeBytes: number, { segmentBytes, prefix }: SegmentPlan): Segment[] {
  return Array.from({ length: Math.ceil(sizeBytes / segmentBytes) }, (_, at) => {
    const start = at * segmentBytes;
    const size = Math.min(segmentBytes, sizeBytes - start);
    return { start, size, name: segmentName(prefix, at) };
  });
}

/**
 * What an earlier attempt left behind.
 * @returns digests by name; none where the container may not be listed
 */
async function keptSegments(
  session: Session,
  { container, prefix }: SegmentPlan,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const path = encodePath(container) + queryOf({ format: "json", prefix });
  const answer = await session.request({ method: "GET", path, takes: [403, 404], signal });
  const text = Buffer.from(await readAll(answer, LISTING_BYTES_MAX)).toString();
  if (answer.status !== 200) return new Map();
  const entries = parseObjects(text).flatMap((entry) => (entry.kind === "object" ? [entry] : []));
  return new Map(entries.map(({ name, etag }) => [name, etag.toLowerCase()]));
}
