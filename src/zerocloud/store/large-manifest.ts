import { createHash } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { damaged } from "./failure.ts";
import { parseRange } from "./ranges.ts";
import type { LargeObject } from "./records.ts";

/** A segment as whoever uploads a manifest tells of it. */
export type SegmentRequest = NamedRequest | DataSegment;

/** An object, or a part of one. */
export interface NamedRequest {
  /** `/container/object` in the account of the manifest. */
  readonly path: string;
  /** MD5 that the segment has to have. */
  readonly etag?: string | null;
  /** Bytes that the segment has to have. */
  readonly sizeBytes?: number | null;
  /** Which of its bytes: `first-last`, `first-` or `-count`. */
  readonly range?: string | null;
}

/** A segment as the manifest keeps it, in the form that Swift gives to readers. */
export type Segment = NamedSegment | DataSegment;

/** Bytes that the manifest has itself. */
export interface DataSegment {
  /** In base64. */
  readonly data: string;
}

export function isData<Named extends object>(segment: Named | DataSegment): segment is DataSegment {
  return "data" in segment;
}

/** An object, or a part of one. */
export interface NamedSegment {
  /** `/container/object`. */
  readonly name: string;
  readonly hash: string;
  /** Of the whole segment, whatever the range. */
  readonly bytes: number;
  readonly content_type: string;
  readonly last_modified: string;
  /** `first-last`. */
  readonly range?: string;
  /** It is itself a manifest. */
  readonly sub_slo?: true;
}

/** As in Swift. */
export const SEGMENTS_MAX = 1000;
export const NESTING_MAX = 10;

/** Bytes of the whole segment that the large object takes. */
export function takenBytes(segment: Segment): { offset: number; length: number } {
  if (isData(segment)) return { offset: 0, length: Buffer.byteLength(segment.data, "base64") };
  const { bytes, range } = segment;
  if (range === undefined) return { offset: 0, length: bytes };
  const [first = 0, last = 0] = range.split("-").map(Number);
  return { offset: first, length: last - first + 1 };
}

/** Size and etag of what readers get: MD5 over the etags and ranges of all segments. */
export function largeObjectOf(segments: readonly Segment[]): LargeObject {
  const md5 = createHash("md5");
  let sizeBytes = 0;
  for (const segment of segments) {
    md5.update(sealOf(segment));
    sizeBytes += takenBytes(segment).length;
  }
  return { sizeBytes, etag: md5.digest("hex") };
}

/** What of a segment is in the etag of the whole. */
function sealOf(segment: Segment): string {
  if (isData(segment)) return createHash("md5").update(segment.data, "base64").digest("hex");
  const { hash, range } = segment;
  return range === undefined ? hash : `${hash}:${range};`;
}

/** @throws ZvmError ZVM_STORE_DAMAGED */
export function parseManifest(text: string, shown: string): Segment[] {
  const value = jsonOf(text);
  if (Array.isArray(value) && value.every(isSegment)) return value;
  throw damaged(`The manifest of ${shown} is damaged`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSegment(value: unknown): value is Segment {
  if (typeof value !== "object" || value === null) return false;
  if (isData(value)) return typeof value.data === "string";
  const { name, hash, bytes, range } = value as Partial<Record<keyof NamedSegment, unknown>>;
  const isRange = range === undefined || (typeof range === "string" && /^\d+-\d+$/.test(range));
  return isRange && typeof name === "string" && typeof hash === "string" && Number.isInteger(bytes);
}

/** A range of a segment as `first-last`; undefined for all of it, `none` for no bytes of it. */
export function partOf(range: string, sizeBytes: number): string | undefined | "none" {
  const asked = parseRange(`bytes=${range}`, sizeBytes);
  const [part, ...more] = asked.kind === "parts" ? asked.parts : [];
  if (part === undefined || more.length > 0) return "none";
  if (part.length === sizeBytes) return undefined;
  return `${part.offset}-${part.offset + part.length - 1}`;
}

/** Container and object of a segment's path; undefined for a path that has not both. */
export function splitPath(path: string): { container: string; object: string } | undefined {
  const [, container = "", object = ""] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  return object === "" ? undefined : { container, object };
}

/** @throws ZvmError ZVM_STORE_MANIFEST with every finding */
export function refuseManifest(findings: readonly string[]): never {
  throw new ZvmError("ZVM_STORE_MANIFEST", findings.join("\n"));
}
