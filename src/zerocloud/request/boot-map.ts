import { memorySource, ZvmError } from "../../base/index.ts";
import { indexTar, type Member } from "../../tar/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import { joined } from "./job-text.ts";

/** Where an archive has its job: the first of these that it has. */
const MAP_NAMES: readonly string[] = ["boot/cluster.map", "boot/system.map"];

/** The job lies within so many bytes of the archive, unpacked. */
export const HEAD_BYTES = 128 * 1024;

/** A header and its contents take a block at least: more members do not fit into the head. */
const MEMBERS_MAX = HEAD_BYTES / 512;

/** The job of an archive. */
export interface BootMap {
  readonly kind: "boot-map";
  /** Its name in the archive. */
  readonly path: string;
  /** Its text, not yet looked at. */
  readonly text: Uint8Array;
}

/** `more`: the head of the archive is not complete yet. */
export type BootMapReading = BootMap | Refusal | { readonly kind: "more" };

const MORE = Object.freeze({ kind: "more" });

/**
 * Looks for the job in an archive that comes in pieces. It keeps the first 128 KiB, and looks
 * through them once, when it has them or there is no more.
 */
export class BootMapFinder {
  readonly #contentType: string;
  readonly #pieces: Uint8Array[] = [];
  #sizeBytes = 0;
  #found: BootMap | Refusal | undefined;

  /** @param contentType of the archive, for messages */
  constructor(contentType: string) {
    this.#contentType = contentType;
  }

  /** Takes the next bytes of the archive; those behind its head change nothing. */
  feed(chunk: Uint8Array): BootMapReading {
    if (this.#found !== undefined) return this.#found;
    const rest = chunk.subarray(0, HEAD_BYTES - this.#sizeBytes);
    this.#pieces.push(rest.slice());
    this.#sizeBytes += rest.length;
    return this.#sizeBytes < HEAD_BYTES ? MORE : this.end();
  }

  /** Says that the archive has ended, and what was found. */
  end(): BootMap | Refusal {
    this.#found ??= findIn(joined(this.#pieces, this.#sizeBytes), this.#contentType);
    return this.#found;
  }
}

function findIn(head: Uint8Array, contentType: string): BootMap | Refusal {
  const notFound = refuse(400, "System boot map was not found in request");
  // What does not begin as an archive has no damage, it is none.
  if (membersOf(head.subarray(0, FIRST_HEADER_BYTES), contentType) instanceof ZvmError)
    return notFound;
  const members = membersOf(head, contentType);
  if (members instanceof ZvmError) return streamFault(contentType, members.message);
  const files = members.filter(({ kind, dataOffset, sizeBytes }) => {
    return kind === "file" && dataOffset + sizeBytes <= head.length;
  });
  const [found] = MAP_NAMES.flatMap((name) => files.filter(({ path }) => path === name).slice(-1));
  if (found === undefined) return notFound;
  const { path, dataOffset, sizeBytes } = found;
  return { kind: "boot-map", path, text: head.slice(dataOffset, dataOffset + sizeBytes) };
}

const FIRST_HEADER_BYTES = 512;

function membersOf(head: Uint8Array, name: string): Member[] | ZvmError {
  try {
    const options = { name, membersMax: MEMBERS_MAX, links: "kept", isBeginning: true } as const;
    return indexTar(memorySource(head), options);
  } catch (error) {
    if (error instanceof ZvmError) return error;
    throw error;
  }
}

function streamFault(contentType: string, reason: string): Refusal {
  return refuse(422, `Error reading ${contentType} stream: ${reason}`);
}

/**
 * Unpacks gzip piece by piece, and no more than is asked for. It throws where the packed bytes are
 * damaged, and what reading them throws.
 */
export type Inflate = (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/**
 * The job of an archive that comes as a stream, of which no more is read than its head.
 * @param inflate where it is packed with gzip
 * @throws what reading the stream throws
 */
export async function findBootMap(
  chunks: AsyncIterable<Uint8Array>,
  contentType: string,
  inflate?: Inflate,
): Promise<BootMap | Refusal> {
  const finder = new BootMapFinder(contentType);
  const watched = new WatchedStream(chunks);
  try {
    for await (const chunk of inflate?.(watched.read()) ?? watched.read()) {
      const reading = finder.feed(chunk);
      if (reading.kind !== "more") return reading;
    }
  } catch (error) {
    if (inflate === undefined || watched.hasFailed || !(error instanceof Error)) throw error;
    // The beginning of a packed archive has no proper end, and may hold all that is looked for.
    const found = finder.end();
    return found.kind === "boot-map" ? found : streamFault(contentType, error.message);
  }
  return finder.end();
}

/** Tells failures of a stream from those of whoever reads it. */
class WatchedStream {
  readonly #chunks: AsyncIterable<Uint8Array>;
  hasFailed = false;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks;
  }

  async *read(): AsyncGenerator<Uint8Array, void> {
    const chunks = this.#chunks[Symbol.asyncIterator]();
    try {
      // What a reader throws into `yield` is no failure of the stream.
      for (;;) {
        const { done, value } = await this.#next(chunks);
        if (done === true) return;
        yield value;
      }
    } finally {
      await chunks.return?.();
    }
  }

  async #next(chunks: AsyncIterator<Uint8Array>): Promise<IteratorResult<Uint8Array>> {
    try {
      return await chunks.next();
    } catch (error) {
      this.hasFailed = true;
      throw error;
    }
  }
}
