import { ZvmError } from "../../base/index.ts";
import { type Identity, ownsAccount, userName } from "../access/index.ts";
import { pathOfItem } from "../plan/index.ts";
import type {
  AppTerms,
  ContainerFacts,
  ContainerName,
  ItemReading,
  JobStore,
  LoadedApp,
  ObjectName,
  OpenedApp,
  Storage,
} from "../storage/index.ts";
import type { Store } from "../store/index.ts";
import { mayThroughApp } from "./app-access.ts";
import { StoreStorage } from "./store-storage.ts";

/** Sees everything: what an app is has to be known before it is known who may use it. */
const OF_SERVER: Identity = { names: [], ownsAll: true };

/** The embedded store as requests for jobs use it. */
export class EmbeddedJobStore implements JobStore {
  readonly #store: Store;
  readonly #senderOf: () => Promise<Identity>;

  /** @param senderOf finds out who asks, when that is to be known */
  constructor(store: Store, senderOf: () => Promise<Identity>) {
    this.#store = store;
    this.#senderOf = senderOf;
  }

  /** For the server itself, which may do everything. */
  static ofServer(store: Store): EmbeddedJobStore {
    return new EmbeddedJobStore(store, async () => OF_SERVER);
  }

  async userName(): Promise<string | undefined> {
    return userName(await this.#senderOf());
  }

  async storage(app?: LoadedApp): Promise<Storage> {
    return new StoreStorage(this.#store, await this.#senderOf(), app);
  }

  async mayExecute(account: string, app?: LoadedApp): Promise<boolean> {
    const sender = await this.#senderOf();
    if (ownsAccount(sender, account)) return true;
    if (app === undefined || app.account !== account || app.runsIn !== account) return false;
    const container = await this.container(app).catch(() => undefined);
    return container !== undefined && mayThroughApp(sender, "list", container, app);
  }

  async owns(account: string): Promise<boolean> {
    return ownsAccount(await this.#senderOf(), account);
  }

  async openApp(item: ObjectName, { runsIn, byGrant }: AppTerms): Promise<OpenedApp> {
    const reading = byGrant
      ? await this.#readByGrant(item, runsIn)
      : await (await this.storage()).read(item);
    const { stat } = reading;
    const app = { ...item, etag: stat.etag, runsIn };
    return { app, stat, read: async () => reading, close: () => reading.close() };
  }

  async #readByGrant(item: ObjectName, runsIn: string): Promise<ItemReading> {
    const reading = await this.#openAny(item);
    const app = { ...item, etag: reading.stat.etag, runsIn };
    // Whoever runs an app of another account in his own reads it by his own rights.
    const granted = item.account === runsIn ? app : undefined;
    try {
      await (await this.storage(granted)).authorize(item, "read");
      return reading;
    } catch (error) {
      await reading.close();
      throw error;
    }
  }

  async #openAny(item: ObjectName): Promise<ItemReading> {
    try {
      return await new StoreStorage(this.#store, OF_SERVER).read(item);
    } catch (error) {
      if (error instanceof ZvmError) await (await this.storage()).authorize(item, "read");
      throw error;
    }
  }

  async container({ account, container }: ContainerName): Promise<ContainerFacts | undefined> {
    try {
      return await this.#store.containers.stat({ account, container });
    } catch (error) {
      if (error instanceof ZvmError && error.code === "ZVM_STORE_NOT_FOUND") return undefined;
      throw error;
    }
  }

  async createContainer({ account, container }: ContainerName): Promise<void> {
    const address = { account, container };
    if (!(await this.owns(account))) {
      throw new ZvmError("ZVM_STORE_DENIED", `May not make ${pathOfItem(address)}`);
    }
    await this.#store.containers.create(address);
  }

  /** The store is there for as long as the server is. */
  keep(): () => void {
    return () => undefined;
  }
}
