import { ZvmError } from "../../base/index.ts";
import { type LoadedApp, StoreStorage } from "../embedded/index.ts";
import type { ObjectItem } from "../request/index.ts";
import type { ItemReading } from "../storage/index.ts";
import type { Identity, Store } from "../store/index.ts";

/** An app that is open, as it was when it was opened. */
export interface OpenedApp {
  readonly app: LoadedApp;
  readonly reading: ItemReading;
}

/** Sees everything: what an app is has to be known before it is known who may use it. */
const OF_SERVER: Identity = { names: [], ownsAll: true };

/**
 * Opens the object that holds a job, for somebody who may read it, by lists of access or through
 * the very object that was opened.
 * @param runsIn the account whose job it is to be
 * @throws ZvmError ZVM_STORE_DENIED, also where only its owner may know that there is none
 */
export async function loadApp(
  store: Store,
  sender: Identity,
  item: ObjectItem,
  runsIn: string,
): Promise<OpenedApp> {
  const reading = await openAny(store, sender, item);
  const app = { ...item, etag: reading.stat.etag, runsIn };
  // Whoever runs an app of another account in his own reads it by his own rights.
  const granted = item.account === runsIn ? app : undefined;
  try {
    await new StoreStorage(store, sender, granted).authorize(item, "read");
    return { app, reading };
  } catch (error) {
    await reading.close();
    throw error;
  }
}

async function openAny(store: Store, sender: Identity, item: ObjectItem): Promise<ItemReading> {
  try {
    return await new StoreStorage(store, OF_SERVER).read(item);
  } catch (error) {
    if (error instanceof ZvmError) await new StoreStorage(store, sender).authorize(item, "read");
    throw error;
  }
}
