/** The embedded store as jobs know a store. */
export { headersOf, type LoadedApp, mayExecute } from "./loaded-app.ts";
export { StoreStorage } from "./store-storage.ts";
