/** The six calls through which jobs know a store. Pure. */
export type {
  FilePiece,
  Host,
  ItemReading,
  ItemStat,
  ItemUpload,
  Right,
  Storage,
} from "./storage.ts";
