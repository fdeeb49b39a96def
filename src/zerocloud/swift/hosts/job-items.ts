import { pathOfItem, type StoredItem } from "../../plan/index.ts";
import { OpenedItem, once, readerOf } from "../../run/index.ts";
import type { ItemPlace, ItemStat, Storage } from "../../storage/index.ts";

/** Objects that are looked at at a time: the proxy answers in as many threads. */
const AHEAD = 8;

/** What one job reads: each object looked at once, and brought here at most once. */
export class JobItems {
  readonly #storage: Storage;
  readonly #inputBytesMax: number;
  readonly #stats = new Map<string, Promise<ItemStat>>();
  readonly #places = new Map<string, Promise<ItemPlace | undefined>>();
  readonly #opened = new Map<string, Promise<OpenedItem>>();
  #isClosed = false;

  constructor(storage: Storage, inputBytesMax: number) {
    this.#storage = storage;
    this.#inputBytesMax = inputBytesMax;
  }

  /** @throws Refusal with the status and text that clients get */
  async stat(item: StoredItem): Promise<ItemStat> {
    // A listing is made here: until then its size is nobody's.
    if (item.object === undefined) return (await this.open(item)).stat;
    return await once(this.#stats, pathOfItem(item), () => OpenedItem.stat(this.#storage, item));
  }

  async locate(item: StoredItem): Promise<ItemPlace | undefined> {
    return await once(this.#places, pathOfItem(item), () => this.#storage.locate(item));
  }

  /**
   * Looks at objects some at a time, before somebody wants to know of one after another. What
   * fails is told to whoever asks for it.
   */
  async lookAhead(items: readonly StoredItem[]): Promise<void> {
    const left = items.values();
    const look = async (): Promise<void> => {
      for (const item of left) {
        if (this.#isClosed) return;
        const { notInPlace } = await this.stat(item);
        if (notInPlace === undefined) await this.locate(item);
      }
    };
    await Promise.allSettled(Array.from({ length: AHEAD }, look));
  }

  /** Brings an object, or the listing of a container, here. @throws as `stat` */
  async open(item: StoredItem): Promise<OpenedItem> {
    return await once(this.#opened, pathOfItem(item), () => {
      return OpenedItem.open(readerOf(this.#storage), item, this.#inputBytesMax);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = await Promise.allSettled(this.#opened.values());
    this.#opened.clear();
    for (const one of opened) if (one.status === "fulfilled") await one.value.close();
  }
}
