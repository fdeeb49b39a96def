import { chmodSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { keepFromChildren } from "../../zerovm/libc/index.ts";
import { DATABASE_FILE, prepareDatabaseFile } from "./database-file.ts";
import { damaged, hostFailure } from "./failure.ts";
import { type LmdbRoot, type LmdbTable, loadLmdb } from "./lmdb.ts";
import { FILE_MODE } from "./store-files.ts";

/** Keys from `from` on, below `to`, in their order or from the last to the first. */
export interface KeyRange {
  readonly from: Buffer;
  readonly to: Buffer;
  readonly reverse?: boolean;
  readonly limit?: number | undefined;
}

export interface Entry {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** One ordered table of keys and values. Writing is allowed inside `Database.change` only. */
export class Table {
  readonly #table: LmdbTable;

  constructor(table: LmdbTable) {
    this.#table = table;
  }

  /** @throws ZvmError ZVM_STORE_DAMAGED, or _FAILED when the store is closed */
  get(key: Buffer): Buffer | undefined {
    return reading(() => this.#table.get(key));
  }

  put(key: Buffer, value: Buffer): void {
    this.#table.putSync(key, value);
  }

  /** Removes it where it is there. */
  remove(key: Buffer): void {
    this.#table.removeSync(key);
  }

  /** Reads as it goes: leaving the loop early costs nothing. The loop must not wait in between. */
  *entries(range: KeyRange): Generator<Entry> {
    const { from, to, reverse = false, limit } = range;
    if (Buffer.compare(from, to) >= 0) return;
    const entries = reading(() => this.#range({ from, to, reverse, limit })[Symbol.iterator]());
    try {
      for (
        let next = reading(() => entries.next());
        !next.done;
        next = reading(() => entries.next())
      ) {
        yield next.value;
      }
    } finally {
      entries.return?.();
    }
  }

  #range({ from, to, reverse, limit }: KeyRange & { readonly reverse: boolean }) {
    return this.#table.getRange({
      start: reverse ? to : from,
      end: reverse ? from : to,
      reverse,
      exclusiveStart: reverse,
      inclusiveEnd: reverse,
      ...(limit === undefined ? {} : { limit }),
    });
  }
}

/** What LMDB finds wrong with its file, as a failure of the store. */
function databaseFailure(doing: string, cause: unknown): ZvmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return reason.startsWith("MDB_")
    ? damaged(`${doing}: ${reason}`, cause)
    : hostFailure(doing, cause);
}

function reading<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw databaseFailure("Cannot read the database", cause);
  }
}

/** Before and behind every key that we make. */
export const ALL_KEYS: KeyRange = { from: Buffer.from([0]), to: Buffer.from([0xff]) };

const TABLES = [
  "accounts",
  "containers",
  "objects",
  "contents",
  "garbage",
  "expiry",
  "state",
] as const;

type TableName = (typeof TABLES)[number];

/** Address space, not memory and not disk: the file grows as it needs to. */
const MAP_BYTES = 2 ** 36;

/** Changes that one commit takes at most, so that a long queue does not wait for its last one. */
const GROUP_MAX = 256;

interface Change {
  readonly act: () => void;
  readonly fail: (cause: unknown) => void;
  readonly done: () => void;
}

/**
 * The metadata: ordered tables in one LMDB file. A change is in there whole or not at all, and
 * when `change` has resolved it outlives a power cut.
 */
export class Database {
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly #root: LmdbRoot;
  readonly #waiting: Change[] = [];
  #running: Promise<void> | undefined;
  /** Why no change can be made any more. */
  #ended: ZvmError | undefined;
  #isBroken = false;

  private constructor(root: LmdbRoot) {
    this.#root = root;
    this.tables = openTables(root);
  }

  /**
   * Opens or makes the database of a data folder.
   * @param everyPage looks at every page first, which reads the whole file
   * @throws ZvmError ZVM_STORE_DAMAGED where the file is none of LMDB's or is cut short
   */
  static open(folder: string, everyPage = false): Database {
    const path = join(folder, DATABASE_FILE);
    prepareDatabaseFile(path, everyPage);
    try {
      const database = new Database(
        loadLmdb().open({
          path,
          noSubdir: true,
          maxDbs: TABLES.length,
          mapSize: MAP_BYTES,
          // Each commit is written and flushed before its promise resolves: data pages first,
          // then the page that makes them valid.
          overlappingSync: false,
          // One transaction runs at a time, of the changes that gathered meanwhile.
          eventTurnBatching: false,
          keyEncoding: "binary",
          encoding: "binary",
        }),
      );
      hideFromChildren(path);
      // LMDB makes files that every user may read.
      for (const file of [path, `${path}-lock`]) chmodSync(file, FILE_MODE);
      return database;
    } catch (cause) {
      throw databaseFailure(`Cannot open the database ${path}`, cause);
    }
  }

  /**
   * Runs `act` alone, with nothing written in between. It reads and judges, then writes; where it
   * throws, nothing of it was written. Changes that wait are committed together.
   * @returns what `act` returned, when that is on the disk
   * @throws what `act` threw, or ZvmError ZVM_STORE_FULL or ZVM_STORE_FAILED where the commit
   * failed: then the change is not visible
   */
  change<Result>(act: () => Result): Promise<Result> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise<Result>((resolve, reject) => {
      let result: Result;
      this.#waiting.push({
        act: () => {
          result = this.#root.childTransaction(act);
        },
        fail: reject,
        done: () => resolve(result),
      });
      this.#running ??= this.#run();
    });
  }

  /** Waits for the changes under way, then closes the file. */
  async close(): Promise<void> {
    this.#ended ??= new ZvmError("ZVM_STORE_FAILED", "The store is closed");
    await this.#running;
    await this.#root.close();
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, GROUP_MAX);
      const failures = this.#broken(group) ?? (await this.#commit(group));
      for (const [index, change] of group.entries()) {
        if (failures.has(index)) change.fail(failures.get(index));
        else change.done();
      }
    }
    this.#running = undefined;
  }

  /** After a commit whose end is not known, nothing is written until the next start. */
  #broken(group: readonly Change[]): Map<number, unknown> | undefined {
    if (!this.#isBroken) return undefined;
    return new Map([...group.keys()].map((index) => [index, this.#ended]));
  }

  /**
   * A failed commit leaves the database as it was, unless the page that makes a commit valid was
   * hit itself: then LMDB begins no other transaction, which the waiting form never tells.
   */
  #probe(failure: ZvmError): void {
    try {
      this.#root.transactionSync(() => undefined);
    } catch (cause) {
      this.#isBroken = true;
      const message = `The database cannot be written until the next start: ${failure.message}`;
      this.#ended = new ZvmError("ZVM_STORE_FAILED", message, { cause });
    }
  }

  /** @returns why changes of the group failed, by their index */
  async #commit(group: readonly Change[]): Promise<Map<number, unknown>> {
    const failures = new Map<number, unknown>();
    try {
      await this.#root.transactionAsync(() => {
        for (const [index, change] of group.entries()) {
          try {
            change.act();
          } catch (cause) {
            failures.set(index, cause);
          }
        }
      });
    } catch (cause) {
      const failure = await commitFailure(cause);
      this.#probe(failure);
      for (const index of group.keys()) {
        if (!failures.has(index)) failures.set(index, failure);
      }
    }
    return failures;
  }
}

/** A new file gets all its tables in one commit. */
function openTables(root: LmdbRoot): Record<TableName, Table> {
  const open = (name: TableName): [TableName, Table] => {
    return [name, new Table(root.openDB(name, { keyEncoding: "binary", encoding: "binary" }))];
  };
  const opened: [TableName, Table][] = [];
  root.transactionSync(() => {
    opened.push(...TABLES.map(open));
  });
  return Object.fromEntries(opened) as Record<TableName, Table>;
}

/** The library says in a second promise why a commit failed: by an errno of the host. */
async function commitFailure(cause: unknown): Promise<ZvmError> {
  const reason: unknown =
    cause instanceof Error && "commitError" in cause
      ? await Promise.resolve(cause.commitError).catch((error: unknown) => error)
      : cause;
  return hostFailure("Cannot commit to the database", reason);
}

/** LMDB opens its file so that programs started later would have it too. */
function hideFromChildren(path: string): void {
  for (const name of readdirSync("/proc/self/fd")) {
    if (linkOf(name) === path) keepFromChildren(Number(name));
  }
}

function linkOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return undefined;
  }
}
