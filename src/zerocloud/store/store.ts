import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { lockFile } from "../../zerovm/libc/index.ts";
import { Accounts } from "./accounts.ts";
import { Catalog } from "./catalog.ts";
import { Collector } from "./collector.ts";
import { Containers } from "./containers.ts";
import { Contents } from "./contents.ts";
import { Database } from "./database.ts";
import { damaged, hostFailure } from "./failure.ts";
import { Objects } from "./objects.ts";
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
}

const RESERVE_BYTES = 64 * 2 ** 20;

/** As in Swift: 5 GiB and 2. */
const OBJECT_BYTES_MAX = 5 * 2 ** 30 + 2;

const FORMAT_FILE = "format";
const FORMAT = "zerovm store 1\n";
const NEW_FORMAT_FILE = "format.new";
const LOCK_FILE = "lock";

/** What a start that was cut off at once may have left. */
const BEFORE_FORMAT: readonly string[] = [LOCK_FILE, NEW_FORMAT_FILE];

/** An object store in a folder of this machine; one process at a time has it open. */
export class Store {
  readonly accounts: Accounts;
  readonly containers: Containers;
  readonly objects: Objects;
  readonly #database: Database;
  readonly #collector: Collector;
  readonly #lock: FileHandle;

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
    const lock = await lockFolder(folder, files);
    try {
      await judgeFormat(folder, files);
      const contents = new Contents(folder, files, reserveBytes);
      await contents.prepare();
      const database = Database.open(folder);
      await files.syncFolder(folder);
      const collector = new Collector(database, contents, files);
      await collector.start();
      return new Store({ database, contents, collector, lock, options });
    } catch (cause) {
      await lock.close();
      throw hostFailure(`Cannot open the store ${folder}`, cause);
    }
  }

  /** Waits until what was deleted is off the disk, and a sweep after a crash has ended. */
  async idle(): Promise<void> {
    await this.#collector.idle();
  }

  /** Ends what is under way and closes the store; calls after it fail. */
  async close(): Promise<void> {
    await this.#collector.close();
    await this.#database.close();
    await this.#lock.close();
  }
}

/** The kernel ends the lock with the process: a killed one leaves nothing to clear up. */
async function lockFolder(folder: string, files: StoreFiles): Promise<FileHandle> {
  try {
    await files.makeFolder(folder);
    const lock = await open(join(folder, LOCK_FILE), "a", 0o600);
    if (lockFile(lock.fd)) return lock;
    await lock.close();
  } catch (cause) {
    throw hostFailure(`Cannot lock the store ${folder}`, cause);
  }
  throw new ZvmError("ZVM_STORE_IN_USE", `Another process has the store ${folder} open`);
}

/** A folder with other things is not made a store, and one of a later form is not read. */
async function judgeFormat(folder: string, files: StoreFiles): Promise<void> {
  const found: string[] = [];
  for await (const name of files.names(folder)) if (!BEFORE_FORMAT.includes(name)) found.push(name);
  if (found.length === 0) {
    await writeFormat(folder, files);
    return;
  }
  if (!found.includes(FORMAT_FILE)) throw damaged(`${folder} is not empty and no store`);
  const file = await open(join(folder, FORMAT_FILE));
  try {
    const text = await file.readFile("utf8");
    if (text === FORMAT) return;
    throw damaged(`${folder} is no store of a form that this version knows`);
  } finally {
    await file.close();
  }
}

async function writeFormat(folder: string, files: StoreFiles): Promise<void> {
  const made = join(folder, NEW_FORMAT_FILE);
  await rm(made, { force: true });
  const file = await files.create(made);
  try {
    await file.write(Buffer.from(FORMAT));
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(made, join(folder, FORMAT_FILE));
  await files.syncFolder(folder);
  await files.syncFolder(dirname(folder));
}
