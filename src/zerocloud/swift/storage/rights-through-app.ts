import { ZvmError } from "../../../base/index.ts";
import { pathOfItem, type StoredItem } from "../../plan/index.ts";
import { appGrant } from "../../request/index.ts";
import { once } from "../../run/index.ts";
import type { LoadedApp, Right } from "../../storage/index.ts";
import type { ContainerBook } from "./container-book.ts";
import type { Asker, SwiftCalls } from "./swift-calls.ts";
import { isSuccess } from "./swift-errors.ts";
import { rawPath } from "./swift-paths.ts";

/** What a job may reach that came from an app: the sender's rights, less and more. */
export class RightsThroughApp {
  readonly #calls: SwiftCalls;
  readonly #containers: ContainerBook;
  readonly #app: LoadedApp;
  readonly #askers = new Map<string, Promise<Asker | undefined>>();
  #isOwnApp: Promise<boolean> | undefined;

  constructor(calls: SwiftCalls, containers: ContainerBook, app: LoadedApp) {
    this.#calls = calls;
    this.#containers = containers;
    this.#app = app;
  }

  /**
   * As whom the job reaches an account. Whoever wrote an app must not get at all that its callers
   * may: outside of the account that the job runs in, somebody else's app is what anybody is.
   */
  async askerIn(account: string): Promise<"sender" | "nobody"> {
    const { runsIn, account: home } = this.#app;
    if (account === runsIn) return "sender";
    this.#isOwnApp ??= this.#calls
      .authorize("sender", "GET", rawPath({ account: home }), undefined)
      .then(({ isOwner }) => isOwner);
    return (await this.#isOwnApp) ? "sender" : "nobody";
  }

  /** In whose name an item is reached. @throws ZvmError ZVM_STORE_DENIED */
  async asker(item: StoredItem, right: Right): Promise<Asker> {
    const key = `${item.account}/${item.container} ${right}`;
    const asker = await once(this.#askers, key, () => this.#ask(item, right));
    if (asker !== undefined) return asker;
    throw new ZvmError("ZVM_STORE_DENIED", `May not ${right} ${pathOfItem(item)}`);
  }

  /** Whether a container lets the sender in through the app, whatever other rights he has. */
  async grants(item: StoredItem, right: Right): Promise<boolean> {
    const { account, container } = item;
    const { metadata } = await this.#containers.facts({ account, container });
    const list = appGrant({ account, metadata }, this.#app);
    if (list === undefined) return false;
    // One list says who, whatever they want to do; it may name referrers also for writing.
    const path = rawPath(right === "list" ? { account, container } : item);
    return isSuccess((await this.#calls.authorize("sender", "GET", path, list)).status);
  }

  async #ask(item: StoredItem, right: Right): Promise<Asker | undefined> {
    const { account, container } = item;
    const base = await this.askerIn(account);
    const { readList, writeList } = await this.#containers.facts({ account, container });
    const [method, list] = right === "write" ? ["PUT", writeList] : ["GET", readList];
    const path = rawPath(right === "list" ? { account, container } : item);
    const { status } = await this.#calls.authorize(base, method ?? "GET", path, list);
    if (isSuccess(status)) return base;
    return (await this.grants(item, right)) ? "trusted" : undefined;
  }
}
