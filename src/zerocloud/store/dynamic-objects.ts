import { createHash } from "node:crypto";
import type { Containers, ListedObject } from "./containers.ts";
import type { SegmentPrefix } from "./dynamic-manifest.ts";
import { changedManifest, type LargeObjects } from "./large-objects.ts";
import { isFolder, LISTING_LIMIT_MAX } from "./listing.ts";
import type { ObjectStat } from "./object-state.ts";
import type { ByteRange } from "./ranges.ts";
import type { Span } from "./spans.ts";

/** Segments listed at a time: what a reading has in memory, however many there are. */
const PAGE_SEGMENTS = 1000;

/** As in Swift: size and etag are those of what fits a listing. */
export const MEASURED_SEGMENTS = LISTING_LIMIT_MAX;

type Page = readonly ListedObject[];

/** A dynamic large object as it was at one moment. */
export interface DynamicObject {
  /**
   * The manifest with size and etag of all segments together; with those of its own file where
   * there are too many to be measured.
   */
  readonly stat: ObjectStat;
  /** Whether size and etag are known; else it can only be read whole. */
  readonly isMeasured: boolean;
  /**
   * Bytes of the segments, one after another. The loop throws ZVM_STORE_CONFLICT at what is no
   * longer as it was measured or listed.
   */
  spans(range?: ByteRange): AsyncIterable<Span>;
}

/** Objects made of all others whose names begin alike: Swift's dynamic large objects. */
export class DynamicObjects {
  readonly #containers: Containers;
  readonly #large: LargeObjects;
  readonly #measuredPages: number;

  /** @param measuredSegments what has more of them is read without size and etag */
  constructor(containers: Containers, large: LargeObjects, measuredSegments: number) {
    this.#containers = containers;
    this.#large = large;
    this.#measuredPages = Math.ceil(measuredSegments / PAGE_SEGMENTS);
  }

  /**
   * Lists the segments that a manifest stands for at this moment.
   * @throws ZvmError ZVM_STORE_NOT_FOUND without their container
   */
  async measure(manifest: ObjectStat, segments: SegmentPrefix): Promise<DynamicObject> {
    const md5 = createHash("md5");
    const seals: string[] = [];
    let first: Page = [];
    let sizeBytes = 0;
    let isMeasured = true;
    for await (const page of this.#pages(segments)) {
      isMeasured = seals.length < this.#measuredPages;
      if (!isMeasured) break;
      if (seals.length === 0) first = page;
      seals.push(sealOf(page));
      for (const row of page) {
        md5.update(row.etag);
        sizeBytes += row.sizeBytes;
      }
    }
    const whole = { sizeBytes, etag: md5.digest("hex"), isLarge: true };
    const stat = isMeasured ? { ...manifest, ...whole } : manifest;
    const known = { manifest, segments, first, seals, isMeasured };
    const all = { offset: 0, length: isMeasured ? sizeBytes : Number.POSITIVE_INFINITY };
    return { stat, isMeasured, spans: (range = all) => this.#spans(known, range) };
  }

  async *#spans(known: Known, { offset, length }: ByteRange): AsyncGenerator<Span> {
    const { manifest, segments } = known;
    const { account, container } = segments;
    const end = offset + length;
    let at = 0;
    for await (const page of this.#knownPages(known)) {
      for (const { name, etag, sizeBytes } of page) {
        const first = Math.max(offset, at);
        const part = { offset: first - at, length: Math.min(end, at + sizeBytes) - first };
        const segment = {
          address: { account, container, object: name },
          isSame: (now: ObjectStat) => now.file.etag === etag && now.sizeBytes === sizeBytes,
        };
        if (part.length > 0) yield* this.#large.segmentSpans(manifest, segment, part);
        at += sizeBytes;
        if (at >= end) return;
      }
    }
    if (known.isMeasured && at < end) throw changedManifest(manifest, CHANGED);
  }

  /** The pages that were measured, or an end with an error where one is another now. */
  async *#knownPages({ manifest, segments, first, ...known }: Known): AsyncGenerator<Page> {
    if (first.length > 0) yield first;
    if (first.length < PAGE_SEGMENTS) return;
    let index = 1;
    for await (const page of this.#pages(segments, first.at(-1)?.name)) {
      if (known.isMeasured && known.seals[index] !== sealOf(page)) {
        throw changedManifest(manifest, CHANGED);
      }
      yield page;
      index += 1;
    }
  }

  /** Never an empty page. */
  async *#pages(
    { prefix, ...container }: SegmentPrefix,
    after: string | undefined = undefined,
  ): AsyncGenerator<Page> {
    let marker = after;
    for (let page: Page = []; ; ) {
      const query = { prefix, limit: PAGE_SEGMENTS, ...(marker === undefined ? {} : { marker }) };
      const listed = await this.#containers.list(container, query);
      page = listed.flatMap((line) => (isFolder(line) ? [] : [line]));
      if (page.length > 0) yield page;
      if (page.length < PAGE_SEGMENTS) return;
      marker = page.at(-1)?.name;
    }
  }
}

/** What is known of the segments without listing them again. */
interface Known {
  readonly manifest: ObjectStat;
  readonly segments: SegmentPrefix;
  readonly first: Page;
  /** Of each page that was measured. */
  readonly seals: readonly string[];
  readonly isMeasured: boolean;
}

const CHANGED = "segments came or went while it was read";

/** The same for pages of the same segments only. */
function sealOf(page: Page): string {
  const seal = createHash("sha256");
  for (const { name, etag, sizeBytes } of page) seal.update(`${etag} ${sizeBytes} ${name}\0`);
  return seal.digest("hex");
}
