import type { FileHandle } from "node:fs/promises";
import { ZvmError } from "../../base/index.ts";
import { DYNAMIC_MANIFEST, parseSegmentPrefix, type SegmentPrefix } from "./dynamic-manifest.ts";
import { DELETE_AT_S_MAX } from "./keys.ts";
import { type Metadata, parseMetadata } from "./metadata.ts";
import { checkObjectAddress, isText, type ObjectAddress } from "./names.ts";
import type { ObjectRecord } from "./records.ts";
import type { Stamp } from "./stamp.ts";

/** State of an object as its readers see it. */
export interface ObjectStat extends ObjectAddress {
  /** What a reader gets: of a large object all segments together. */
  readonly sizeBytes: number;
  /** MD5 in hexadecimal; of a large object over the etags of its segments. */
  readonly etag: string;
  readonly contentType: string;
  readonly modifiedAt: Stamp;
  readonly metadata: Metadata;
  /** Seconds since 1970 from which on it is gone. */
  readonly deleteAtS?: number;
  /** Size and etag are those of segments: `Store.large` reads what it is put together from. */
  readonly isLarge: boolean;
  /** It stands for these: `Store.dynamic` measures and reads them. */
  readonly segments?: SegmentPrefix;
  /** The file that holds it. */
  readonly file: StoredFile;
  /** Number of the rules by which what a reader gets was found to be a program, where it was. */
  readonly validRules?: number;
}

export interface StoredFile {
  readonly sizeBytes: number;
  /** MD5 in hexadecimal. */
  readonly etag: string;
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
}

/** An object whose file is open for reading; it stays whole whatever happens to the object. */
export interface OpenedObject {
  readonly stat: ObjectStat;
  /** Its caller closes it; the descriptor is `handle.fd`. */
  readonly handle: FileHandle;
}

/** What is told of an object when it is stored. */
export interface ObjectTraits {
  /** `application/octet-stream` where it is not told. */
  readonly contentType?: string;
  readonly metadata?: Metadata;
  /** Seconds since 1970 from which on it is gone. */
  readonly deleteAtS?: number;
}

export interface PutRequest extends ObjectTraits {
  readonly source: AsyncIterable<Uint8Array>;
  /** Bytes announced; an upload of another size is refused. */
  readonly sizeBytes?: number;
  /** MD5 announced, in hexadecimal. */
  readonly etag?: string;
  /** Stores only where there is no object: `If-None-Match: *`. */
  readonly onlyIfAbsent?: boolean;
}

export interface CopyRequest extends ObjectTraits {
  readonly from: ObjectAddress;
  readonly to: ObjectAddress;
  /** Keeps none of the source's metadata: `X-Fresh-Metadata`. */
  readonly freshMetadata?: boolean;
}

const STANDARD_TYPE = "application/octet-stream";

/** Whether its time is over. */
export function isExpired({ deleteAtS }: Pick<ObjectRecord, "deleteAtS">, nowS: number): boolean {
  return deleteAtS !== undefined && nowS >= deleteAtS;
}

/** What was told of an object, in the form of its record. */
export type Traits = Pick<ObjectRecord, "contentType" | "metadata"> & {
  readonly deleteAtS?: number;
};

/** @throws ZvmError ZVM_STORE_NAME, _TEXT, _METADATA */
export function judgeTraits(address: ObjectAddress, traits: ObjectTraits): Traits {
  checkObjectAddress(address);
  const { contentType = STANDARD_TYPE, metadata = {}, deleteAtS } = traits;
  if (!isText(contentType) || /[\r\n]/.test(contentType)) {
    throw new ZvmError("ZVM_STORE_METADATA", "The content type is no header text");
  }
  if (deleteAtS === undefined) return { contentType, metadata: parseMetadata(metadata) };
  if (!Number.isInteger(deleteAtS) || deleteAtS < 0 || deleteAtS > DELETE_AT_S_MAX) {
    throw new ZvmError("ZVM_STORE_METADATA", "The time to delete at is no whole second");
  }
  return { contentType, metadata: parseMetadata(metadata), deleteAtS };
}

/** What readers see of a record. */
export function statOf(address: ObjectAddress, record: ObjectRecord): ObjectStat {
  const { contentType, modifiedAt, metadata, deleteAtS, large } = record;
  const { account, container, object } = address;
  const manifest = large === undefined ? metadata[DYNAMIC_MANIFEST] : undefined;
  const named = manifest === undefined ? undefined : parseSegmentPrefix(manifest);
  return {
    account,
    container,
    object,
    sizeBytes: large?.sizeBytes ?? record.sizeBytes,
    etag: large?.etag ?? record.etag,
    contentType,
    modifiedAt,
    metadata,
    ...(deleteAtS === undefined ? {} : { deleteAtS }),
    isLarge: large !== undefined,
    ...(named === undefined ? {} : { segments: { account, ...named } }),
    file: { sizeBytes: record.sizeBytes, etag: record.etag, sha256: record.sha256 },
    ...(large === undefined && named === undefined ? validityOf(record) : {}),
  };
}

/** A finding is of bytes: where the record came to have others, it is of none of them. */
function validityOf({ validated, sha256 }: ObjectRecord): Pick<ObjectStat, "validRules"> {
  return validated?.sha256 === sha256 ? { validRules: validated.rules } : {};
}
