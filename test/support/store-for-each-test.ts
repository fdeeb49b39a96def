import { afterEach, beforeEach } from "vitest";
import type { Store, StoreOptions } from "../../src/zerocloud/store/index.ts";
import { type FreshStore, freshStore } from "./fresh-store.ts";

/** What the store of each test begins with. */
export interface StoreSetUp {
  readonly options?: Partial<StoreOptions>;
  /** Stores what all tests of the file want. */
  readonly fill?: (store: Store) => Promise<unknown>;
}

/** Makes a store in a folder of its own for each test of the file, and removes it afterwards. */
export function storeForEachTest({ options = {}, fill }: StoreSetUp = {}): FreshStore {
  let fresh: FreshStore | undefined;
  const now = (): FreshStore => {
    if (fresh === undefined) throw new Error("No test runs");
    return fresh;
  };
  beforeEach(async () => {
    fresh = await freshStore(options);
    await fill?.(fresh.store);
  });
  afterEach(async () => await now().dispose());
  return {
    get folder() {
      return now().folder;
    },
    get store() {
      return now().store;
    },
    reopen: (changed) => now().reopen(changed),
    dispose: () => now().dispose(),
  };
}
