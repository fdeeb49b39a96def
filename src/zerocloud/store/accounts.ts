import { ZvmError } from "../../base/index.ts";
import type { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import { shownPath } from "./failure.ts";
import { type Listed, type ListingQuery, listNames, type Names } from "./listing.ts";
import { type Metadata, mergeMetadata } from "./metadata.ts";
import { checkName } from "./names.ts";
import { parseContainer } from "./records.ts";
import type { Stamp, Stamps } from "./stamp.ts";

/** State of an account. */
export interface AccountStat {
  readonly account: string;
  readonly createdAt: Stamp;
  readonly modifiedAt: Stamp;
  readonly containerCount: number;
  readonly objectCount: number;
  /** Of all files that its objects have; a manifest counts with its own size. */
  readonly sizeBytes: number;
  readonly metadata: Metadata;
}

/** A container in the listing of its account. */
export interface ListedContainer {
  readonly name: string;
  readonly objectCount: number;
  readonly sizeBytes: number;
  readonly modifiedAt: Stamp;
}

/** Accounts: names with metadata, which hold containers. */
export class Accounts {
  readonly #database: Database;
  readonly #catalog: Catalog;
  readonly #stamps: Stamps;

  constructor(database: Database, catalog: Catalog, stamps: Stamps) {
    this.#database = database;
    this.#catalog = catalog;
    this.#stamps = stamps;
  }

  /**
   * Makes an account, or changes the metadata of one that is there.
   * @param changes items of metadata; an empty value removes one
   * @returns whether it is new
   * @throws ZvmError ZVM_STORE_NAME, _TEXT, _METADATA
   */
  async create(account: string, changes: Metadata = {}): Promise<boolean> {
    checkName("account", account);
    return await this.#database.change(() => {
      const old = this.#catalog.account(account);
      const modifiedAt = this.#stamps.next(old?.modifiedAt);
      const metadata = mergeMetadata(old?.metadata ?? {}, changes);
      const state = old ?? {
        id: this.#catalog.newId(),
        createdAt: modifiedAt,
        containerCount: 0,
        objectCount: 0,
        sizeBytes: 0,
      };
      this.#catalog.putAccount(account, { ...state, modifiedAt, metadata });
      return old === undefined;
    });
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND */
  async stat(account: string): Promise<AccountStat> {
    const { id: _, ...stat } = this.#catalog.needAccount(account);
    return { account, ...stat };
  }

  /**
   * Changes metadata; an empty value removes an item.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _METADATA
   */
  async update(account: string, changes: Metadata): Promise<void> {
    await this.#database.change(() => {
      const old = this.#catalog.needAccount(account);
      const metadata = mergeMetadata(old.metadata, changes);
      const modifiedAt = this.#stamps.next(old.modifiedAt);
      this.#catalog.putAccount(account, { ...old, modifiedAt, metadata });
    });
  }

  /**
   * Removes an account without containers.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, or ZVM_STORE_CONFLICT where it has containers
   */
  async remove(account: string): Promise<void> {
    await this.#database.change(() => {
      const { containerCount } = this.#catalog.needAccount(account);
      if (containerCount > 0) {
        const message = `The account ${shownPath(account)} has ${containerCount} containers`;
        throw new ZvmError("ZVM_STORE_CONFLICT", message);
      }
      this.#catalog.removeAccount(account);
    });
  }

  /**
   * A page of the account's containers.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _LISTING
   */
  async list(account: string, query: ListingQuery = {}): Promise<Listed<ListedContainer>[]> {
    const { id } = this.#catalog.needAccount(account);
    const names: Names<ListedContainer> = {
      table: this.#database.tables.containers,
      parent: id,
      item: (name, value) => {
        const record = parseContainer(value, shownPath(account, name));
        const { objectCount, sizeBytes, modifiedAt } = record;
        return { name, objectCount, sizeBytes, modifiedAt };
      },
    };
    return await listNames(names, query);
  }
}
