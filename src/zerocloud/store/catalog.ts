import type { Database } from "./database.ts";
import { notFound, shownPath } from "./failure.ts";
import { expiryKey, keyOf } from "./keys.ts";
import type { ContainerAddress, ObjectAddress } from "./names.ts";
import {
  type AccountRecord,
  type ContainerRecord,
  encodeRecord,
  type ObjectRecord,
  parseAccount,
  parseContainer,
  parseObject,
} from "./records.ts";
import { Totals } from "./totals.ts";

/** A container with the account that it is in. */
export interface FoundContainer {
  readonly account: AccountRecord;
  readonly container: ContainerRecord;
}

/** An object's place in the tables, whether or not there is one. */
export interface ObjectPlace extends FoundContainer {
  readonly address: ObjectAddress;
  readonly key: Buffer;
  readonly object: ObjectRecord | undefined;
}

const NEXT_ID = Buffer.from("next-id");

/**
 * Records by their addresses. What it reads outside `Database.change` is the state of the last
 * commit; what changes records may be called inside only.
 */
export class Catalog {
  /** Of all accounts. */
  readonly totals: Totals;
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
    this.totals = new Totals(database);
  }

  account(name: string): AccountRecord | undefined {
    const bytes = this.#database.tables.accounts.get(Buffer.from(name));
    return bytes === undefined ? undefined : parseAccount(bytes, shownPath(name));
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND */
  needAccount(name: string): AccountRecord {
    const account = this.account(name);
    if (account === undefined) throw notFound(`account ${shownPath(name)}`);
    return account;
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND where there is no such account */
  container({ account: name, container }: ContainerAddress): ContainerRecord | undefined {
    const account = this.needAccount(name);
    const bytes = this.#database.tables.containers.get(keyOf(account.id, container));
    return bytes === undefined ? undefined : parseContainer(bytes, shownPath(name, container));
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND */
  needContainer(address: ContainerAddress): FoundContainer {
    const account = this.needAccount(address.account);
    const container = this.container(address);
    if (container === undefined) {
      throw notFound(`container ${shownPath(address.account, address.container)}`);
    }
    return { account, container };
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND where there is no such container */
  place(address: ObjectAddress): ObjectPlace {
    const found = this.needContainer(address);
    const key = keyOf(found.container.id, address.object);
    const bytes = this.#database.tables.objects.get(key);
    const object = bytes === undefined ? undefined : parseObject(bytes, shownObject(address));
    return { ...found, address, key, object };
  }

  /** A number that nothing had before. */
  newId(): number {
    const { state } = this.#database.tables;
    const id = Number(state.get(NEXT_ID)?.toString() ?? "1");
    state.put(NEXT_ID, Buffer.from(String(id + 1)));
    return id;
  }

  putAccount(name: string, record: AccountRecord): void {
    this.totals.change(this.account(name), record);
    this.#database.tables.accounts.put(Buffer.from(name), encodeRecord(record));
  }

  removeAccount(name: string): void {
    this.totals.change(this.account(name), undefined);
    this.#database.tables.accounts.remove(Buffer.from(name));
  }

  putContainer(account: AccountRecord, name: string, record: ContainerRecord): void {
    this.#database.tables.containers.put(keyOf(account.id, name), encodeRecord(record));
  }

  removeContainer(account: AccountRecord, name: string): void {
    this.#database.tables.containers.remove(keyOf(account.id, name));
  }

  /** Puts a new object or the next state of one, and counts it; its old content is garbage. */
  putObject(place: ObjectPlace, next: ObjectRecord): void {
    const { objects, contents, expiry } = this.#database.tables;
    const old = place.object;
    objects.put(place.key, encodeRecord(next));
    if (old?.content !== next.content) {
      if (old !== undefined) this.#dropContent(old);
      contents.put(Buffer.from(next.content), place.key);
    }
    if (old?.deleteAtS !== undefined) expiry.remove(expiryKey(old.deleteAtS, place.key));
    if (next.deleteAtS !== undefined) {
      expiry.put(expiryKey(next.deleteAtS, place.key), encodeRecord(place.address));
    }
    this.#count(place, old === undefined ? 1 : 0, next.sizeBytes - (old?.sizeBytes ?? 0));
  }

  /** Removes an object that is there, and counts it; its content is garbage. */
  removeObject(place: ObjectPlace, object: ObjectRecord): void {
    const { objects, expiry } = this.#database.tables;
    objects.remove(place.key);
    this.#dropContent(object);
    if (object.deleteAtS !== undefined) expiry.remove(expiryKey(object.deleteAtS, place.key));
    this.#count(place, -1, -object.sizeBytes);
  }

  #dropContent({ content }: ObjectRecord): void {
    const { contents, garbage } = this.#database.tables;
    contents.remove(Buffer.from(content));
    garbage.put(Buffer.from(content), Buffer.alloc(0));
  }

  #count(place: ObjectPlace, objects: number, bytes: number): void {
    if (objects === 0 && bytes === 0) return;
    const { account, container, address } = place;
    this.putAccount(address.account, {
      ...account,
      objectCount: account.objectCount + objects,
      sizeBytes: account.sizeBytes + bytes,
    });
    this.putContainer(account, address.container, {
      ...container,
      objectCount: container.objectCount + objects,
      sizeBytes: container.sizeBytes + bytes,
    });
  }
}

/** `account/container/object` as messages show it. */
export function shownObject({ account, container, object }: ObjectAddress): string {
  return shownPath(account, container, object);
}
