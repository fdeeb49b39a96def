import { Readable } from "node:stream";
import { pathOfItem, type StoredItem } from "../plan/index.ts";
import type { FilePiece, ItemReading, ItemStat, Storage } from "../storage/index.ts";
import { listingLines } from "./listing-file.ts";
import { TOO_LARGE } from "./node-rights.ts";
import { diskWords, Refusal, refused, statusLine } from "./refusal.ts";
import { bytesOfPieces, pathOfFd, type SpooledFile, spool } from "./spooled-file.ts";

/** What a channel reads. */
export type ChannelSource =
  /** A path that this process can open. */
  | { readonly kind: "path"; readonly path: string }
  /** A file that only has a descriptor here. */
  | { readonly kind: "file"; readonly fd: number }
  | { readonly kind: "stream"; readonly stream: Readable };

/** An object, or the listing of a container, as it was when it was opened. */
export class OpenedItem {
  readonly stat: ItemStat;
  readonly #reading: ItemReading;
  readonly #inputBytesMax: number;
  #whole: Promise<SpooledFile> | undefined;

  private constructor(reading: ItemReading, inputBytesMax: number) {
    this.stat = reading.stat;
    this.#reading = reading;
    this.#inputBytesMax = inputBytesMax;
  }

  /** @throws Refusal with the status and text that clients get */
  static async open(read: ReadItem, item: StoredItem, inputBytesMax: number): Promise<OpenedItem> {
    try {
      return new OpenedItem(await read(item, inputBytesMax), inputBytesMax);
    } catch (error) {
      throw notFetched(item, error);
    }
  }

  /** What is known of an item without opening it. @throws as `open` */
  static async stat(storage: Storage, item: StoredItem): Promise<ItemStat> {
    try {
      return await storage.stat(item);
    } catch (error) {
      throw notFetched(item, error);
    }
  }

  get pieces(): readonly FilePiece[] {
    return this.#reading.pieces;
  }

  /** @throws Refusal where it is more than one channel may read */
  judgeSize(): void {
    if (this.stat.sizeBytes > this.#inputBytesMax) throw new Refusal(413, TOO_LARGE);
  }

  /** A whole file in place; else its pieces one after another, or put together in one file. */
  async source(type: 0 | 3): Promise<ChannelSource> {
    const [first, ...more] = this.pieces;
    if (first?.isWholeFile === true && more.length === 0) {
      if (first.isForeign === true) return { kind: "file", fd: first.fd };
      return { kind: "path", path: pathOfFd(first.fd) };
    }
    if (type === 0 && first !== undefined) {
      return { kind: "stream", stream: Readable.from(bytesOfPieces(this.pieces)) };
    }
    return { kind: "path", path: await this.wholePath() };
  }

  /** Path of a file that holds all of it. */
  async wholePath(): Promise<string> {
    const [first, ...more] = this.pieces;
    const isOwn = first?.isWholeFile === true && first.isForeign !== true;
    if (isOwn && more.length === 0) return pathOfFd(first.fd);
    this.#whole ??= spool(bytesOfPieces(this.pieces), this.#inputBytesMax, TOO_LARGE);
    return (await this.#whole).path;
  }

  async close(): Promise<void> {
    const whole = this.#whole;
    this.#whole = undefined;
    await whole?.then(
      (file) => file.close(),
      () => undefined,
    );
    await this.#reading.close();
  }
}

function notFetched(item: StoredItem, error: unknown): Refusal {
  const path = pathOfItem(item);
  return refused(error, (status) => {
    const which = item.object === undefined ? "" : ` ${statusLine(status)}`;
    return `Error${which} while fetching ${path}${diskWords(error)}`;
  });
}

/** Opens an object, or the listing of a container, of no more than so many bytes. */
export type ReadItem = (item: StoredItem, bytesMax: number) => Promise<ItemReading>;

/** Reads out of a store, which has no listings of its own for programs. */
export function readerOf(storage: Storage): ReadItem {
  return async (item, bytesMax) => {
    if (item.object === undefined) return await readListing(storage, item, bytesMax);
    return await storage.read(item);
  };
}

async function readListing(
  storage: Storage,
  item: StoredItem,
  bytesMax: number,
): Promise<ItemReading> {
  const stat = await storage.stat(item);
  const file = await spool(listingLines(storage, item), bytesMax, TOO_LARGE);
  return {
    stat: { ...stat, sizeBytes: file.sizeBytes, contentType: LISTING_TYPE },
    pieces: [file],
    close: async () => file.close(),
  };
}

/** Lines of JSON. */
const LISTING_TYPE = "application/x-ndjson";
