import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { nodeHash } from "../../zerovm/cell/index.ts";
import { descriptorSource } from "../../zerovm/image/index.ts";
import type { Exchange } from "../exchange/index.ts";
import {
  type Address,
  type BodyKind,
  bodyKindOf,
  findBootMap,
  HEAD_BYTES,
  type HeaderTable,
  type Inflate,
  jobUrlOf,
  judgeBody,
  objectOf,
  readJobText,
  readScript,
  scriptJob,
  writeScriptImage,
} from "../request/index.ts";
import { isRefusal, type Refusal, refuse } from "../result/index.ts";
import { bytesOfPieces, pathOfFd, SpooledFile, spool } from "../run/index.ts";
import type { FilePiece, ItemReading, OpenedObject } from "../storage/index.ts";
import { spoolBody } from "./request-body.ts";
import type { PostedImage } from "./submission.ts";

/** What brings a job: its text, and the image that comes with it. */
export interface JobDocument {
  readonly kind: "document";
  readonly jobText: Uint8Array;
  readonly image?: PostedImage;
}

export interface DocumentLimits {
  readonly jobBytes: number;
  /** Of an archive or a script. */
  readonly imageBytes: number;
}

/**
 * Reads a job that is the body of a request.
 * @param address of the request: a script reads the object that it names
 */
export async function readPosted(
  exchange: Exchange,
  headers: HeaderTable,
  limits: DocumentLimits,
  address: Address,
): Promise<JobDocument | Refusal> {
  const body = judgeBody(headers);
  if (isRefusal(body)) return body;
  if (body.kind === "json") {
    const { etag } = headers;
    const lengthBytes = exchange.bodyBytes;
    return documentOf(
      await readJobText(exchange.body(), {
        bytesMax: limits.jobBytes,
        hashes: nodeHash,
        ...(lengthBytes !== undefined && { lengthBytes }),
        ...(etag !== undefined && { etag }),
      }),
    );
  }
  const file = await spoolBody(exchange, limits.imageBytes);
  return await readImage(body, [file], { path: file.path, close: () => file.close() }, address);
}

/**
 * Reads a stored job. The object is closed with the image of the document, or before.
 * @param address of the request: a script reads the object that it names
 */
export async function readStored(
  opened: OpenedObject,
  limits: DocumentLimits,
  address: Address,
): Promise<JobDocument | Refusal> {
  const { contentType, sizeBytes } = opened.stat;
  const body = bodyKindOf(contentType);
  if (body.kind !== "json" && sizeBytes > limits.imageBytes) {
    await opened.close();
    return refuse(413, TOO_LARGE);
  }
  const reading = await opened.read();
  const { pieces } = reading;
  if (body.kind !== "json") {
    return await readImage(body, pieces, await imageOf(reading, limits.imageBytes), address);
  }
  try {
    const bytesMax = limits.jobBytes;
    return documentOf(await readJobText(bytesOfPieces(pieces), { bytesMax, hashes: nodeHash }));
  } finally {
    await reading.close();
  }
}

function documentOf(text: Uint8Array | Refusal): JobDocument | Refusal {
  return isRefusal(text) ? text : { kind: "document", jobText: text };
}

/** A stored archive in place; one of several pieces in a file of its own. */
async function imageOf(reading: ItemReading, bytesMax: number): Promise<PostedImage> {
  const [piece, ...more] = reading.pieces;
  const close = async (): Promise<void> => await reading.close();
  if (piece?.isWholeFile === true && more.length === 0) return { path: pathOfFd(piece.fd), close };
  try {
    const file = await spool(bytesOfPieces(reading.pieces), bytesMax, TOO_LARGE);
    return {
      path: file.path,
      close: async () => {
        file.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const TOO_LARGE = "Data object too large";

type Packed = Exclude<BodyKind, { readonly kind: "json" }>;

async function readImage(
  body: Packed,
  pieces: readonly FilePiece[],
  image: PostedImage,
  address: Address,
): Promise<JobDocument | Refusal> {
  try {
    const found =
      body.kind === "image"
        ? await readArchive(body, pieces, image)
        : await readScriptOf(pieces, address);
    if (isRefusal(found) || found.image !== image) await image.close();
    return found;
  } catch (error) {
    await image.close();
    throw error;
  }
}

async function readArchive(
  { contentType, isGzip }: Extract<BodyKind, { readonly kind: "image" }>,
  pieces: readonly FilePiece[],
  image: PostedImage,
): Promise<JobDocument | Refusal> {
  const inflate = isGzip ? gunzip : undefined;
  const map = await findBootMap(bytesOfPieces(pieces), contentType, inflate);
  return isRefusal(map) ? map : { kind: "document", jobText: map.text, image };
}

const gunzip: Inflate = (packed) => {
  const unpacked = createGunzip();
  // Its errors come to whoever reads what is unpacked.
  pipeline(Readable.from(packed), unpacked, () => undefined);
  return unpacked;
};

async function readScriptOf(
  pieces: readonly FilePiece[],
  address: Address,
): Promise<JobDocument | Refusal> {
  const text = new SpooledFile();
  try {
    for await (const bytes of bytesOfPieces(pieces)) text.write(bytes);
    const source = descriptorSource(text.fd, text.sizeBytes);
    const head = new Uint8Array(Math.min(HEAD_BYTES, text.sizeBytes));
    source.read(0, head);
    const script = readScript(head);
    if (isRefusal(script)) return script;
    const item = objectOf(address);
    const stdinUrl = item === undefined ? undefined : jobUrlOf(item);
    if (isRefusal(stdinUrl)) return stdinUrl;
    const image = new SpooledFile();
    try {
      writeScriptImage(source, image);
    } catch (error) {
      image.close();
      throw error;
    }
    const jobText = new TextEncoder().encode(scriptJob(script, stdinUrl));
    return { kind: "document", jobText, image };
  } finally {
    text.close();
  }
}
