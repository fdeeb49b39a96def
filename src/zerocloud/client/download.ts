import { createHash } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { type Stat, statOf } from "./entries.ts";
import { ServiceError, unreachable } from "./service-error.ts";
import type { Session } from "./session.ts";
import type { Answer } from "./transport.ts";

export interface GetOptions {
  /** First byte that is wanted; 0 unless given. */
  readonly startBytes?: number;
  /** How many at most; all of them unless given. */
  readonly sizeBytes?: number;
  /** Only this state of the object, as to go on with a part of it. */
  readonly etag?: string;
  readonly signal?: AbortSignal;
}

/** An object that is read: what is known of it, and its bytes, once. */
export interface Download {
  readonly stat: Stat;
  /** Of the whole object. */
  readonly totalBytes: number;
  /**
   * Bytes in order. Where the connection breaks, the rest is asked for. At the end of a whole one
   * that is not stored in segments its digest is compared.
   * @throws ServiceError; ZvmError ZVM_CLIENT_ETAG
   */
  read(): AsyncIterable<Uint8Array>;
  /** Ends it without reading. */
  release(): void;
}

/** Times in a row that a broken body is gone on with, without a byte between them. */
const RESUMES_MAX = 4;

/** @throws ServiceError as `Session.request` does */
export async function download(
  session: Session,
  path: string,
  options: GetOptions,
): Promise<Download> {
  const start = options.startBytes ?? 0;
  const end = options.sizeBytes === undefined ? undefined : start + options.sizeBytes;
  const first = await ask(session, path, start, end, options.etag, options.signal);
  const stat = statOf(first.headers);
  const totalBytes = totalOf(first, stat);
  const lastBytes = Math.min(end ?? totalBytes, totalBytes);
  const isPartial = start > 0 || lastBytes < totalBytes;
  const digest =
    isPartial || stat.isLarge || !/^[0-9a-f]{32}$/.test(stat.etag) ? undefined : stat.etag;
  const again = (at: number): Promise<Answer> => {
    return ask(session, path, at, lastBytes, stat.etag, options.signal);
  };
  const read = () => bytesOf({ first, start, end: lastBytes, again, digest, path });
  return { stat, totalBytes, read, release: () => void first.body.destroy() };
}

function ask(
  session: Session,
  path: string,
  start: number,
  end: number | undefined,
  etag: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const isWhole = start === 0 && end === undefined;
  const range = isWhole ? {} : { Range: `bytes=${start}-${end === undefined ? "" : end - 1}` };
  const match = etag === undefined || etag === "" ? {} : { "If-Match": `"${etag}"` };
  const headers = { ...range, ...match };
  return session.request({ method: "GET", path, headers, signal });
}

/** `Content-Range: bytes 5-9/10`; a server that knows no ranges sends all. */
function totalOf({ status, headers }: Answer, stat: Stat): number {
  if (status !== 206) return stat.bytes;
  const total = /\/(\d+)$/.exec(headers["content-range"] ?? "")?.[1];
  return total === undefined ? stat.bytes : Number(total);
}

interface Reading {
  readonly first: Answer;
  readonly start: number;
  readonly end: number;
  again(at: number): Promise<Answer>;
  readonly digest: string | undefined;
  readonly path: string;
}

async function* bytesOf({ first, start, end, again, digest, path }: Reading) {
  const hash = createHash("md5");
  let at = start;
  let answer = first;
  for (let fruitless = 0; ; fruitless += 1) {
    let skipped = answer.status === 206 ? 0 : at;
    try {
      for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
        const wanted = piece.subarray(Math.min(skipped, piece.length)).subarray(0, end - at);
        skipped -= Math.min(skipped, piece.length);
        if (wanted.length === 0) continue;
        hash.update(wanted);
        at += wanted.length;
        fruitless = 0;
        yield wanted;
      }
    } catch (cause) {
      if (!isBroken(cause) || fruitless >= RESUMES_MAX) throw failure(path, cause);
    }
    if (at >= end) break;
    if (fruitless >= RESUMES_MAX)
      throw failure(path, new Error(`it ended at byte ${at} of ${end}`));
    answer = await again(at);
  }
  const found = hash.digest("hex");
  if (digest === undefined || digest === found) return;
  const message = `GET ${path}: the bytes have the digest ${found}, and the object ${digest}`;
  throw new ZvmError("ZVM_CLIENT_ETAG", message);
}

function isBroken(cause: unknown): boolean {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE" || code === "ETIMEDOUT";
}

function failure(path: string, cause: unknown): unknown {
  const isOwn = cause instanceof ServiceError || !(cause instanceof Error);
  if (isOwn || cause.name === "AbortError") return cause;
  return unreachable({ method: "GET", url: path }, cause);
}
