import { ZvmError } from "../../base/index.ts";
import { shownObject } from "./catalog.ts";
import { shownPath } from "./failure.ts";
import {
  isData,
  largeObjectOf,
  type NamedRequest,
  type NamedSegment,
  NESTING_MAX,
  parseManifest,
  partOf,
  refuseManifest,
  SEGMENTS_MAX,
  type Segment,
  type SegmentRequest,
  splitPath,
  takenBytes,
} from "./large-manifest.ts";
import type { ObjectAddress } from "./names.ts";
import type { ObjectStat, ObjectTraits, OpenedObject } from "./object-state.ts";
import type { Objects } from "./objects.ts";
import type { ByteRange } from "./ranges.ts";
import type { Span } from "./spans.ts";
import { formatStamp } from "./stamp.ts";

export interface PutManifestRequest extends ObjectTraits {
  readonly segments: readonly SegmentRequest[];
  /** MD5 over the etags of all segments that was announced, in hexadecimal. */
  readonly etag?: string;
  /** Stores only where there is no object. */
  readonly onlyIfAbsent?: boolean;
}

/** An object that is about to be read: go through its spans, or discard it. */
export interface ObjectReading {
  readonly stat: ObjectStat;
  /**
   * What is to be read one after another; files are opened when they are asked for. The loop throws
   * ZVM_STORE_CONFLICT at a segment that was changed or removed since the manifest was stored.
   */
  readonly spans: AsyncIterable<Span>;
  /** Closes the file of a reading whose spans nobody asked for. */
  discard(): Promise<void>;
}

/** An object that a manifest stands for. */
interface WantedSegment {
  readonly address: ObjectAddress;
  /** Whether what is there is still what the manifest stands for. */
  readonly isSame: (now: ObjectStat) => boolean;
}

/** Objects that are put together from others by a manifest: Swift's static large objects. */
export class LargeObjects {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  /**
   * Stores a manifest, after a look at every segment that it names.
   * @throws ZvmError ZVM_STORE_MANIFEST with every finding, _ETAG, or what `Objects.put` throws
   */
  async put(address: ObjectAddress, request: PutManifestRequest): Promise<ObjectStat> {
    const { segments: requests, etag, ...traits } = request;
    const segments = await this.#judge(address, requests);
    const large = largeObjectOf(segments);
    if (etag !== undefined && etag.toLowerCase() !== large.etag) {
      const message = `The segments of ${shownObject(address)} have etag ${large.etag}, not ${etag}`;
      throw new ZvmError("ZVM_STORE_ETAG", message);
    }
    const source = pieces(Buffer.from(JSON.stringify(segments)));
    return await this.#objects.store(address, { ...traits, source }, async () => large);
  }

  /**
   * Reads an object of any kind, or a part of it.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _BUSY, _DAMAGED
   */
  async read(address: ObjectAddress, range?: ByteRange): Promise<ObjectReading> {
    const opened = await this.#objects.open(address);
    const { stat } = opened;
    const part = range ?? { offset: 0, length: stat.sizeBytes };
    const discard = (): Promise<void> => opened.handle.close();
    return { stat, spans: this.#spansOf(opened, part, 0), discard };
  }

  /**
   * The segments that a manifest names.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, or _CONFLICT where the object is none of that kind
   */
  async segments(address: ObjectAddress): Promise<readonly Segment[]> {
    const opened = await this.#objects.open(address);
    if (opened.stat.isLarge) return await readManifest(opened);
    await opened.handle.close();
    const message = `The object ${shownObject(address)} is no manifest of a large object`;
    throw new ZvmError("ZVM_STORE_CONFLICT", message);
  }

  /**
   * All objects that make up a large one, each manifest behind its segments: what has to go with
   * it. One that is gone, or was named before, is among them.
   */
  async *parts(address: ObjectAddress, depth = 0): AsyncGenerator<ObjectAddress> {
    for (const segment of await this.segments(address)) {
      if (isData(segment)) continue;
      const part = addressOf(address, segment);
      const isNested = segment.sub_slo === true && depth < NESTING_MAX;
      const isManifest = isNested && (await this.#statIfThere(part))?.isLarge === true;
      if (isManifest) yield* this.parts(part, depth + 1);
      else yield part;
    }
    yield address;
  }

  /**
   * Removes a large object with all its segments.
   * @returns how many objects were removed
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _CONFLICT
   */
  async remove(address: ObjectAddress): Promise<number> {
    const parts: ObjectAddress[] = [];
    for await (const part of this.parts(address)) parts.push(part);
    let removed = 0;
    for (const part of parts) removed += await this.#removeIfThere(part);
    return removed;
  }

  /**
   * What a part of an object consists of that a manifest stands for, whatever kind the object is.
   * @throws ZvmError ZVM_STORE_CONFLICT where it is gone or another
   */
  async *segmentSpans(
    manifest: ObjectStat,
    segment: WantedSegment,
    range: ByteRange,
    depth = 1,
  ): AsyncGenerator<Span> {
    const { address, isSame } = segment;
    const opened = await this.#objects.open(address).catch((cause: unknown) => {
      if (!isMissing(cause)) throw cause;
      throw changedManifest(manifest, `its segment ${shownObject(address)} is gone`);
    });
    if (!isSame(opened.stat)) {
      await opened.handle.close();
      throw changedManifest(manifest, `its segment ${shownObject(address)} was changed`);
    }
    yield* this.#spansOf(opened, range, depth);
  }

  async *#spansOf(opened: OpenedObject, range: ByteRange, depth: number): AsyncGenerator<Span> {
    const { stat, handle } = opened;
    if (!stat.isLarge) {
      yield { address: stat, handle, ...range };
      return;
    }
    if (depth > NESTING_MAX) throw changedManifest(stat, "its manifests are nested too deep");
    const manifest = await readManifest(opened);
    const end = range.offset + range.length;
    let at = 0;
    for (const segment of manifest) {
      const taken = takenBytes(segment);
      const first = Math.max(range.offset, at);
      const length = Math.min(end, at + taken.length) - first;
      if (length > 0) {
        const part = { offset: taken.offset + first - at, length };
        yield* this.#partSpans(stat, segment, part, depth + 1);
      }
      at += taken.length;
      if (at >= end) return;
    }
  }

  async *#partSpans(
    manifest: ObjectStat,
    segment: Segment,
    part: ByteRange,
    depth: number,
  ): AsyncGenerator<Span> {
    if (isData(segment)) {
      const bytes = Buffer.from(segment.data, "base64");
      yield { address: manifest, bytes: bytes.subarray(part.offset, part.offset + part.length) };
    } else yield* this.segmentSpans(manifest, wantedOf(manifest, segment), part, depth);
  }

  async #judge(
    address: ObjectAddress,
    requests: readonly SegmentRequest[],
  ): Promise<readonly Segment[]> {
    if (requests.length === 0 || requests.length > SEGMENTS_MAX) {
      refuseManifest([`A manifest has 1 to ${SEGMENTS_MAX} segments, not ${requests.length}`]);
    }
    if (requests.every(isData)) refuseManifest(["A manifest has a segment that is an object"]);
    const findings: string[] = [];
    const segments: Segment[] = [];
    for (const request of requests) {
      const segment = isData(request) ? request : await this.#judgeSegment(address, request);
      if (typeof segment !== "string") segments.push(segment);
      else if (!isData(request)) findings.push(`${shownPath(request.path)}, ${segment}`);
    }
    if (findings.length > 0) refuseManifest(["Errors:", ...findings]);
    return segments;
  }

  /** @returns what is wrong, in words */
  async #judgeSegment(
    manifest: ObjectAddress,
    { path, etag, sizeBytes, range }: NamedRequest,
  ): Promise<NamedSegment | string> {
    const names = splitPath(path);
    if (names === undefined) return "it is not /container/object";
    const { account } = manifest;
    if (names.container === manifest.container && names.object === manifest.object) {
      return "the manifest cannot be its own segment";
    }
    const stat = await this.#statIfThere({ account, ...names });
    if (stat === undefined) return "404 Not Found";
    if (stat.segments !== undefined) return "a dynamic large object cannot be a segment";
    if (stat.sizeBytes === 0) return "Too Small; each segment must be at least 1 byte.";
    if (etag != null && etag.toLowerCase() !== stat.etag)
      return `Etag Mismatch: it is ${stat.etag}`;
    if (sizeBytes != null && sizeBytes !== stat.sizeBytes)
      return `Size Mismatch: it has ${stat.sizeBytes} bytes`;
    const part = range == null ? undefined : partOf(range, stat.sizeBytes);
    if (part === "none") return `Unsatisfiable Range: it has no bytes ${range}`;
    return {
      name: `/${names.container}/${names.object}`,
      hash: stat.etag,
      bytes: stat.sizeBytes,
      content_type: stat.contentType,
      last_modified: formatStamp(stat.modifiedAt),
      ...(part === undefined ? {} : { range: part }),
      ...(stat.isLarge ? { sub_slo: true as const } : {}),
    };
  }

  async #statIfThere(address: ObjectAddress): Promise<ObjectStat | undefined> {
    return await this.#objects.stat(address).catch((cause: unknown) => {
      if (isMissing(cause)) return undefined;
      throw cause;
    });
  }

  async #removeIfThere(address: ObjectAddress): Promise<number> {
    try {
      await this.#objects.remove(address);
      return 1;
    } catch (cause) {
      if (isMissing(cause)) return 0;
      throw cause;
    }
  }
}

function isMissing(cause: unknown): boolean {
  return cause instanceof ZvmError && cause.code === "ZVM_STORE_NOT_FOUND";
}

/** What a manifest stands for is not what it was. */
export function changedManifest(manifest: ObjectAddress, why: string): ZvmError {
  return new ZvmError("ZVM_STORE_CONFLICT", `${shownObject(manifest)} cannot be read: ${why}`);
}

function wantedOf(manifest: ObjectStat, segment: NamedSegment): WantedSegment {
  return {
    address: addressOf(manifest, segment),
    isSame: ({ etag, sizeBytes }) => etag === segment.hash && sizeBytes === segment.bytes,
  };
}

function addressOf({ account }: ObjectAddress, { name }: NamedSegment): ObjectAddress {
  return { account, ...(splitPath(name) ?? { container: "", object: "" }) };
}

async function readManifest({ stat, handle }: OpenedObject): Promise<Segment[]> {
  try {
    return parseManifest(await handle.readFile("utf8"), shownObject(stat));
  } finally {
    await handle.close();
  }
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}
