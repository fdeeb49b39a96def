import { chmod, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isObject } from "../../base/index.ts";
import { type Deferral, headersItemOf, type ObjectItem, swiftUrlOf } from "../request/index.ts";

/** What outlives the server of a deferred job whose result is not in the store yet. */
export interface DeferredRecord {
  readonly id: string;
  readonly account: string;
  readonly transaction: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** Names of the nodes, one for each instance. */
  readonly names: readonly string[];
  readonly deferral: Deferral;
  /** Its result says already that the server was stopped: only the next server has to be told. */
  readonly isTold: boolean;
}

/** A file of the folder: what it holds, or nothing where it is no record of ours. */
export interface FoundRecord {
  readonly file: string;
  readonly record: DeferredRecord | undefined;
}

const ENDING = ".json";
/** What a crash left of a record that was being written. */
const UNFINISHED = ".json.new";
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** Far more than the names of all nodes of a job. */
const RECORD_BYTES_MAX = 16 * 2 ** 20;
/** The last time that a date can be. */
const TIME_MS_MAX = 8.64e15;

/**
 * Deferred jobs that were promised a result, a file for each: whoever was promised one is told
 * after the next start, whatever ended the server.
 */
export class DeferredRecords {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when the record is on the disk. @throws what the host does */
  async keep(record: DeferredRecord): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    const { id } = record;
    const path = this.#pathOf(id);
    const made = join(this.#folder, id + UNFINISHED);
    const file = await open(made, "w", FILE_MODE);
    try {
      await file.writeFile(JSON.stringify(record));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(made, path);
    for (const folder of [this.#folder, dirname(this.#folder)]) await syncFolder(folder);
  }

  /** Told when the result is stored. @param isStopped whether that says that the server stopped */
  async close(id: string, isStopped: boolean): Promise<void> {
    const record = isStopped ? await readRecord(this.#pathOf(id)) : undefined;
    if (record === undefined) await this.drop(id);
    else await this.keep({ ...record, isTold: true });
  }

  async drop(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  /** What earlier servers left behind; it stays until it is dropped. */
  async left(): Promise<FoundRecord[]> {
    const names = await this.#names();
    const found: FoundRecord[] = [];
    for (const name of names.sort()) {
      const file = join(this.#folder, name);
      if (name.endsWith(ENDING)) found.push({ file, record: await readRecord(file) });
      else if (name.endsWith(UNFINISHED)) await rm(file, { force: true, recursive: true });
    }
    return found;
  }

  /** None where there is no folder yet; one that others could look into is closed to them. */
  async #names(): Promise<string[]> {
    try {
      await chmod(this.#folder, FOLDER_MODE);
      return await readdir(this.#folder);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, id + ENDING);
  }
}

/** The names in a folder are on the disk then. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function readRecord(file: string): Promise<DeferredRecord | undefined> {
  try {
    if ((await stat(file)).size > RECORD_BYTES_MAX) return undefined;
    const value: unknown = JSON.parse(await readFile(file, "utf8"));
    return isRecord(value) && isOfOneJob(value, file) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is DeferredRecord {
  if (!isObject(value)) return false;
  const { id, account, transaction, createdMs, names, deferral, isTold } = value;
  const texts = [id, account, transaction];
  return (
    texts.every((text) => typeof text === "string") &&
    Number.isSafeInteger(createdMs) &&
    Math.abs(Number(createdMs)) <= TIME_MS_MAX &&
    Array.isArray(names) &&
    names.every((name) => typeof name === "string") &&
    isObject(deferral) &&
    typeof deferral["url"] === "string" &&
    isItem(deferral["result"]) &&
    isItem(deferral["headers"]) &&
    typeof isTold === "boolean"
  );
}

/**
 * Whether all of a record is about the job that its file is named after. What it says is written
 * with the rights of the server: it must lead to no object of somebody else, and to no other file.
 */
function isOfOneJob({ id, account, deferral }: DeferredRecord, file: string): boolean {
  const { result, headers, url } = deferral;
  const due = headersItemOf(result);
  return (
    basename(file) === id + ENDING &&
    result.account === account &&
    headers.account === account &&
    headers.container === due.container &&
    headers.object === due.object &&
    url === swiftUrlOf(result)
  );
}

function isItem(value: unknown): value is ObjectItem {
  if (!isObject(value)) return false;
  const { account, container, object } = value;
  return [account, container, object].every((name) => typeof name === "string");
}
