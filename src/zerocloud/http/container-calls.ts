import { ownsAccount, READ_LIST, WRITE_LIST } from "../access/index.ts";
import { type Exchange, type Headers, refuse, senderOf } from "../exchange/index.ts";
import {
  type ContainerAddress,
  type ContainerStat,
  formatStamp,
  type Store,
} from "../store/index.ts";
import { needAccess, needOwner } from "./access.ts";
import { ensureAccount } from "./account-calls.ts";
import { httpDate } from "./header-text.ts";
import { formatOf } from "./listing-format.ts";
import { objectRow } from "./listing-rows.ts";
import { answerListing } from "./listings.ts";
import { metadataChanges, metadataHeaders } from "./metadata-headers.ts";

/** The one policy that there is, by the name that Swift gives its first. */
const POLICY = "Policy-0";

/** Calls on containers. */
export class ContainerCalls {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** HEAD and GET. */
  async list(exchange: Exchange, address: ContainerAddress): Promise<void> {
    await needAccess(exchange, this.#store, "list", address);
    const format = formatOf(exchange);
    const stat = await this.#store.containers.stat(address);
    const isOwner = ownsAccount(await senderOf(exchange), address.account);
    await answerListing(exchange, {
      format,
      headers: containerHeaders(stat, isOwner),
      name: address.container,
      kind: "container",
      page: (query) => this.#store.containers.list(address, query),
      row: objectRow,
    });
  }

  async create(exchange: Exchange, address: ContainerAddress): Promise<void> {
    await needOwner(exchange, address.account);
    const policy = exchange.header("x-storage-policy");
    // An empty one is none, as in Swift.
    if (policy && policy.toLowerCase() !== POLICY.toLowerCase()) {
      refuse("ZVM_HTTP_REQUEST", `Invalid X-Storage-Policy ${JSON.stringify(policy)}`);
    }
    const changes = metadataChanges(exchange, "container");
    await ensureAccount(this.#store, address.account);
    const isNew = await this.#store.containers.create(address, changes);
    await exchange.answer(isNew ? 201 : 202);
  }

  async update(exchange: Exchange, address: ContainerAddress): Promise<void> {
    await needOwner(exchange, address.account);
    await this.#store.containers.update(address, metadataChanges(exchange, "container"));
    await exchange.answer(204);
  }

  async remove(exchange: Exchange, address: ContainerAddress): Promise<void> {
    await needOwner(exchange, address.account);
    await this.#store.containers.remove(address);
    await exchange.answer(204);
  }
}

/** Who may read a container need not know who else may. */
function containerHeaders(stat: ContainerStat, isOwner: boolean): Headers {
  const isShown = (name: string): boolean => isOwner || ![READ_LIST, WRITE_LIST].includes(name);
  return {
    ...metadataHeaders(stat.metadata, isShown),
    "X-Container-Object-Count": stat.objectCount,
    "X-Container-Bytes-Used": stat.sizeBytes,
    "X-Timestamp": formatStamp(stat.createdAt),
    "Last-Modified": httpDate(stat.modifiedAt),
    "X-Storage-Policy": POLICY,
    "Accept-Ranges": "bytes",
  };
}
