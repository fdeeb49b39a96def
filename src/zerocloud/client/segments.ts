import { ZvmError } from "../../base/index.ts";
import { parseObjects } from "./entries.ts";
import { encodePath, queryOf } from "./paths.ts";
import type { PutOptions, UploadSource } from "./put-options.ts";
import { digestOfPart, type Part, sendPart } from "./send-part.ts";
import type { Session } from "./session.ts";
import { readAll } from "./transport.ts";

/** A line of the manifest of a large object. */
export interface ManifestLine {
  readonly path: string;
  readonly etag: string;
  readonly size_bytes: number;
}

/** A segment of an upload, and its name. */
interface Segment extends Part {
  readonly name: string;
}

/** Requests for segments at a time, unless somebody says another number. */
export const PARALLEL = 4;
/** Segments that can be sent at a time. */
export const PARALLEL_MAX = 64;
/** A page of a thousand names of a kilobyte each. */
const LISTING_BYTES_MAX = 2 ** 23;

/**
 * Stores a source in segments, several at a time. Those that an earlier attempt left behind are not
 * sent again, where their sizes and digests are those of the source. The first that fails ends the
 * others; what was stored stays for the next attempt.
 * @returns the lines of their manifest, in order
 */
export async function sendSegments(
  session: Session,
  container: string,
  object: string,
  source: UploadSource,
  segmentBytes: number,
  options: PutOptions,
): Promise<ManifestLine[]> {
  const { signal, onProgress, parallel = PARALLEL } = options;
  judgeParallel(parallel);
  // Segments of another upload of this name stay apart by their size.
  const prefix = `${object}/slo/${source.sizeBytes}/${segmentBytes}/`;
  const segments = segmentsOf(source.sizeBytes, segmentBytes, prefix);
  await session.request({ method: "PUT", path: encodePath(container), signal });
  const kept = await keptSegments(session, container, prefix, signal);
  const lines: ManifestLine[] = [];
  let doneBytes = 0;
  await together(segments, parallel, signal, async (segment, at, stop) => {
    const { name, size } = segment;
    let sentBytes = 0;
    const onSent = (bytes: number): void => {
      doneBytes += bytes - sentBytes;
      sentBytes = bytes;
      onProgress?.(doneBytes);
    };
    const before = kept.get(`${size} ${name}`);
    const isThere = before !== undefined && before === (await digestOfPart(source, segment));
    if (isThere) onSent(size);
    const path = encodePath(container, name);
    const etag = isThere
      ? before
      : await sendPart(session, path, source, segment, { onSent, signal: stop });
    lines[at] = { path: `/${container}/${name}`, etag, size_bytes: size };
  });
  return lines;
}

function judgeParallel(parallel: number): void {
  if (Number.isInteger(parallel) && parallel >= 1 && parallel <= PARALLEL_MAX) return;
  const message = `The option parallel is a whole number from 1 to ${PARALLEL_MAX}, not ${parallel}`;
  throw new ZvmError("ZVM_USAGE", message);
}

function segmentsOf(sizeBytes: number, segmentBytes: number, prefix: string): Segment[] {
  return Array.from({ length: Math.ceil(sizeBytes / segmentBytes) }, (_, at) => {
    const start = at * segmentBytes;
    const size = Math.min(segmentBytes, sizeBytes - start);
    return { start, size, name: prefix + String(at).padStart(8, "0") };
  });
}

/**
 * What an earlier attempt left behind.
 * @returns digests by size and name; none where the container may not be listed
 */
async function keptSegments(
  session: Session,
  container: string,
  prefix: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, string>> {
  const path = encodePath(container) + queryOf({ format: "json", prefix });
  const answer = await session.request({ method: "GET", path, takes: [403, 404], signal });
  const text = Buffer.from(await readAll(answer, LISTING_BYTES_MAX)).toString();
  if (answer.status !== 200) return new Map();
  const entries = parseObjects(text).flatMap((entry) => (entry.kind === "object" ? [entry] : []));
  return new Map(entries.map(({ name, bytes, etag }) => [`${bytes} ${name}`, etag.toLowerCase()]));
}

/**
 * Works on all items, so many at a time. The first failure ends the others, and is thrown when none
 * of them does anything any more.
 */
export async function together<Item>(
  items: readonly Item[],
  most: number,
  signal: AbortSignal | undefined,
  work: (item: Item, at: number, stop: AbortSignal) => Promise<void>,
): Promise<void> {
  const failing = new AbortController();
  const stop = signal === undefined ? failing.signal : AbortSignal.any([signal, failing.signal]);
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [at, item] of queue) {
      stop.throwIfAborted();
      await work(item, at, stop);
    }
  };
  const workers = Array.from({ length: Math.min(most, items.length) }, async () => {
    await worker().catch((error: unknown) => {
      failures.push(error);
      failing.abort();
    });
  });
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
}
