import type { StoreFiles } from "./store-files.ts";

interface Sync {
  readonly running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Brings names in folders to the disk. Those who ask while a flush of their folder runs share the
 * next one: it begins after all their renames, so it has them all.
 */
export class FolderSync {
  readonly #files: StoreFiles;
  readonly #syncs = new Map<string, Sync>();

  constructor(files: StoreFiles) {
    this.#files = files;
  }

  /** Resolves when every name that was in the folder before the call is on the disk. */
  sync(folder: string): Promise<void> {
    const current = this.#syncs.get(folder);
    if (current === undefined) return this.#start(folder);
    const again = (): Promise<void> => this.#start(folder);
    current.next ??= current.running.then(again, again);
    return current.next;
  }

  #start(folder: string): Promise<void> {
    const running = this.#files.syncFolder(folder);
    const sync: Sync = { running, next: undefined };
    this.#syncs.set(folder, sync);
    const forget = (): void => {
      if (this.#syncs.get(folder) === sync && sync.next === undefined) this.#syncs.delete(folder);
    };
    running.then(forget, forget);
    return running;
  }
}
