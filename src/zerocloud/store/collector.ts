import type { Contents } from "./contents.ts";
import { CONTENT_ID } from "./contents.ts";
import { ALL_KEYS, type Database } from "./database.ts";
import type { StoreFiles } from "./store-files.ts";

/** Contents removed between two commits that forget them. */
const ROUND = 200;

/** Files looked at between two looks whether the store closes. */
const SWEEP_STEP = 100;

const OPENED = Buffer.from("opened");

/**
 * Removes contents that no object names any more. Deleting writes them down in the transaction
 * that takes the object away; the files go afterwards, here, and again after a crash.
 */
export class Collector {
  readonly #database: Database;
  readonly #contents: Contents;
  readonly #files: StoreFiles;
  #closing = false;
  #collecting: Promise<void> | undefined;
  #again = false;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(database: Database, contents: Contents, files: StoreFiles) {
    this.#database = database;
    this.#contents = contents;
    this.#files = files;
  }

  /** Notes that the store is open, and sweeps beside its work where the last end was a crash. */
  async start(): Promise<void> {
    const { state } = this.#database.tables;
    const crashed = state.get(OPENED) !== undefined;
    if (!crashed) await this.#database.change(() => state.put(OPENED, Buffer.from("yes")));
    if (crashed) this.#sweeping = this.#sweep();
    this.collect();
  }

  /** Begins to remove garbage, or sees to it that the round under way takes all there is now. */
  collect(): void {
    this.#again = true;
    this.#collecting ??= this.#collectAll().finally(() => {
      this.#collecting = undefined;
    });
  }

  /**
   * Removes a content after its change failed, where that is certain: a database that can be
   * written says that no object has it. Otherwise it stays until the next start.
   */
  async giveUp(content: string): Promise<void> {
    const { contents } = this.#database.tables;
    const isNamed = await this.#database
      .change(() => contents.get(Buffer.from(content)) !== undefined)
      .catch(() => true);
    if (isNamed) this.#contents.settle(content);
    else await this.#contents.discard(content);
  }

  /** Waits for what is under way and notes that nothing is left to be swept. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.#collecting;
    await this.#sweeping;
    const { state } = this.#database.tables;
    if (this.#swept) await this.#database.change(() => state.remove(OPENED)).catch(() => undefined);
  }

  /** Waits until there is no garbage and the sweep after a crash has ended. */
  async idle(): Promise<void> {
    await this.#sweeping;
    while (this.#collecting !== undefined) await this.#collecting;
  }

  #swept = true;

  async #collectAll(): Promise<void> {
    while (this.#again && !this.#closing) {
      this.#again = false;
      let from: Buffer | undefined = ALL_KEYS.from;
      while (from !== undefined && !this.#closing) from = await this.#collectRound(from);
    }
  }

  /** @returns where the next round begins; undefined when the garbage was gone through */
  async #collectRound(from: Buffer): Promise<Buffer | undefined> {
    const { garbage } = this.#database.tables;
    const keys = [...garbage.entries({ ...ALL_KEYS, from, limit: ROUND })].map(({ key }) => key);
    const last = keys.at(-1);
    if (last === undefined) return undefined;
    const removed = await Promise.all(keys.map((key) => this.#contents.remove(key.toString())));
    const forget = (): void => {
      for (const [index, key] of keys.entries()) if (removed[index]) garbage.remove(key);
    };
    // What cannot be forgotten now is found, and found to be gone, after the next start.
    await this.#database.change(forget).catch(() => undefined);
    return Buffer.concat([last, Buffer.from([0])]);
  }

  /** Uploads that a crash broke off, and contents that it kept from their objects. */
  async #sweep(): Promise<void> {
    this.#swept = false;
    const { contents, garbage } = this.#database.tables;
    const isLeft = (name: string): boolean =>
      CONTENT_ID.test(name) &&
      !this.#contents.isUnderway(name) &&
      contents.get(Buffer.from(name)) === undefined &&
      garbage.get(Buffer.from(name)) === undefined;
    try {
      for (const folder of [this.#contents.incoming, ...this.#contents.folders()]) {
        if (!(await this.#sweepFolder(folder, isLeft))) return;
      }
      this.#swept = true;
    } catch {
      // A folder that cannot be read now is swept after the next start.
    }
  }

  async #sweepFolder(folder: string, isLeft: (name: string) => boolean): Promise<boolean> {
    let seen = 0;
    for await (const name of this.#files.names(folder)) {
      seen += 1;
      if (seen % SWEEP_STEP === 0 && this.#closing) return false;
      if (isLeft(name)) await this.#files.unlink(`${folder}/${name}`).catch(() => undefined);
    }
    return !this.#closing;
  }
}
