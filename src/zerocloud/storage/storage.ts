import type { Located, NotInPlace } from "../placement/index.ts";
import type { Listings, StoredItem } from "../plan/index.ts";

/**
 * All that job parser, planner, scheduler and results know of a store, as one sender of a job sees
 * it: six calls. `list` is that of the planner. A store on one machine and a cluster have the same.
 * Calls throw ZvmError with the codes of the store: ZVM_STORE_NOT_FOUND, ZVM_STORE_DENIED, _FULL …
 */
export interface Storage extends Listings {
  /** Where an item lies; undefined where a store has but this machine, or it lies in parts. */
  locate(where: StoredItem | AnyPlace): Promise<ItemPlace | undefined>;
  /** What is known of an object or container that the sender may read. */
  stat(item: StoredItem): Promise<ItemStat>;
  /** Opens an object in place. What is read stays as it is, whatever becomes of the name. */
  read(item: StoredItem): Promise<ItemReading>;
  /** Stores an object whole or not at all. Asks for the right to write. */
  put(item: StoredItem, request: ItemUpload): Promise<ItemStat>;
  /** @throws ZvmError ZVM_STORE_DENIED where the sender has no such right */
  authorize(item: StoredItem, right: Right): Promise<void>;
}

export type Right = "read" | "list" | "write";

/** Some place for what runs beside no object; the number from 0 up to 1 chooses. */
export interface AnyPlace {
  readonly account: string;
  readonly random: number;
}

/** Where something lies in a cluster, under which of its policies. */
export interface ItemPlace extends Located {
  readonly policy: number;
}

/** State of an object, or of a container where `object` is missing. */
export interface ItemStat extends StoredItem {
  readonly sizeBytes: number;
  /** MD5 in hexadecimal; empty for a container, and where the store keeps none. */
  readonly etag: string;
  readonly contentType: string;
  /** Seconds since 1970 with five decimals, as Swift writes them; empty where it keeps none. */
  readonly timestamp: string;
  /** User metadata without its prefix, names in lower case. */
  readonly meta: Readonly<Record<string, string>>;
  /** SHA-256 of the bytes in hexadecimal, where the store knows it. */
  readonly sha256?: string;
  /** Why its bytes are not those of one file that lies somewhere. */
  readonly notInPlace?: NotInPlace;
  /** Number of the rules by which the bytes were found to be a program when they were stored. */
  readonly validRules?: number;
}

/** An object that is open: the pieces of files that it is, one after another. */
export interface ItemReading {
  readonly stat: ItemStat;
  readonly pieces: readonly FilePiece[];
  /** Closes the descriptors; may be called more than once. */
  close(): Promise<void>;
}

/** Bytes of a file that is open for reading. */
export interface FilePiece {
  readonly fd: number;
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Whether the piece is the whole file, which can then be handed on as it is. */
  readonly isWholeFile: boolean;
  /** Opened by somebody else: this process may not open the file anew. */
  readonly isForeign?: true;
}

export interface ItemUpload {
  readonly source: AsyncIterable<Uint8Array>;
  readonly sizeBytes?: number;
  /** MD5 in hexadecimal, compared with what arrives. */
  readonly etag?: string;
  readonly contentType: string;
  readonly meta: Readonly<Record<string, string>>;
}
