import { damaged } from "./failure.ts";
import type { Metadata } from "./metadata.ts";
import type { ObjectAddress } from "./names.ts";
import type { Stamp } from "./stamp.ts";

/** What all accounts have together. */
export interface StoreTotals {
  readonly accounts: number;
  readonly containers: number;
  readonly objects: number;
  /** Of all files that objects have; a manifest counts with its own size. */
  readonly bytes: number;
}

/** What the database holds of an account. */
export interface AccountRecord {
  /** Begins the keys of its containers. */
  readonly id: number;
  readonly createdAt: Stamp;
  readonly modifiedAt: Stamp;
  readonly containerCount: number;
  readonly objectCount: number;
  readonly sizeBytes: number;
  readonly metadata: Metadata;
}

/** What the database holds of a container. */
export interface ContainerRecord {
  /** Begins the keys of its objects; never used again after the container is gone. */
  readonly id: number;
  readonly createdAt: Stamp;
  readonly modifiedAt: Stamp;
  readonly objectCount: number;
  readonly sizeBytes: number;
  readonly metadata: Metadata;
}

/** What the database holds of an object. */
export interface ObjectRecord {
  /** Name of the file with its bytes: 32 hexadecimal digits. */
  readonly content: string;
  /** Of that file; a manifest of a large object has its JSON there. */
  readonly sizeBytes: number;
  /** MD5 of that file. */
  readonly etag: string;
  readonly sha256: string;
  readonly contentType: string;
  readonly modifiedAt: Stamp;
  readonly metadata: Metadata;
  /** Seconds since 1970 from which on the object is gone. */
  readonly deleteAtS?: number;
  /** Of a large object that is put together from others. */
  readonly large?: LargeObject;
  /** What was found of its bytes, where somebody judged them. */
  readonly validated?: Validated;
}

/** A program that was found valid. */
export interface Validated {
  /** Of the bytes that were judged: of others it says nothing. */
  readonly sha256: string;
  /** Number of the rules that they were judged by. */
  readonly rules: number;
}

export interface LargeObject {
  /** Of all segments together. */
  readonly sizeBytes: number;
  /** MD5 over the etags of the segments. */
  readonly etag: string;
}

/** Writes a record as it stands in the database. */
export function encodeRecord(record: object): Buffer {
  return Buffer.from(JSON.stringify(record));
}

type Judge = (value: unknown) => boolean;

const count: Judge = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const hex =
  (digits: number): Judge =>
  (value) =>
    typeof value === "string" && value.length === digits && /^[0-9a-f]+$/.test(value);
const text: Judge = (value) => typeof value === "string";
const metadata: Judge = (value) => isPlain(value) && Object.values(value).every(text);
const absentOr =
  (judge: Judge): Judge =>
  (value) =>
    value === undefined || judge(value);

type Shape<Type> = { readonly [Name in keyof Type]-?: Judge };

const COUNTED = { id: count, createdAt: count, modifiedAt: count, objectCount: count } as const;

const ACCOUNT: Shape<AccountRecord> = {
  ...COUNTED,
  containerCount: count,
  sizeBytes: count,
  metadata,
};

const CONTAINER: Shape<ContainerRecord> = { ...COUNTED, sizeBytes: count, metadata };

const LARGE: Shape<LargeObject> = { sizeBytes: count, etag: hex(32) };

const VALIDATED: Shape<Validated> = { sha256: hex(64), rules: count };

const OBJECT: Shape<ObjectRecord> = {
  content: hex(32),
  sizeBytes: count,
  etag: hex(32),
  sha256: hex(64),
  contentType: text,
  modifiedAt: count,
  metadata,
  deleteAtS: absentOr(count),
  large: absentOr((value) => fits(value, LARGE)),
  validated: absentOr((value) => fits(value, VALIDATED)),
};

/** @throws ZvmError ZVM_STORE_DAMAGED naming what it is the record of */
export function parseAccount(bytes: Uint8Array, name: string): AccountRecord {
  return parse(bytes, ACCOUNT, `account ${name}`);
}

const TOTALS: Shape<StoreTotals> = {
  accounts: count,
  containers: count,
  objects: count,
  bytes: count,
};

/** @returns undefined where they are damaged: they can be counted again */
export function parseTotals(bytes: Uint8Array): StoreTotals | undefined {
  const value = jsonOf(bytes);
  return fits(value, TOTALS) ? value : undefined;
}

/** @throws ZvmError ZVM_STORE_DAMAGED naming what it is the record of */
export function parseContainer(bytes: Uint8Array, name: string): ContainerRecord {
  return parse(bytes, CONTAINER, `container ${name}`);
}

/** @throws ZvmError ZVM_STORE_DAMAGED naming what it is the record of */
export function parseObject(bytes: Uint8Array, name: string): ObjectRecord {
  return parse(bytes, OBJECT, `object ${name}`);
}

const ADDRESS: Shape<ObjectAddress> = { account: text, container: text, object: text };

/** @throws ZvmError ZVM_STORE_DAMAGED */
export function parseAddress(bytes: Uint8Array): ObjectAddress {
  return parse(bytes, ADDRESS, "an object that expires");
}

function parse<Type>(bytes: Uint8Array, shape: Shape<Type>, name: string): Type {
  const value = jsonOf(bytes);
  if (fits(value, shape)) return value;
  throw damaged(`The record of ${name} in the database is damaged`);
}

function fits<Type>(value: unknown, shape: Shape<Type>): value is Type {
  if (!isPlain(value)) return false;
  return Object.entries<Judge>(shape).every(([name, judge]) => judge(value[name]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString());
  } catch {
    return undefined;
  }
}
