/** What a nexe guest has in its world besides files, as numbers that can be stored. */
export interface NaclState {
  /** How long it has run by its clock, in nanoseconds. */
  readonly ageNs: bigint;
  /** Absent where it has all of its heap. */
  readonly heap?: HeapState;
  readonly sync: readonly SyncState[];
  /** Places of `sync` that are free, in the order in which they became so. */
  readonly freeSync: readonly number[];
  readonly tls: number;
  readonly secondTls: number;
}

/** Addresses, and flags of the pages behind the end of the data, each for a run of them. */
export interface HeapState {
  readonly break: number;
  readonly highestBreak: number;
  readonly runs: readonly { readonly pages: number; readonly flags: number }[];
}

/** Its kind, see `SYNC_KINDS`, and its value: of a mutex, whether it is locked. */
export interface SyncState {
  readonly kind: number;
  readonly value: number;
}
