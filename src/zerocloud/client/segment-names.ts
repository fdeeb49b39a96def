import { createHash } from "node:crypto";

/** What the segments of an upload are named after. */
export interface SegmentNaming {
  readonly object: string;
  /** See `UploadSource`. */
  readonly version: string;
  readonly sizeBytes: number;
  readonly segmentBytes: number;
}

/** Digests, and times in the form of python-swiftclient, are in names as they are. */
const PLAIN = /^(?:\d[\d.]{0,39}|[\da-f]{32})$/;
/** Version, which those of other clients may lack, size, size of segments and number. */
const OWN = /^(?:(?:[\d.]+|[\da-f]{32})\/)?\d+\/\d+\/\d+(?:\.\d+)?$/;

/** What the names of all segments of an upload begin with; those of other bytes begin otherwise. */
export function segmentPrefix({ object, version, ...sizes }: SegmentNaming): string {
  const shown = PLAIN.test(version) ? version : createHash("md5").update(version).digest("hex");
  return `${object}/slo/${shown}/${sizes.sizeBytes}/${sizes.segmentBytes}/`;
}

/** Name of one segment behind the prefix. */
export function segmentName(prefix: string, at: number): string {
  return prefix + String(at).padStart(8, "0");
}

/** The names that a segment may have: an object that has one of them now leaves the other. */
export function namesOf(name: string): readonly string[] {
  return [name, `${name}.1`];
}

/** Whether a segment is of this object: OBJECT/slo/other may be an object with segments itself. */
export function isSegmentOf(object: string, name: string): boolean {
  const prefix = `${object}/slo/`;
  return name.startsWith(prefix) && OWN.test(name.slice(prefix.length));
}
