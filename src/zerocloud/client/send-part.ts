import { createHash, type Hash } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import type { PutResult, UploadSource } from "./put-options.ts";
import type { Session } from "./session.ts";
import { type Headers, type Payload, readAll } from "./transport.ts";

const ANSWER_BYTES_MAX = 2 ** 20;

/** Bytes of a source that are one request. */
export interface Part {
  readonly start: number;
  readonly size: number;
}

/** What goes with a part. */
export interface PartOptions {
  readonly headers?: Headers;
  /** Told how many bytes of the part were sent. */
  readonly onSent?: ((sentBytes: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Stores a part as an object.
 * @returns the digest of the part, as both sides have it, and what the server says of a program
 * @throws ZvmError ZVM_CLIENT_ETAG where the sides have two, _CHANGED where the source has changed
 */
export async function sendPart(
  session: Session,
  path: string,
  source: UploadSource,
  part: Part,
  { headers = {}, onSent, signal }: PartOptions,
): Promise<Pick<PutResult, "etag" | "validation">> {
  let sent = createHash("md5");
  const body: Payload = {
    sizeBytes: part.size,
    read: () => {
      // Each attempt sends, and digests, all of it.
      sent = createHash("md5");
      return digested(source, part, sent, onSent);
    },
  };
  const answer = await session.request({ method: "PUT", path, headers, body, signal });
  await readAll(answer, ANSWER_BYTES_MAX);
  const own = sent.digest("hex");
  const told = (answer.headers["etag"] ?? own).replace(/^"|"$/g, "").toLowerCase();
  if (told === own) return { etag: own, ...validationOf(answer.headers) };
  const message = `PUT ${path}: the server stored bytes with the digest ${told}, and not ${own}`;
  throw new ZvmError("ZVM_CLIENT_ETAG", message);
}

/** What an answer says of a program that was stored. */
export function validationOf(headers: Headers): Pick<PutResult, "validation"> {
  const validation = headers["x-zerovm-validation"];
  return validation === undefined ? {} : { validation };
}

async function* digested(
  source: UploadSource,
  { start, size }: Part,
  hash: Hash,
  onSent: PartOptions["onSent"],
): AsyncIterable<Uint8Array> {
  let done = 0;
  for await (const piece of source.read(start, size)) {
    done += piece.length;
    if (done > size) break;
    // Without its last bytes no server stores it.
    if (done === size) await source.judgeUnchanged?.();
    hash.update(piece);
    onSent?.(done);
    yield piece;
  }
  if (done === size && size > 0) return;
  await source.judgeUnchanged?.();
  if (done === size) return;
  const message = `What is sent has ${done} bytes, and not ${size}: it was changed`;
  throw new ZvmError("ZVM_CLIENT_CHANGED", message);
}

/** MD5 of a part, in hexadecimal. @throws ZvmError ZVM_CLIENT_CHANGED */
export async function digestOfPart(source: UploadSource, part: Part): Promise<string> {
  const hash = createHash("md5");
  const pieces = digested(source, part, hash, undefined)[Symbol.asyncIterator]();
  while ((await pieces.next()).done !== true);
  return hash.digest("hex");
}
