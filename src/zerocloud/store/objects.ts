import { ZvmError } from "../../base/index.ts";
import { type Catalog, type ObjectPlace, shownObject } from "./catalog.ts";
import type { Collector } from "./collector.ts";
import type { Contents, Received } from "./contents.ts";
import { ALL_KEYS, type Database } from "./database.ts";
import { damaged, errnoOf, hostFailure, notFound } from "./failure.ts";
import { expiryEnd } from "./keys.ts";
import { parseMetadata } from "./metadata.ts";
import type { ObjectAddress } from "./names.ts";
import {
  type CopyRequest,
  isExpired,
  judgeTraits,
  type ObjectStat,
  type ObjectTraits,
  type OpenedObject,
  type PutRequest,
  statOf,
} from "./object-state.ts";
import { type LargeObject, type ObjectRecord, parseAddress } from "./records.ts";
import type { Stamps } from "./stamp.ts";
import type { UnnamedFile } from "./unnamed-file.ts";

/** Objects that go in one commit. */
const EXPIRY_PAGE = 200;

/** Objects: names in a container with bytes and metadata. A change is seen whole or not at all. */
export class Objects {
  readonly #database: Database;
  readonly #catalog: Catalog;
  readonly #contents: Contents;
  readonly #collector: Collector;
  readonly #stamps: Stamps;
  readonly #sizeBytesMax: number;

  constructor(parts: ObjectParts) {
    this.#database = parts.database;
    this.#catalog = parts.catalog;
    this.#contents = parts.contents;
    this.#collector = parts.collector;
    this.#stamps = parts.stamps;
    this.#sizeBytesMax = parts.sizeBytesMax;
  }

  /**
   * Stores an upload under its name, instead of what was there. When it resolves, the object
   * outlives a power cut.
   * @throws ZvmError ZVM_STORE_NAME, _TEXT, _METADATA, _NOT_FOUND without its container,
   * _CONDITION, _ETAG, _UPLOAD, _TOO_LARGE, _FULL, _BUSY, _FAILED; then nothing has changed
   */
  async put(address: ObjectAddress, request: PutRequest): Promise<ObjectStat> {
    return await this.store(address, request, async () => undefined);
  }

  /**
   * `put` of a file that may be the manifest of a large object.
   * @param largeOf asked when the upload is there
   */
  async store(
    address: ObjectAddress,
    request: PutRequest,
    largeOf: () => Promise<LargeObject | undefined>,
  ): Promise<ObjectStat> {
    const traits = judgeTraits(address, request);
    this.#judgePut(this.#catalog.place(address), request);
    const received = await this.#contents.receive(request.source, {
      sizeBytes: request.sizeBytes,
      etag: request.etag?.toLowerCase(),
      sizeBytesMax: this.#sizeBytesMax,
      shown: shownObject(address),
    });
    return await this.#commit(address, received, async () => {
      const large = await largeOf();
      const next = { ...received, ...traits, ...(large === undefined ? {} : { large }) };
      return await this.#database.change(() => {
        const place = this.#catalog.place(address);
        this.#judgePut(place, request);
        return this.#putNext(place, next);
      });
    });
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND */
  async stat(address: ObjectAddress): Promise<ObjectStat> {
    return statOf(address, this.#need(address));
  }

  /**
   * Opens the object's file for reading in place.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _BUSY, or _DAMAGED where its file is gone
   */
  async open(address: ObjectAddress): Promise<OpenedObject> {
    for (let record = this.#need(address); ; ) {
      try {
        const handle = await this.#contents.open(record.content);
        return { stat: statOf(address, record), handle };
      } catch (cause) {
        const shown = shownObject(address);
        if (errnoOf(cause) !== "ENOENT") throw hostFailure(`Cannot open ${shown}`, cause);
        const now = this.#need(address);
        if (now.content === record.content) {
          throw damaged(`The file of ${shown} is gone: ${record.content}`, cause);
        }
        // It was replaced in between, and what replaced it is as good.
        record = now;
      }
    }
  }

  /**
   * A file for bytes of an object that are in no file of their own, such as those in a manifest.
   * @throws ZvmError ZVM_STORE_BUSY, _FAILED
   */
  async unnamed(address: ObjectAddress): Promise<UnnamedFile> {
    return await this.#contents.unnamed(shownObject(address));
  }

  /** Path of the object's file, for a reader of this host. @throws ZvmError ZVM_STORE_NOT_FOUND */
  async locate(address: ObjectAddress): Promise<string> {
    return this.#contents.pathOf(this.#need(address).content);
  }

  /**
   * Replaces the metadata, as Swift's POST does: what is not told is gone, but for the type.
   * @throws ZvmError ZVM_STORE_NOT_FOUND, _METADATA
   */
  async update(address: ObjectAddress, traits: ObjectTraits): Promise<ObjectStat> {
    const judged = judgeTraits(address, traits);
    return await this.#database.change(() => {
      const place = this.#catalog.place(address);
      const { deleteAtS: _, ...old } = this.#alive(place);
      const contentType = traits.contentType ?? old.contentType;
      return this.#putNext(place, { ...old, ...judged, contentType });
    });
  }

  /**
   * Remembers that the bytes of an object are a valid program, for as long as it has these bytes.
   * @param sha256 of the bytes that were judged
   * @returns whether the object still has them
   * @throws ZvmError ZVM_STORE_FULL, _FAILED
   */
  async markValid(address: ObjectAddress, sha256: string, rules: number): Promise<boolean> {
    return await this.#database.change(() => {
      const place = this.#catalog.place(address);
      if (place.object?.sha256 !== sha256) return false;
      this.#catalog.putObject(place, { ...place.object, validated: { sha256, rules } });
      return true;
    });
  }

  /**
   * Copies an object, its metadata and type included, but for what the request tells anew. The
   * copy of a manifest is a manifest. Bytes are shared where the file system can share them.
   * @throws ZvmError as `put`, and ZVM_STORE_NOT_FOUND without its source
   */
  async copy(request: CopyRequest): Promise<ObjectStat> {
    const { from, to } = request;
    const judged = judgeTraits(to, request);
    this.#catalog.place(to);
    const source = this.#need(from);
    const content = await this.#contents.share(source.content, shownObject(from));
    if (content === undefined) return await this.#copyBytes(request);
    const kept = request.freshMetadata === true ? {} : source.metadata;
    const metadata = parseMetadata({ ...kept, ...judged.metadata });
    const contentType = request.contentType ?? source.contentType;
    return await this.#commit(to, { ...source, content }, () =>
      this.#database.change(() => {
        const { deleteAtS: _, validated: __, ...state } = source;
        const next = { ...state, ...judged, content, metadata, contentType };
        return this.#putNext(this.#catalog.place(to), next);
      }),
    );
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND, or _CONDITION where its time is not the one told */
  async remove(address: ObjectAddress, { deleteAtS }: RemoveTerms = {}): Promise<void> {
    await this.#database.change(() => {
      const place = this.#catalog.place(address);
      const object = this.#alive(place);
      if (deleteAtS !== undefined && object.deleteAtS !== deleteAtS) {
        const message = `The object ${shownObject(address)} is not to be gone at ${deleteAtS}`;
        throw new ZvmError("ZVM_STORE_CONDITION", message);
      }
      this.#catalog.removeObject(place, object);
    });
    this.#collector.collect();
  }

  /**
   * Removes objects whose time is over.
   * @returns how many
   */
  async expire(): Promise<number> {
    let removed = 0;
    for (let found = true; found; ) {
      const count = await this.#expirePage();
      removed += count ?? 0;
      found = count !== undefined;
    }
    if (removed > 0) this.#collector.collect();
    return removed;
  }

  /** @returns undefined where there was nothing left to remove */
  async #expirePage(): Promise<number | undefined> {
    const { expiry } = this.#database.tables;
    const range = { from: ALL_KEYS.from, to: expiryEnd(this.#stamps.nowS()) };
    const due = [...expiry.entries({ ...range, limit: EXPIRY_PAGE })];
    if (due.length === 0) return undefined;
    return await this.#database.change(() => {
      let removed = 0;
      for (const { key, value } of due) {
        // Something else may have been stored under its name since we looked.
        if (expiry.get(key) === undefined) continue;
        expiry.remove(key);
        const place = this.#catalog.place(parseAddress(value));
        if (place.object === undefined) continue;
        this.#catalog.removeObject(place, place.object);
        removed += 1;
      }
      return removed;
    });
  }

  /** What the database has of the object. @throws ZvmError ZVM_STORE_NOT_FOUND */
  #need(address: ObjectAddress): ObjectRecord {
    return this.#alive(this.#catalog.place(address));
  }

  /** @throws ZvmError ZVM_STORE_NOT_FOUND where there is none, or its time is over */
  #alive({ address, object }: ObjectPlace): ObjectRecord {
    if (object !== undefined && !isExpired(object, this.#stamps.nowS())) return object;
    throw notFound(`object ${shownObject(address)}`);
  }

  #judgePut({ address, object }: ObjectPlace, { onlyIfAbsent = false }: PutRequest): void {
    if (!onlyIfAbsent || object === undefined || isExpired(object, this.#stamps.nowS())) return;
    throw new ZvmError("ZVM_STORE_CONDITION", `There is an object ${shownObject(address)}`);
  }

  #putNext(place: ObjectPlace, next: Omit<ObjectRecord, "modifiedAt">): ObjectStat {
    const record = { ...next, modifiedAt: this.#stamps.next(place.object?.modifiedAt) };
    this.#catalog.putObject(place, record);
    return statOf(place.address, record);
  }

  /** Gives a file to its object; where that fails, the file goes. */
  async #commit(
    address: ObjectAddress,
    { content }: Pick<Received, "content">,
    change: () => Promise<ObjectStat>,
  ): Promise<ObjectStat> {
    try {
      const stat = await change();
      this.#contents.settle(content);
      this.#collector.collect();
      return stat;
    } catch (cause) {
      await this.#collector.giveUp(content);
      throw hostFailure(`Cannot store ${shownObject(address)}`, cause);
    }
  }

  async #copyBytes(request: CopyRequest): Promise<ObjectStat> {
    const { stat, handle } = await this.open(request.from);
    const kept = request.freshMetadata === true ? {} : stat.metadata;
    const large = stat.isLarge ? { sizeBytes: stat.sizeBytes, etag: stat.etag } : undefined;
    const put: PutRequest = {
      contentType: stat.contentType,
      ...request,
      metadata: { ...kept, ...request.metadata },
      source: handle.createReadStream(),
      sizeBytes: stat.file.sizeBytes,
      etag: stat.file.etag,
    };
    return await this.store(request.to, put, async () => large);
  }
}

export interface RemoveTerms {
  /** Removes it only where this is the time after which it is gone, in seconds since 1970. */
  readonly deleteAtS?: number;
}

export interface ObjectParts {
  readonly database: Database;
  readonly catalog: Catalog;
  readonly contents: Contents;
  readonly collector: Collector;
  readonly stamps: Stamps;
  /** Of one upload. */
  readonly sizeBytesMax: number;
}
