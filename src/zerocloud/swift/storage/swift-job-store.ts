import { ZvmError } from "../../../base/index.ts";
import type {
  AppTerms,
  ContainerFacts,
  ContainerName,
  ItemReading,
  ItemStat,
  JobStore,
  LoadedApp,
  ObjectName,
  OpenedApp,
  Storage,
} from "../../storage/index.ts";
import { ContainerBook } from "./container-book.ts";
import { statOf } from "./object-headers.ts";
import type { RequestCalls } from "./request-calls.ts";
import { RightsThroughApp } from "./rights-through-app.ts";
import { SwiftCalls } from "./swift-calls.ts";
import { isSuccess, itemError, swiftError } from "./swift-errors.ts";
import { rawPath } from "./swift-paths.ts";
import { drain, SwiftStorage } from "./swift-storage.ts";

export interface SwiftJobStoreParts {
  readonly requestCalls: RequestCalls;
  /** Who sent the request, for programs and logs. */
  readonly user: string | undefined;
  readonly inputBytesMax: number;
  /** Told that the job goes on; what it gives is called when it is over. */
  readonly keep: () => () => void;
}

/** A Swift cluster as one request for a job reaches it: through the proxy that brought that. */
export class SwiftJobStore implements JobStore {
  readonly #parts: SwiftJobStoreParts;
  readonly #calls: SwiftCalls;
  readonly #containers: ContainerBook;

  constructor(parts: SwiftJobStoreParts) {
    this.#parts = parts;
    this.#calls = new SwiftCalls(parts.requestCalls);
    this.#containers = new ContainerBook(this.#calls);
  }

  async userName(): Promise<string | undefined> {
    return this.#parts.user;
  }

  async storage(app?: LoadedApp): Promise<Storage> {
    return this.#storage(app);
  }

  async mayExecute(account: string, app?: LoadedApp): Promise<boolean> {
    if (await this.owns(account)) return true;
    if (app === undefined || app.account !== account || app.runsIn !== account) return false;
    const { container } = app;
    return await this.#rights(app).grants({ account, container }, "list");
  }

  async owns(account: string): Promise<boolean> {
    const path = rawPath({ account });
    const { status, isOwner } = await this.#calls.authorize("sender", "GET", path, undefined);
    return isSuccess(status) && isOwner;
  }

  async openApp(item: ObjectName, { runsIn, byGrant }: AppTerms): Promise<OpenedApp> {
    const stat = byGrant ? await this.#statOf(item) : await this.#storage().stat(item);
    const app = { ...item, etag: stat.etag, runsIn };
    // Whoever runs an app of another account in his own reads it by his own rights.
    const storage = this.#storage(byGrant && item.account === runsIn ? app : undefined);
    if (byGrant) await storage.authorize(item, "read");
    const read = async (): Promise<ItemReading> => await this.#readAs(stat, item, storage);
    return { app, stat, read, close: async () => undefined };
  }

  /** The bytes of an object that was looked at before, when it was judged who may read it. */
  async #readAs({ etag }: ItemStat, item: ObjectName, storage: Storage): Promise<ItemReading> {
    const reading = await storage.read(item);
    if (reading.stat.etag === etag) return reading;
    await reading.close();
    const message = `/${item.account}/${item.container}/${item.object} is just being replaced`;
    throw new ZvmError("ZVM_STORE_CONFLICT", message);
  }

  async container(address: ContainerName): Promise<ContainerFacts | undefined> {
    const { status, metadata } = await this.#containers.facts(address);
    return isSuccess(status) ? { account: address.account, metadata } : undefined;
  }

  async createContainer({ account, container }: ContainerName): Promise<void> {
    // Whoever calls may have an object of it in hand.
    const path = rawPath({ account, container });
    const answer = await this.#calls.request("sender", { method: "PUT", path });
    await drain(answer.body);
    this.#containers.forget({ account, container });
    if (!isSuccess(answer.status)) throw swiftError(answer.status, `PUT ${path}`);
  }

  keep(): () => void {
    return this.#parts.keep();
  }

  /** What an app is has to be known before it is known who may use it. */
  async #statOf(item: ObjectName): Promise<ItemStat> {
    const answer = await this.#calls.request("trusted", { method: "HEAD", path: rawPath(item) });
    await drain(answer.body);
    if (isSuccess(answer.status)) return statOf(item, answer);
    // Only who may read the container gets to know what is not in it.
    await this.#storage().authorize(item, "read");
    throw await itemError(answer.status, item, "read", this.#containers);
  }

  #storage(app?: LoadedApp): SwiftStorage {
    const { inputBytesMax } = this.#parts;
    return new SwiftStorage({
      calls: this.#calls,
      containers: this.#containers,
      inputBytesMax,
      ...(app !== undefined && { rights: this.#rights(app) }),
    });
  }

  #rights(app: LoadedApp): RightsThroughApp {
    return new RightsThroughApp(this.#calls, this.#containers, app);
  }
}
