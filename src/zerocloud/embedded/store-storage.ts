import type { FileHandle } from "node:fs/promises";
import { ZvmError } from "../../base/index.ts";
import { type Identity, mayAccess, ownsAccount } from "../access/index.ts";
import { type Listed, type ListRequest, pathOfItem, type StoredItem } from "../plan/index.ts";
import type {
  ItemReading,
  ItemStat,
  ItemUpload,
  LoadedApp,
  Right,
  Storage,
} from "../storage/index.ts";
import {
  type ContainerStat,
  type DynamicObject,
  formatStamp,
  type ObjectAddress,
  type ObjectStat,
  type Store,
} from "../store/index.ts";
import { mayThroughApp } from "./app-access.ts";
import { CollectedPieces, type PieceRules } from "./collected-pieces.ts";
import { type OpenFiles, openFilesOf } from "./open-files.ts";

const META = "x-object-meta-";

/** The embedded store as one sender of jobs sees it: each call asks for the right that it takes. */
export class StoreStorage implements Storage {
  readonly #store: Store;
  readonly #identity: Identity;
  readonly #app: LoadedApp | undefined;
  readonly #openFiles: OpenFiles;

  /**
   * @param app that runs, where the job came from one: containers may let people in through it
   * @param openFiles counts what is read; those of all jobs over the store unless given
   */
  constructor(store: Store, identity: Identity, app?: LoadedApp, openFiles = openFilesOf(store)) {
    this.#store = store;
    this.#identity = identity;
    this.#app = app;
    this.#openFiles = openFiles;
  }

  async list(request: ListRequest): Promise<Listed> {
    try {
      return { names: await this.#names(request) };
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      const isMissing = error.code === "ZVM_STORE_NOT_FOUND" || error.code === "ZVM_STORE_NAME";
      if (isMissing) return { refusal: "missing" };
      return { refusal: error.code === "ZVM_STORE_DENIED" ? "denied" : "failed" };
    }
  }

  async locate(): Promise<undefined> {}

  async stat(item: StoredItem): Promise<ItemStat> {
    const container = await this.#allow(item, "read");
    if (!isObject(item)) return containerStat(container);
    const stat = await this.#store.objects.stat(item);
    return itemStat((await this.#dynamicOf(stat))?.stat ?? stat);
  }

  async read(item: StoredItem): Promise<ItemReading> {
    await this.#allow(item, "read");
    if (!isObject(item)) {
      throw new ZvmError("ZVM_STORE_NOT_FOUND", `${pathOfItem(item)} is a container`);
    }
    const manifest = await this.#store.objects.stat(item);
    const dynamic = await this.#dynamicOf(manifest);
    const { stat, spans } =
      dynamic === undefined
        ? await this.#store.large.read(item)
        : { stat: dynamic.stat, spans: dynamic.spans() };
    const handles: FileHandle[] = [];
    const close = async (): Promise<void> => {
      const open = handles.splice(0);
      this.#openFiles.remove(this.#identity, open.length);
      await closeAll(open);
    };
    try {
      const collected = new CollectedPieces(this.#pieceRules(item), handles);
      await collected.collect(spans);
      return { stat: itemStat(stat), pieces: collected.pieces, close };
    } catch (error) {
      await close();
      throw error;
    }
  }

  #pieceRules(item: ObjectAddress): PieceRules {
    return {
      count: () => this.#openFiles.add(this.#identity),
      allow: async ({ address }) => void (await this.#allow(address, "read")),
      makeFile: () => this.#store.objects.unnamed(item),
    };
  }

  async put(item: StoredItem, request: ItemUpload): Promise<ItemStat> {
    await this.#allow(item, "write");
    if (!isObject(item)) {
      throw new ZvmError("ZVM_STORE_NAME", `${pathOfItem(item)} is a container`);
    }
    const { source, contentType, meta, sizeBytes, etag } = request;
    const stored = await this.#store.objects.put(item, {
      source,
      contentType,
      metadata: Object.fromEntries(
        Object.entries(meta).map(([name, value]) => [`${META}${name}`, value]),
      ),
      ...(sizeBytes !== undefined && { sizeBytes }),
      ...(etag !== undefined && { etag }),
    });
    return itemStat(stored);
  }

  async authorize(item: StoredItem, right: Right): Promise<void> {
    await this.#allow(item, right);
  }

  /** What the manifest of a dynamic large object stands for; undefined for any other object. */
  async #dynamicOf(stat: ObjectStat): Promise<DynamicObject | undefined> {
    if (stat.segments === undefined) return undefined;
    await this.#allow(stat.segments, "list");
    const dynamic = await this.#store.dynamic.measure(stat, stat.segments);
    if (dynamic.isMeasured) return dynamic;
    const message = `${pathOfItem(stat)} has more segments than a job can have open`;
    throw new ZvmError("ZVM_STORE_CONFLICT", message);
  }

  async #names({ account, container, ...query }: ListRequest): Promise<string[]> {
    if (container === undefined) {
      if (!ownsAccount(this.#identityIn(account), account)) throw denied(`/${account}`, "list");
      const listed = await this.#store.accounts.list(account, query);
      return listed.flatMap((line) => ("name" in line ? [line.name] : []));
    }
    await this.#allow({ account, container }, "list");
    const listed = await this.#store.containers.list({ account, container }, query);
    return listed.flatMap((line) => ("name" in line ? [line.name] : []));
  }

  /** @throws ZvmError ZVM_STORE_DENIED; _NOT_FOUND only for who may know */
  async #allow(item: StoredItem, right: Right): Promise<ContainerStat> {
    const container = await this.#containerOf(item, right);
    const identity = this.#identityIn(item.account);
    const may =
      mayAccess(identity, right, container) || mayThroughApp(identity, right, container, this.#app);
    if (!may) throw denied(pathOfItem(item), right);
    return container;
  }

  /**
   * As whom the job reaches an account. Whoever wrote an app must not get at all that its callers
   * may: outside of the account that the job runs in, somebody else's app is what anybody is.
   */
  #identityIn(account: string): Identity {
    const app = this.#app;
    const isOwn = app === undefined || this.#identity.owns === app.account;
    return isOwn || account === app.runsIn ? this.#identity : ANYBODY;
  }

  async #containerOf(item: StoredItem, right: Right): Promise<ContainerStat> {
    try {
      return await this.#store.containers.stat(item);
    } catch (error) {
      const isHidden = !ownsAccount(this.#identityIn(item.account), item.account);
      const isMissing = error instanceof ZvmError && error.code === "ZVM_STORE_NOT_FOUND";
      throw isMissing && isHidden ? denied(pathOfItem(item), right) : error;
    }
  }
}

const ANYBODY: Identity = { names: [] };

function denied(path: string, right: Right): ZvmError {
  return new ZvmError("ZVM_STORE_DENIED", `May not ${right} ${path}`);
}

function isObject(item: StoredItem): item is ObjectAddress {
  return item.object !== undefined;
}

async function closeAll(handles: readonly FileHandle[]): Promise<void> {
  for (const handle of handles) await handle.close();
}

function itemStat(stat: ObjectStat): ItemStat {
  const { account, container, object, sizeBytes, etag, contentType, isLarge, file } = stat;
  const { validRules } = stat;
  return {
    account,
    container,
    object,
    sizeBytes,
    etag,
    contentType,
    timestamp: formatStamp(stat.modifiedAt),
    meta: ownMeta(stat),
    ...(isLarge ? {} : { sha256: file.sha256 }),
    ...(isLarge || validRules === undefined ? {} : { validRules }),
  };
}

function ownMeta({ metadata }: ObjectStat): Record<string, string> {
  const own = Object.entries(metadata).filter(([name]) => name.startsWith(META));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(META.length), value]));
}

/** A container's metadata holds keys and grants: programs do not see it. */
function containerStat({ account, container, sizeBytes, modifiedAt }: ContainerStat): ItemStat {
  const timestamp = formatStamp(modifiedAt);
  const none = { etag: "", contentType: "", meta: {} };
  return { account, container, sizeBytes, timestamp, ...none };
}
