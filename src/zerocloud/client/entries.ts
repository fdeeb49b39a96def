import { isObject, ZvmError } from "../../base/index.ts";
import type { Headers } from "./transport.ts";

export interface ContainerEntry {
  readonly name: string;
  readonly objects: number;
  readonly bytes: number;
}

/** An object, or with a delimiter what several names begin with. */
export type ObjectEntry =
  | {
      readonly kind: "object";
      readonly name: string;
      readonly bytes: number;
      /** MD5 in hexadecimal. */
      readonly etag: string;
      readonly contentType: string;
      /** As the server writes it: ISO 8601 in UTC, without its letter. */
      readonly lastModified: string;
    }
  | { readonly kind: "prefix"; readonly name: string };

/** What is known of an account, container or object. */
export interface Stat {
  /** Of an object; of all objects otherwise. */
  readonly bytes: number;
  readonly contentType: string;
  /** Of an object, MD5 in hexadecimal; of a large one a digest of its segments. */
  readonly etag: string;
  readonly lastModified: string;
  /** Of an account. */
  readonly containers?: number;
  /** Of an account or container. */
  readonly objects?: number;
  /** User metadata, names in lower case without their prefix. */
  readonly meta: Readonly<Record<string, string>>;
  /** Stored in segments: the ETag is not that of its bytes. */
  readonly isLarge: boolean;
  readonly headers: Headers;
}

/** Reads a page of a listing. @throws ZvmError ZVM_CLIENT_ANSWER where it is none */
export function parseContainers(text: string): ContainerEntry[] {
  return itemsOf(text).map((item) => {
    return {
      name: textIn(item, "name"),
      objects: numberIn(item, "count"),
      bytes: numberIn(item, "bytes"),
    };
  });
}

/** Reads a page of a listing. @throws ZvmError ZVM_CLIENT_ANSWER where it is none */
export function parseObjects(text: string): ObjectEntry[] {
  return itemsOf(text).map((item): ObjectEntry => {
    if ("subdir" in item) return { kind: "prefix", name: textIn(item, "subdir") };
    return {
      kind: "object",
      name: textIn(item, "name"),
      bytes: numberIn(item, "bytes"),
      etag: textIn(item, "hash"),
      contentType: textIn(item, "content_type"),
      lastModified: textIn(item, "last_modified"),
    };
  });
}

export function statOf(headers: Headers): Stat {
  const meta = Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    const own = /^x-(?:account|container|object)-meta-(.+)$/.exec(name)?.[1];
    return own === undefined ? [] : [[own, value]];
  });
  const used = headers["x-account-bytes-used"] ?? headers["x-container-bytes-used"];
  const containers = headers["x-account-container-count"];
  const objects = headers["x-account-object-count"] ?? headers["x-container-object-count"];
  return {
    bytes: Number(used ?? headers["content-length"] ?? 0) || 0,
    contentType: headers["content-type"] ?? "",
    etag: (headers["etag"] ?? "").replace(/^"|"$/g, "").toLowerCase(),
    lastModified: headers["last-modified"] ?? "",
    ...(containers !== undefined && { containers: Number(containers) || 0 }),
    ...(objects !== undefined && { objects: Number(objects) || 0 }),
    meta: Object.fromEntries(meta),
    isLarge:
      headers["x-static-large-object"]?.toLowerCase() === "true" ||
      headers["x-object-manifest"] !== undefined,
    headers,
  };
}

type Item = Readonly<Record<string, unknown>>;

function itemsOf(text: string): Item[] {
  const value = jsonOf(text);
  if (Array.isArray(value) && value.every(isObject)) return value;
  throw new ZvmError("ZVM_CLIENT_ANSWER", "A listing of the server is no JSON list of objects");
}

export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function textIn(item: Item, name: string): string {
  const value = item[name];
  if (typeof value === "string") return value;
  throw new ZvmError("ZVM_CLIENT_ANSWER", `An entry of a listing of the server has no ${name}`);
}

function numberIn(item: Item, name: string): number {
  const value = item[name];
  if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  throw new ZvmError("ZVM_CLIENT_ANSWER", `An entry of a listing of the server has no ${name}`);
}
