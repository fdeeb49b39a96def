/** The embedded store as jobs know a store. */
export {
  APP_GRANT,
  type LoadedApp,
  mayExecute,
  mayThroughApp,
  urlOfApp,
} from "./loaded-app.ts";
export { StoreStorage } from "./store-storage.ts";
