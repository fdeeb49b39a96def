import { createHash } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { damaged } from "./failure.ts";
import type { LargeObject } from "./records.ts";

/** A segment as whoever uploads a manifest names it. */
export interface SegmentRequest {
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
export interface Segment {
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
export function takenBytes({ bytes, range }: Segment): { offset: number; length: number } {
  if (range === undefined) return { offset: 0, length: bytes };
  const [first = 0, last = 0] = range.split("-").map(Number);
  return { offset: first, length: last - first + 1 };
}

/** Size and etag of what readers get: MD5 over the etags and ranges of all segments. */
export function largeObjectOf(segments: readonly Segment[]): LargeObject {
  const md5 = createHash("md5");
  let sizeBytes = 0;
  for (const segment of segments) {
    const { hash, range } = segment;
    md5.update(range === undefined ? hash : `${hash}:${range};`);
    sizeBytes += takenBytes(segment).length;
  }
  return { sizeBytes, etag: md5.digest("hex") };
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
  const { name, hash, bytes, range } = value as Partial<Record<keyof Segment, unknown>>;
  const isRange = range === undefined || (typeof range === "string" && /^\d+-\d+$/.test(range));
  return isRange && typeof name === "string" && typeof hash === "string" && Number.isInteger(bytes);
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
