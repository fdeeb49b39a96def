import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { Contents } from "./contents.ts";
import { judgeFormat, lockFolder } from "./data-folder.ts";
import { ALL_KEYS, Database, type Entry, type Table } from "./database.ts";
import { errnoOf, shownPath } from "./failure.ts";
import { expiringIn, expiryKey, nameIn, parentOf } from "./keys.ts";
import {
  type ObjectRecord,
  parseAccount,
  parseContainer,
  parseObject,
  parseTotals,
} from "./records.ts";
import { HOST_FILES } from "./store-files.ts";
import { TOTALS_KEY } from "./totals.ts";

/** Something in a store that is not as it was written. */
export interface CheckFinding {
  /** `account`, `account/container` or `account/container/object`. */
  readonly path: string;
  readonly problem: string;
}

/** What a check went through. */
export interface CheckTally {
  readonly accounts: number;
  readonly containers: number;
  readonly objects: number;
  readonly sizeBytes: number;
  /** Files that no object names: what a crash left, which the next start removes. */
  readonly leftovers: number;
}

/** What an account or container says it holds, and what was found. */
interface Shelf {
  readonly path: string;
  readonly said: Counts;
  found: Counts;
}

interface Counts {
  readonly containers: number;
  readonly objects: number;
  readonly bytes: number;
}

const NOTHING: Counts = { containers: 0, objects: 0, bytes: 0 };

/** Records read between two waits for their files. */
const PAGE = 200;

/**
 * Checks a store that no process has open: every record, its file with both digests, every count,
 * every index. It changes nothing.
 * @throws ZvmError ZVM_STORE_IN_USE, or _DAMAGED where there is no store that can be opened
 */
export async function checkStore(
  folder: string,
  onFinding: (finding: CheckFinding) => void,
): Promise<CheckTally> {
  const root = resolve(folder);
  await judgeFormat(root);
  const lock = await lockFolder(root);
  try {
    const database = Database.open(root, true);
    try {
      return await new Check(database, new Contents(root, HOST_FILES, 0), onFinding).run();
    } finally {
      await database.close();
    }
  } finally {
    await lock.close();
  }
}

class Check {
  readonly #tables: Database["tables"];
  readonly #contents: Contents;
  readonly #report: (finding: CheckFinding) => void;
  readonly #accounts = new Map<number, Shelf>();
  readonly #containers = new Map<number, Shelf & { readonly account: Shelf }>();

  constructor(database: Database, contents: Contents, onFinding: (finding: CheckFinding) => void) {
    this.#tables = database.tables;
    this.#contents = contents;
    this.#report = onFinding;
  }

  async run(): Promise<CheckTally> {
    for await (const entry of everyEntry(this.#tables.accounts)) this.#account(entry);
    for await (const entry of everyEntry(this.#tables.containers)) this.#container(entry);
    for await (const entry of everyEntry(this.#tables.objects)) await this.#object(entry);
    for (const shelf of [...this.#accounts.values(), ...this.#containers.values()]) {
      this.#count(shelf);
    }
    this.#totals();
    await this.#indexes();
    const found = [...this.#accounts.values()].map((account) => account.found);
    return {
      accounts: this.#accounts.size,
      containers: this.#containers.size,
      objects: found.reduce((sum, { objects }) => sum + objects, 0),
      sizeBytes: found.reduce((sum, { bytes }) => sum + bytes, 0),
      leftovers: await this.#leftovers(),
    };
  }

  #account({ key, value }: Entry): void {
    const path = shownPath(key.toString());
    const record = this.#parsed(path, () => parseAccount(value, path));
    if (record === undefined) return;
    const said = {
      containers: record.containerCount,
      objects: record.objectCount,
      bytes: record.sizeBytes,
    };
    this.#accounts.set(record.id, { path, said, found: NOTHING });
  }

  #container({ key, value }: Entry): void {
    const name = nameIn(key).toString();
    const account = this.#accounts.get(parentOf(key));
    if (account === undefined) {
      this.#report({ path: shownPath("?", name), problem: "the account of the container is gone" });
      return;
    }
    account.found = { ...account.found, containers: account.found.containers + 1 };
    const path = `${account.path}/${shownPath(name)}`;
    const record = this.#parsed(path, () => parseContainer(value, path));
    if (record === undefined) return;
    const said = { containers: 0, objects: record.objectCount, bytes: record.sizeBytes };
    this.#containers.set(record.id, { path, said, found: NOTHING, account });
  }

  async #object({ key, value }: Entry): Promise<void> {
    const name = nameIn(key).toString();
    const container = this.#containers.get(parentOf(key));
    if (container === undefined) {
      const problem = "the container of the object is gone";
      this.#report({ path: shownPath("?", "?", name), problem });
      return;
    }
    const path = `${container.path}/${shownPath(name)}`;
    const record = this.#parsed(path, () => parseObject(value, path));
    for (const shelf of [container, container.account]) {
      const { containers, objects, bytes } = shelf.found;
      shelf.found = { containers, objects: objects + 1, bytes: bytes + (record?.sizeBytes ?? 0) };
    }
    if (record !== undefined) await this.#file(path, key, record);
  }

  async #file(path: string, key: Buffer, record: ObjectRecord): Promise<void> {
    const { content, deleteAtS } = record;
    if (this.#tables.contents.get(Buffer.from(content))?.equals(key) !== true) {
      this.#report({ path, problem: `the index of contents does not have its file ${content}` });
    }
    if (
      deleteAtS !== undefined &&
      this.#tables.expiry.get(expiryKey(deleteAtS, key)) === undefined
    ) {
      this.#report({ path, problem: "the index of times to delete at does not have it" });
    }
    const problem = await this.#digestProblem(record);
    if (problem !== undefined) this.#report({ path, problem });
  }

  async #digestProblem({ content, ...record }: ObjectRecord): Promise<string | undefined> {
    const md5 = createHash("md5");
    const sha256 = createHash("sha256");
    let sizeBytes = 0;
    try {
      const file = await this.#contents.open(content);
      for await (const bytes of file.createReadStream()) {
        sizeBytes += bytes.length;
        md5.update(bytes);
        sha256.update(bytes);
      }
    } catch (cause) {
      const errno = errnoOf(cause);
      return errno === "ENOENT"
        ? `its file ${content} is gone`
        : `its file ${content} cannot be read: ${errno}`;
    }
    if (sizeBytes !== record.sizeBytes) {
      return `its file ${content} has ${sizeBytes} bytes, not ${record.sizeBytes}`;
    }
    const isSame = md5.digest("hex") === record.etag && sha256.digest("hex") === record.sha256;
    return isSame ? undefined : `its file ${content} has other bytes than were stored`;
  }

  #count({ path, said, found }: Shelf): void {
    for (const noun of ["containers", "objects", "bytes"] as const) {
      if (said[noun] === found[noun]) continue;
      this.#report({ path, problem: `it counts ${said[noun]} ${noun} and has ${found[noun]}` });
    }
  }

  /** Against what the accounts say of themselves, which was compared with what they have. */
  #totals(): void {
    const said = this.#tables.state.get(TOTALS_KEY);
    // Folders that were made before there were sums get them with the next change.
    if (said === undefined) return;
    const accounts = [...this.#accounts.values()].map((account) => account.said);
    const sum = (noun: keyof Counts): number => accounts.reduce((all, one) => all + one[noun], 0);
    const totals = parseTotals(said);
    const counted = {
      accounts: this.#accounts.size,
      containers: sum("containers"),
      objects: sum("objects"),
      bytes: sum("bytes"),
    };
    for (const noun of ["accounts", "containers", "objects", "bytes"] as const) {
      if (totals?.[noun] === counted[noun]) continue;
      const problem = `it counts ${totals?.[noun] ?? "no"} ${noun} and has ${counted[noun]}`;
      this.#report({ path: "the store", problem });
    }
  }

  async #indexes(): Promise<void> {
    for await (const { key, value } of everyEntry(this.#tables.contents)) {
      const record = this.#objectAt(value);
      if (record?.content === key.toString()) continue;
      const path = shownPath("?", "?", nameIn(value).toString());
      this.#report({ path, problem: `the index of contents gives it a file that it has not` });
    }
    for await (const { key } of everyEntry(this.#tables.expiry)) {
      const object = expiringIn(key);
      const deleteAtS = this.#objectAt(object)?.deleteAtS;
      if (deleteAtS !== undefined && expiryKey(deleteAtS, object).equals(key)) continue;
      const path = shownPath("?", "?", nameIn(object).toString());
      this.#report({ path, problem: "the index of times to delete at has it at a wrong time" });
    }
  }

  /** The record of an object; undefined where it is damaged, which was said before. */
  #objectAt(key: Buffer): ObjectRecord | undefined {
    const value = this.#tables.objects.get(key);
    if (value === undefined) return undefined;
    try {
      return parseObject(value, "");
    } catch {
      return undefined;
    }
  }

  async #leftovers(): Promise<number> {
    let leftovers = 0;
    for (const folder of [this.#contents.incoming, ...this.#contents.folders()]) {
      for await (const name of HOST_FILES.names(folder)) {
        if (this.#tables.contents.get(Buffer.from(name)) === undefined) leftovers += 1;
      }
    }
    return leftovers;
  }

  #parsed<Type>(path: string, parse: () => Type): Type | undefined {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      this.#report({ path, problem: "its record is damaged" });
      return undefined;
    }
  }
}

/** By pages: a reader that lasts would keep LMDB from using its free pages again. */
async function* everyEntry(table: Table): AsyncGenerator<Entry> {
  for (let from: Buffer | undefined = ALL_KEYS.from; from !== undefined; ) {
    const page: Entry[] = [...table.entries({ ...ALL_KEYS, from, limit: PAGE })];
    yield* page;
    const last = page.at(-1)?.key;
    from = last === undefined ? undefined : Buffer.concat([last, Buffer.from([0])]);
  }
}
