import { accessSync, closeSync, constants, fstatSync } from "node:fs";
import { printable, ZvmError } from "../../base/index.ts";
import { HostFolder } from "../../zerovm/image/index.ts";
import type { Listed, ListRequest, StoredItem } from "../plan/index.ts";
import type { ItemReading, ItemStat, ItemUpload, Right, Storage } from "../storage/index.ts";
import { Draft } from "./draft.ts";
import { FolderListings } from "./folder-listings.ts";
import { inFolder, judgeAccount, placeOf, shownItem } from "./folder-place.ts";
import { codeOf, storeError } from "./host-error.ts";
import type { LeftOut } from "./left-out.ts";

/** Files have no type of their own. */
const STANDARD_TYPE = "application/octet-stream";

/**
 * A folder of the host as the account `~` of a store: as `FolderListings` lists it. No link is
 * followed. Files have neither digests nor times nor metadata here, so that the same files give the
 * same results; what a put tells of those is not kept.
 */
export class FolderStorage implements Storage {
  readonly #store: HostFolder;
  readonly #listings: FolderListings;

  /** @throws the host's error where there is no such folder, or it cannot be read */
  constructor(folder: string) {
    this.#store = new HostFolder(folder);
    try {
      this.#listings = new FolderListings(folder);
    } catch (error) {
      this.#store.close();
      throw error;
    }
  }

  /** What was passed by in the folders that were listed. */
  get leftOut(): readonly LeftOut[] {
    return this.#listings.leftOut;
  }

  close(): void {
    this.#listings.close();
    this.#store.close();
  }

  async list(request: ListRequest): Promise<Listed> {
    return await this.#listings.list(request);
  }

  async locate(): Promise<undefined> {}

  async stat(item: StoredItem): Promise<ItemStat> {
    if (item.object === undefined) {
      this.#tryContainer(item);
      return statOf(item, 0);
    }
    const { stat, close } = await this.read(item);
    await close();
    return stat;
  }

  async read(item: StoredItem): Promise<ItemReading> {
    const fd = this.#open(item);
    let isOpen = true;
    const { size: sizeBytes } = fstatSync(fd);
    return {
      stat: statOf(item, sizeBytes),
      pieces: [{ fd, startBytes: 0, sizeBytes, isWholeFile: true }],
      close: async () => {
        if (isOpen) closeSync(fd);
        isOpen = false;
      },
    };
  }

  /** Writes beside the containers and renames, so that a file is there whole or not at all. */
  async put(item: StoredItem, request: ItemUpload): Promise<ItemStat> {
    const shown = shownItem(item);
    const { folders, name } = placeOf(item);
    this.#tryContainer(item);
    try {
      const draft = new Draft(this.#store);
      try {
        const { sizeBytes, etag } = await draft.receive(request, shown);
        inFolder(this.#store, folders, true, (folder) => draft.place(folder, name));
        return { ...statOf(item, sizeBytes), etag, contentType: request.contentType };
      } finally {
        draft.close();
      }
    } catch (error) {
      throw storeError(`Cannot write ${shown}`, inTheWay(error));
    }
  }

  /** Whether the rights of the host let this user do it. */
  async authorize(item: StoredItem, right: Right): Promise<void> {
    this.#tryContainer(item);
    if (right !== "write" || item.object === undefined) return;
    const shown = shownItem(item);
    try {
      mayWriteIn(this.#store);
      this.#tryParents(item);
    } catch (error) {
      throw storeError(`Cannot write ${shown}`, inTheWay(error));
    }
  }

  /** The folders on the way that are there; the first that is not is made later. */
  #tryParents(item: StoredItem): void {
    const { folders } = placeOf(item);
    for (let depth = folders.length; depth > 0; depth -= 1) {
      try {
        inFolder(this.#store, folders.slice(0, depth), false, mayWriteIn);
        return;
      } catch (error) {
        if (codeOf(error) !== "ENOENT") throw error;
      }
    }
  }

  #tryContainer(item: StoredItem): void {
    judgeAccount(item);
    const container = { ...item, object: "any" };
    const { folders } = placeOf(container);
    try {
      inFolder(this.#store, folders, false, () => undefined);
    } catch (error) {
      throw storeError(`Cannot open the container ${printable(item.container)}`, error);
    }
  }

  #open(item: StoredItem): number {
    const shown = shownItem(item);
    const { folders, name } = placeOf(item);
    let fd: number;
    try {
      fd = inFolder(this.#store, folders, false, (folder) => folder.openFile(name));
    } catch (error) {
      throw storeError(`Cannot read ${shown}`, error);
    }
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw new ZvmError("ZVM_STORE_NOT_FOUND", `${shown} is no regular file`);
  }
}

function mayWriteIn(folder: HostFolder): void {
  accessSync(folder.at("."), constants.W_OK | constants.X_OK);
}

/** Something else that stands where a folder would be. */
function inTheWay(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== "ENOTDIR" && code !== "ELOOP") return error;
  return new ZvmError("ZVM_STORE_CONFLICT", `A file or link is in the way (${code})`, {
    cause: error,
  });
}

function statOf(item: StoredItem, sizeBytes: number): ItemStat {
  return { ...item, sizeBytes, etag: "", contentType: STANDARD_TYPE, timestamp: "", meta: {} };
}
