import { ZvmError } from "../../base/index.ts";
import type { Catalog } from "./catalog.ts";
import type { Database } from "./database.ts";
import { shownPath } from "./failure.ts";
import { type Listed, type ListingQuery, listNames, type Names } from "./listing.ts";
import { type Metadata, mergeMetadata } from "./metadata.ts";
import { type ContainerAddress, checkContainerAddress } from "./names.ts";
import { parseObject } from "./records.ts";
import type { Stamp, Stamps } from "./stamp.ts";

/** State of a container. */
export interface ContainerStat extends ContainerAddress {
  readonly createdAt: Stamp;
  readonly modifiedAt: Stamp;
  readonly objectCount: number;
  /** Of all files that its objects have; a manifest counts with its own size. */
  readonly sizeBytes: number;
  /** Access lists are items of it, `x-container-read` and `x-container-write`. */
  readonly metadata: Metadata;
}

/** An object in the listing of its container. */
export interface ListedObject {
  readonly name: string;
  /** What a reader gets: of a large object all segments together, as in Swift. */
  readonly sizeBytes: number;
  /** MD5 of the file; of a large object that of its manifest. */
  readonly etag: string;
  /** The etag that a reader of a large object gets. */
  readonly largeEtag?: string;
  readonly contentType: string;
  readonly modifiedAt: Stamp;
}

/** Containers: names in an account with metadata, which hold objects. */
export class Containers {
  readonly #database: Database;
  readonly #catalog: Catalog;
  readonly #stamps: Stamps;

  constructor(database: Database, catalog: Catalog, stamps: Stamps) {
    this.#database = database;
    this.#catalog = catalog;
    this.#stamps = stamps;
  }

  /**
   * Makes a container, or changes the metadata of one that is there.
   * @param changes items of metadata; an empty value removes one
   * @returns whether it is new
   * @throws ZvmError ZVM_STORE_NAME, _TEXT, _METADATA, or _NOT_FOUND without its account
   */
  async create(address: ContainerAddress, changes: Metadata = {}): Promise<boolean> {
    checkContainerAddress(address);
    return await this.#database.change(() => {
      const account = this.#catalog.needAccount(address.account);
      const old = this.#catalog.container(address);
      const modifiedAt = this.#stamps.next(old?.modifiedAt);
      const metadata = mergeMetadata(old?.metadata ?? {}, changes);
      const state = old ?? {
        id: this.#catalog.newId(),
        createdAt: modifiedAt,
        objectCount: 0,
        sizeBytes: 0,
      };
      this.#catalog.putContainer(account, address.container, { ...state, modifiedAt, metadata });
      if (old === undefined) {
        const containerCount = account.containerCount + 1;
        this.#catalog.putAccount(address.account, { ...account, containerCount });
      }
      return old === undefined;
    });
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND */
  async stat({ account, container }: ContainerAddress): Promise<ContainerStat> {
    const { id: _, ...stat } = this.#catalog.needContainer({ account, container }).container;
    return { account, container, ...stat };
  }

  /**
   * Changes metadata; an empty value removes an item.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _METADATA
   */
  async update(address: ContainerAddress, changes: Metadata): Promise<void> {
    await this.#database.change(() => {
      const { account, container: old } = this.#catalog.needContainer(address);
      const metadata = mergeMetadata(old.metadata, changes);
      const modifiedAt = this.#stamps.next(old.modifiedAt);
      this.#catalog.putContainer(account, address.container, { ...old, modifiedAt, metadata });
    });
  }

  /**
   * Removes a container without objects.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, or ZVM_STORE_CONFLICT where it has objects
   */
  async remove(address: ContainerAddress): Promise<void> {
    await this.#database.change(() => {
      const { account, container } = this.#catalog.needContainer(address);
      if (container.objectCount > 0) {
        const shown = shownPath(address.account, address.container);
        const message = `The container ${shown} has ${container.objectCount} objects`;
        throw new ZvmError("ZVM_STORE_CONFLICT", message);
      }
      this.#catalog.removeContainer(account, address.container);
      const containerCount = account.containerCount - 1;
      this.#catalog.putAccount(address.account, { ...account, containerCount });
    });
  }

  /**
   * A page of the container's objects.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _LISTING
   */
  async list(address: ContainerAddress, query: ListingQuery = {}): Promise<Listed<ListedObject>[]> {
    const { container } = this.#catalog.needContainer(address);
    const names: Names<ListedObject> = {
      table: this.#database.tables.objects,
      parent: container.id,
      item: (name, value) => listedObject(address, name, value),
    };
    return await listNames(names, query);
  }
}

function listedObject(address: ContainerAddress, name: string, value: Buffer): ListedObject {
  const record = parseObject(value, shownPath(address.account, address.container, name));
  const { sizeBytes, etag, contentType, modifiedAt, large } = record;
  const line = { name, sizeBytes, etag, contentType, modifiedAt };
  return large === undefined
    ? line
    : { ...line, sizeBytes: large.sizeBytes, largeEtag: large.etag };
}
