import { deny, type Exchange, type Headers, senderOf } from "../exchange/index.ts";
import { type AccountStat, formatStamp, type Store } from "../store/index.ts";
import { ifThere, needOwner } from "./access.ts";
import { formatOf } from "./listing-format.ts";
import { containerRow } from "./listing-rows.ts";
import { answerListing } from "./listings.ts";
import { metadataChanges, metadataHeaders } from "./metadata-headers.ts";

interface AccountTarget {
  readonly account: string;
}

/** Calls on accounts. An account is there as soon as its owner looks at it. */
export class AccountCalls {
  readonly #store: Store;
  readonly #isManaged: boolean;

  /** @param isManaged whether owners may make and remove their accounts, not only operators */
  constructor(store: Store, isManaged: boolean) {
    this.#store = store;
    this.#isManaged = isManaged;
  }

  /** HEAD and GET. */
  async list(exchange: Exchange, { account }: AccountTarget): Promise<void> {
    await needOwner(exchange, account);
    const format = formatOf(exchange);
    await ensureAccount(this.#store, account);
    const headers = accountHeaders(await this.#store.accounts.stat(account));
    await answerListing(exchange, {
      format,
      headers,
      name: account,
      kind: "account",
      page: (query) => this.#store.accounts.list(account, query),
      row: containerRow,
    });
  }

  async update(exchange: Exchange, { account }: AccountTarget): Promise<void> {
    await needOwner(exchange, account);
    await this.#store.accounts.create(account, metadataChanges(exchange, "account"));
    await exchange.answer(204);
  }

  async create(exchange: Exchange, { account }: AccountTarget): Promise<void> {
    await this.#needManager(exchange, account);
    const changes = metadataChanges(exchange, "account");
    const isNew = await this.#store.accounts.create(account, changes);
    await exchange.answer(isNew ? 201 : 202);
  }

  async remove(exchange: Exchange, { account }: AccountTarget): Promise<void> {
    await this.#needManager(exchange, account);
    await this.#store.accounts.remove(account);
    await exchange.answer(204);
  }

  async #needManager(exchange: Exchange, account: string): Promise<void> {
    await needOwner(exchange, account);
    const mayManage = this.#isManaged || (await senderOf(exchange)).ownsAll === true;
    if (!mayManage) await deny(exchange);
  }
}

/** Makes an account that its owner is about to use. */
export async function ensureAccount(store: Store, account: string): Promise<void> {
  if ((await ifThere(store.accounts.stat(account))) === undefined) {
    await store.accounts.create(account);
  }
}

function accountHeaders(stat: AccountStat): Headers {
  return {
    ...metadataHeaders(stat.metadata),
    "X-Account-Container-Count": stat.containerCount,
    "X-Account-Object-Count": stat.objectCount,
    "X-Account-Bytes-Used": stat.sizeBytes,
    "X-Timestamp": formatStamp(stat.createdAt),
    "Accept-Ranges": "bytes",
  };
}
