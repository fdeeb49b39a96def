import { ZvmError } from "../../../base/index.ts";
import { pathOfItem, type StoredItem } from "../../plan/index.ts";
import type { FilePiece, ItemReading, ItemStat, Storage } from "../../storage/index.ts";

/** An item that a worker was handed: what is known of it, and the file that has its bytes. */
export interface HandedItem {
  readonly stat: ItemStat;
  /** Absent where only its SHA-256 came. */
  readonly piece?: FilePiece;
}

/** What a worker has of the store: what came with the order of one node, and nothing else. */
export class HandedStorage implements Storage {
  readonly #items: ReadonlyMap<string, HandedItem>;

  constructor(items: readonly HandedItem[]) {
    this.#items = new Map(items.map((item) => [pathOfItem(item.stat), item]));
  }

  async list(): Promise<never> {
    throw beyond("list");
  }

  async locate(): Promise<undefined> {}

  async stat(item: StoredItem): Promise<ItemStat> {
    return this.#find(item).stat;
  }

  /** @throws ItemLacks where only its SHA-256 came, and that is not kept here any more */
  async read(item: StoredItem): Promise<ItemReading> {
    const { stat, piece } = this.#find(item);
    if (piece === undefined) throw new ItemLacks(pathOfItem(item));
    // The files belong to whoever got the order.
    return { stat, pieces: [piece], close: async () => undefined };
  }

  async put(): Promise<never> {
    throw beyond("put");
  }

  /** The coordinator has asked for every right. */
  async authorize(): Promise<void> {}

  #find(item: StoredItem): HandedItem {
    const path = pathOfItem(item);
    const found = this.#items.get(path);
    if (found !== undefined) return found;
    throw new ZvmError(
      "ZVM_SWIFT_WIRE",
      `The order of a node does not bring ${path}, which it reads`,
    );
  }
}

/** A worker needs the bytes of what an order named by its SHA-256 alone. */
export class ItemLacks extends Error {}

function beyond(call: string): ZvmError {
  return new ZvmError("ZVM_SWIFT_WIRE", `A worker has no store to ${call} in`);
}
