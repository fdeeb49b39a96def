import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { Accounts } from "./accounts.ts";
import { Catalog } from "./catalog.ts";
import { Collector } from "./collector.ts";
import { Containers } from "./containers.ts";
import { Contents } from "./contents.ts";
import { isToBeMade, lockFolder, makeFolder, writeFormat } from "./data-folder.ts";
import { Database } from "./database.ts";
import { DynamicObjects, MEASURED_SEGMENTS } from "./dynamic-objects.ts";
import { hostFailure } from "./failure.ts";
import { LargeObjects } from "./large-objects.ts";
import { Objects } from "./objects.ts";
import type { StoreTotals } from "./records.ts";
import { Stamps } from "./stamp.ts";
import { HOST_FILES, type StoreFiles } from "./store-files.ts";

export interface StoreOptions {
  /** The data folder; it is made where it is not there. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly nowMs?: () => number;
  readonly files?: StoreFiles;
  /** Bytes of the disk that uploads leave free, so that deleting can be written down. */
  readonly reserveBytes?: number;
  /** Bytes of one upload. */
  readonly objectBytesMax?: number;
  /** Segments that a dynamic large object may have to have a size. */
  readonly measuredSegments?: number;
}

const RESERVE_BYTES = 64 * 2 ** 20;

/** As in Swift: 5 GiB and 2. */
const OBJECT_BYTES_MAX = 5 * 2 ** 30 + 2;

/** An object store in a folder of this machine; one process at a time has it open. */
export class Store {
  readonly accounts: Accounts;
  readonly containers: Containers;
  readonly objects: Objects;
  readonly large: LargeObjects;
  readonly dynamic: DynamicObjects;
  /** Bytes of the largest upload. */
  readonly objectBytesMax: number;
  readonly #catalog: Catalog;
  readonly #database: Database;
  readonly #collector: Collector;
  readonly #lock: FileHandle;
  #closing: Promise<void> | undefined;

  private constructor(parts: {
    readonly database: Database;
    readonly contents: Contents;
    readonly collector: Collector;
    readonly lock: FileHandle;
    readonly options: StoreOptions;
  }) {
    const { database, contents, collector, options } = parts;
    const catalog = new Catalog(database);
    const stamps = new Stamps(options.nowMs ?? Date.now);
    const sizeBytesMax = options.objectBytesMax ?? OBJECT_BYTES_MAX;
    this.accounts = new Accounts(database, catalog, stamps);
    this.containers = new Containers(database, catalog, stamps);
    const objectParts = { database, catalog, contents, collector, stamps, sizeBytesMax };
    this.objects = new Objects(objectParts);
    this.large = new LargeObjects(this.objects);
    this.dynamic = new DynamicObjects(
      this.containers,
      this.large,
      options.measuredSegments ?? MEASURED_SEGMENTS,
    );
    this.objectBytesMax = sizeBytesMax;
    this.#catalog = catalog;
    this.#database = database;
    this.#collector = collector;
    this.#lock = parts.lock;
  }

  /**
   * Opens the store of a data folder, or makes one in an empty folder.
   * @throws ZvmError ZVM_STORE_IN_USE, _DAMAGED, _FULL, _BUSY, _FAILED
   */
  static async open(options: StoreOptions): Promise<Store> {
    const { files = HOST_FILES, reserveBytes = RESERVE_BYTES } = options;
    const folder = resolve(options.folder);
    await makeFolder(folder, files);
    // A folder of somebody else does not even get our lock.
    await isToBeMade(folder, files);
    const lock = await lockFolder(folder);
    try {
      const isNew = await isToBeMade(folder, files);
      const contents = new Contents(folder, files, reserveBytes);
      await contents.prepare();
      const database = Database.open(folder);
      try {
        if (isNew) await writeFormat(folder, files);
        const collector = new Collector(database, contents, files);
        await collector.start();
        return new Store({ database, contents, collector, lock, options });
      } catch (cause) {
        await database.close();
        throw cause;
      }
    } catch (cause) {
      await lock.close();
      throw hostFailure(`Cannot open the store ${folder}`, cause);
    }
  }

  /** What all accounts have together, in a time that does not grow with them. */
  totals(): StoreTotals {
    return this.#catalog.totals.read();
  }

  /** Waits until what was deleted is off the disk, and a sweep after a crash has ended. */
  async idle(): Promise<void> {
    await this.#collector.idle();
  }

  /** Ends what is under way and closes the store; calls after it fail. */
  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    await this.#collector.close();
    await this.#database.close();
    await this.#lock.close();
  }
}
