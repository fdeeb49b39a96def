/** The six calls through which jobs know a store, and what a request for a job asks of it. Pure. */
export type {
  AppTerms,
  ContainerFacts,
  ContainerName,
  JobStore,
  LoadedApp,
  ObjectName,
  OpenedApp,
  OpenedObject,
} from "./job-store.ts";
export type {
  AnyPlace,
  FilePiece,
  ItemPlace,
  ItemReading,
  ItemStat,
  ItemUpload,
  Right,
  Storage,
} from "./storage.ts";
