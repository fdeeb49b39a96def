import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { finished } from "node:stream/promises";
import { printable, ZvmError } from "../base/index.ts";
import type { Stat, SwiftClient } from "../zerocloud/client/index.ts";
import { reasonOf } from "../zerovm/index.ts";
import { attempt } from "./file-source.ts";

/** A file of the host and the name that it gets, or has, as an object. */
export interface FilePair {
  readonly path: string;
  readonly object: string;
}

/** Files below a folder, or one file; links to folders are not followed. */
export function filesToPut(path: string, name: string): FilePair[] {
  const state = attempt(`read ${printable(path)}`, () => statSync(path));
  if (!state.isDirectory()) return [{ path, object: name === "" ? basename(path) : name }];
  const prefix = name === "" ? "" : `${name}/`;
  return filesBelow(path).map((below) => ({ path: join(path, below), object: prefix + below }));
}

function filesBelow(folder: string, prefix = ""): string[] {
  const names = attempt(`read ${printable(folder)}`, () => readdirSync(join(folder, prefix)));
  return names.sort().flatMap((name) => {
    const path = prefix + name;
    const state = lstatSync(join(folder, path));
    if (state.isDirectory()) return filesBelow(folder, `${path}/`);
    return state.isFile() ? [path] : [];
  });
}

const TEXT_NAME = /\.(?:log|txt)$/i;
const TEXT_BYTES = 65_536;

/** The type of a text that says what its bytes are; of all else the server knows as much as we. */
export function textTypeOf(path: string, object: string): string | undefined {
  if (!TEXT_NAME.test(object)) return undefined;
  const fd = attempt(`read ${printable(path)}`, () => openSync(path, "r"));
  try {
    const head = Buffer.alloc(TEXT_BYTES);
    const size = attempt(`read ${printable(path)}`, () => readSync(fd, head, 0, TEXT_BYTES, 0));
    // A character that the end of the head cuts is no fault of the text.
    new TextDecoder("utf-8", { fatal: true }).decode(head.subarray(0, size), { stream: true });
    return "text/plain; charset=utf-8";
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

export interface FetchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (doneBytes: number, totalBytes: number) => void;
}

/**
 * Gets an object into a file. What has arrived stays in `FILE.part` when it ends early, and is gone
 * on with; the file appears when all of it is there.
 * @returns its size in bytes
 */
export async function fetchFile(
  client: SwiftClient,
  container: string,
  object: string,
  path: string,
  options: FetchOptions,
): Promise<number> {
  const part = `${path}.part`;
  const { signal } = options;
  const stat = await client.stat(container, object, { signal });
  attempt(`write ${printable(path)}`, () => mkdirSync(dirname(path), { recursive: true }));
  const kept = keptBytes(part, stat);
  try {
    return await fetchFrom(client, { container, object, path, part, stat, kept }, options);
  } catch (error) {
    const isStale = error instanceof ZvmError && error.code === "ZVM_CLIENT_ETAG" && kept > 0;
    if (!isStale) throw error;
    // What was there is of another state of the object.
    rmSync(part, { force: true });
    return await fetchFrom(client, { container, object, path, part, stat, kept: 0 }, options);
  }
}

/** Bytes of an earlier attempt that may be of this state of the object. */
function keptBytes(part: string, stat: Stat): number {
  const state = statSync(part, { throwIfNoEntry: false });
  if (state?.isFile() !== true || state.size > stat.bytes) return 0;
  const modifiedMs = Date.parse(stat.lastModified) || Number.POSITIVE_INFINITY;
  // Servers round times up. The digest shows what is too old; a large object has none of its bytes.
  const roundedMs = stat.isLarge ? 0 : 1000;
  return state.mtimeMs + roundedMs >= modifiedMs ? state.size : 0;
}

interface Fetching {
  readonly container: string;
  readonly object: string;
  readonly path: string;
  readonly part: string;
  readonly stat: Stat;
  readonly kept: number;
}

async function fetchFrom(
  client: SwiftClient,
  { container, object, path, part, stat, kept }: Fetching,
  { signal, onProgress }: FetchOptions,
): Promise<number> {
  const hash = createHash("md5");
  if (kept > 0) for await (const piece of createReadStream(part)) hash.update(piece);
  let done = kept;
  if (kept < stat.bytes || kept === 0) {
    const { etag } = stat;
    // Before there is a file: the object may be gone.
    const download = await client.get(container, object, { startBytes: kept, etag, signal });
    const file = createWriteStream(part, { flags: kept > 0 ? "a" : "w" });
    const written = finished(file);
    // Told of by the loop, or below.
    written.catch(() => undefined);
    try {
      for await (const piece of download.read()) {
        hash.update(piece);
        done += piece.length;
        if (!file.write(piece)) await Promise.race([written, once(file, "drain")]);
        onProgress(done, stat.bytes);
      }
    } finally {
      file.end();
      await written.catch((cause: unknown) => {
        throw new ZvmError("ZVM_FILE", `Cannot write ${printable(part)}: ${reasonOf(cause)}`, {
          cause,
        });
      });
    }
  }
  judgeDigest(stat, hash.digest("hex"), `${container}/${object}`);
  attempt(`write ${printable(path)}`, () => renameSync(part, path));
  return done;
}

function once(file: NodeJS.EventEmitter, name: string): Promise<void> {
  return new Promise((resolve) => void file.once(name, () => resolve()));
}

/** A large object has a digest of its segments: theirs were compared one by one when it was put. */
function judgeDigest(stat: Stat, found: string, name: string): void {
  if (stat.isLarge || !/^[0-9a-f]{32}$/.test(stat.etag) || stat.etag === found) return;
  const message = `${printable(name)} has the digest ${stat.etag}, and what arrived ${found}`;
  throw new ZvmError("ZVM_CLIENT_ETAG", message);
}
