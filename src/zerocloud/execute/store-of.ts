import type { Exchange, MetadataOf } from "../exchange/index.ts";
import type { ContainerName, JobStore } from "../storage/index.ts";

/** The store in the name of whoever sent a request. */
export type StoreOf = (exchange: Exchange) => JobStore;

/** What a container says to pages of other origins. */
export function metadataOf(store: JobStore, address: ContainerName): MetadataOf {
  return async () => (await store.container(address))?.metadata;
}
