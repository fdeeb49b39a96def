/** The embedded object store: accounts, containers and objects in a folder of this machine. */
export type { AccountStat, ListedContainer } from "./accounts.ts";
export { type CheckFinding, type CheckTally, checkStore } from "./check.ts";
export { type Conditions, judgeConditions, type Verdict } from "./conditions.ts";
export type { ContainerStat, ListedObject } from "./containers.ts";
export { DYNAMIC_MANIFEST, parseSegmentPrefix, type SegmentPrefix } from "./dynamic-manifest.ts";
export type { DynamicObject } from "./dynamic-objects.ts";
export {
  isData,
  SEGMENTS_MAX,
  type Segment,
  type SegmentRequest,
  splitPath,
} from "./large-manifest.ts";
export type { ObjectReading, PutManifestRequest } from "./large-objects.ts";
export {
  isFolder,
  LISTING_LIMIT_MAX,
  type Listed,
  type ListedFolder,
  type ListingQuery,
} from "./listing.ts";
export { METADATA_LIMITS, type Metadata } from "./metadata.ts";
export { type ContainerAddress, NAME_BYTES_MAX, type ObjectAddress } from "./names.ts";
export type {
  CopyRequest,
  ObjectStat,
  ObjectTraits,
  OpenedObject,
  PutRequest,
  StoredFile,
} from "./object-state.ts";
export type { RemoveTerms } from "./objects.ts";
export { type ByteRange, parseRange, type RangeRequest } from "./ranges.ts";
export type { StoreTotals } from "./records.ts";
export type { DataSpan, FileSpan, Span } from "./spans.ts";
export { formatStamp, type Stamp } from "./stamp.ts";
export { Store, type StoreOptions } from "./store.ts";
export type { UnnamedFile } from "./unnamed-file.ts";
