/** The embedded store as jobs know a store. */
export { EmbeddedJobStore } from "./embedded-job-store.ts";
export { StoreStorage } from "./store-storage.ts";
