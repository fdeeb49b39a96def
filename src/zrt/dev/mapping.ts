import type { ByteString } from "../../base/index.ts";

/** The modes of `[mapping]`: the type that a device shows instead of the one it has. */
export type MappingMode = "pipe" | "char" | "file";

/** How a channel shows: what `[mapping]` says of it, if anything. */
export interface Mapping {
  readonly mode: MappingMode;
  /** O_TRUNC and ftruncate work as on a file. */
  readonly truncate: boolean;
}

/** By alias; a session that takes a guest over may bring others. */
export type Mappings = ReadonlyMap<ByteString, Mapping>;

export const MAPPED_TYPE = { pipe: "fifo", char: "character", file: "file" } as const;
