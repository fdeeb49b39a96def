import { createRequire } from "node:module";

/** What we use of lmdb. */
export interface Lmdb {
  open(options: LmdbOptions): LmdbRoot;
}

export interface LmdbOptions {
  readonly path: string;
  readonly maxDbs: number;
  readonly mapSize: number;
  readonly noSubdir: boolean;
  readonly overlappingSync: boolean;
  readonly eventTurnBatching: boolean;
  readonly keyEncoding: "binary";
  readonly encoding: "binary";
}

export interface LmdbTable {
  get(key: Buffer): Buffer | undefined;
  putSync(key: Buffer, value: Buffer): boolean;
  removeSync(key: Buffer): boolean;
  getRange(range: LmdbRange): Iterable<{ readonly key: Buffer; readonly value: Buffer }>;
}

export interface LmdbRange {
  readonly start: Buffer;
  readonly end: Buffer;
  readonly reverse: boolean;
  readonly exclusiveStart: boolean;
  readonly inclusiveEnd: boolean;
  readonly limit?: number;
}

export interface LmdbRoot extends LmdbTable {
  openDB(name: string, options: { keyEncoding: "binary"; encoding: "binary" }): LmdbTable;
  /** Resolves when what the action wrote is on the disk; it runs alone, on this thread. */
  transactionAsync(action: () => void): Promise<void>;
  /** The same, waiting for the disk on this thread. */
  transactionSync(action: () => void): void;
  /** Inside a transaction: what the action wrote is undone where it throws. */
  childTransaction<Result>(action: () => Result): Result;
  close(): Promise<void>;
}

/**
 * Loads the package when a store is opened first: its native code costs every start that has it.
 * @throws Error where there is none for this machine
 */
export function loadLmdb(): Lmdb {
  return createRequire(import.meta.filename)("lmdb") as Lmdb;
}
