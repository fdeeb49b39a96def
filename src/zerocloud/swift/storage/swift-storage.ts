import { ZvmError } from "../../../base/index.ts";
import { type Listed, type ListRequest, pathOfItem, type StoredItem } from "../../plan/index.ts";
import { Refusal, type SpooledFile, spool, TOO_LARGE } from "../../run/index.ts";
import type {
  AnyPlace,
  ItemPlace,
  ItemReading,
  ItemStat,
  ItemUpload,
  Right,
  Storage,
} from "../../storage/index.ts";
import type { ContainerBook } from "./container-book.ts";
import { readListingPage } from "./listing-page.ts";
import { etagOf, statOf } from "./object-headers.ts";
import type { RightsThroughApp } from "./rights-through-app.ts";
import type { Asker, SwiftAnswer, SwiftCalls, SwiftRequest } from "./swift-calls.ts";
import { isSuccess, itemError, swiftError } from "./swift-errors.ts";
import { rawPath } from "./swift-paths.ts";

export interface SwiftStorageParts {
  readonly calls: SwiftCalls;
  readonly containers: ContainerBook;
  /** How rights come through an app, where the job came from one. */
  readonly rights?: RightsThroughApp;
  /** The most that one object may have that is brought here. */
  readonly inputBytesMax: number;
}

/** Swift asks all replicas: one that was away may have a state of yesterday. */
const NEWEST = { headers: { "X-Newest": "true" } };
const METHODS: Readonly<Record<Right, string>> = { read: "GET", list: "GET", write: "PUT" };

/** A Swift cluster as the sender of one request sees it, through the proxy that brought that. */
export class SwiftStorage implements Storage {
  readonly #calls: SwiftCalls;
  readonly #containers: ContainerBook;
  readonly #rights: RightsThroughApp | undefined;
  readonly #inputBytesMax: number;

  constructor({ calls, containers, rights, inputBytesMax }: SwiftStorageParts) {
    this.#calls = calls;
    this.#containers = containers;
    this.#rights = rights;
    this.#inputBytesMax = inputBytesMax;
  }

  async list({ account, container, prefix, marker, limit }: ListRequest): Promise<Listed> {
    const place = { account, ...(container !== undefined && { container }) };
    try {
      const query = new URLSearchParams({ format: "json", prefix, marker, limit: String(limit) });
      const asker =
        container === undefined
          ? await this.#askerIn(account)
          : await this.#asker({ account, container }, "list");
      const answer = await this.#calls.request(asker, {
        method: "GET",
        path: rawPath(place),
        query: String(query),
      });
      return { names: await readListingPage(answer, `GET ${rawPath(place)}`) };
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      const isMissing = error.code === "ZVM_STORE_NOT_FOUND" || error.code === "ZVM_STORE_NAME";
      if (isMissing) return { refusal: "missing" };
      return { refusal: error.code === "ZVM_STORE_DENIED" ? "denied" : "failed" };
    }
  }

  async locate(where: StoredItem | AnyPlace): Promise<ItemPlace> {
    if ("random" in where) {
      return { ...(await this.#calls.locate(where, 0, where.random)), policy: 0 };
    }
    const { policy } = await this.#containers.facts(where);
    return { ...(await this.#calls.locate(where, policy)), policy };
  }

  async stat(item: StoredItem): Promise<ItemStat> {
    if (item.object === undefined) return await this.#containerStat(item);
    const answer = await this.#object("HEAD", item, "read", NEWEST);
    await drain(answer.body);
    return statOf(item, answer);
  }

  async read(item: StoredItem): Promise<ItemReading> {
    if (item.object === undefined) {
      throw new ZvmError("ZVM_STORE_NOT_FOUND", `${pathOfItem(item)} is a container`);
    }
    const answer = await this.#object("GET", item, "read", NEWEST);
    const stat = statOf(item, answer);
    const file = await this.#spooled(answer, stat);
    return {
      stat: { ...stat, sizeBytes: file.sizeBytes },
      pieces: [file],
      close: async () => file.close(),
    };
  }

  async put(item: StoredItem, upload: ItemUpload): Promise<ItemStat> {
    if (item.object === undefined) {
      throw new ZvmError("ZVM_STORE_NAME", `${pathOfItem(item)} is a container`);
    }
    const { source, sizeBytes, etag, contentType, meta } = upload;
    const named = Object.entries(meta).map(([name, value]) => [`X-Object-Meta-${name}`, value]);
    const answer = await this.#object("PUT", item, "write", {
      headers: {
        ...Object.fromEntries(named),
        "Content-Type": contentType,
        ...(etag !== undefined && { ETag: etag }),
      },
      body: source,
      ...(sizeBytes !== undefined && { bodyBytes: sizeBytes }),
    });
    await drain(answer.body);
    const timestamp = answer.headers.get("x-timestamp") ?? "";
    const { account, container, object } = item;
    const own = { account, container, object, contentType, meta, timestamp };
    return { ...own, sizeBytes: sizeBytes ?? 0, etag: etagOf(answer) };
  }

  async authorize(item: StoredItem, right: Right): Promise<void> {
    const facts = await this.#containers.facts(item);
    // Rights that come through an app are judged where it is chosen who asks.
    await this.#asker(item, right);
    if (this.#rights === undefined) {
      const list = right === "write" ? facts.writeList : facts.readList;
      const path = rawPath(item);
      const { status } = await this.#calls.authorize("sender", METHODS[right], path, list);
      if (!isSuccess(status)) throw await itemError(status, item, right, this.#containers);
    }
    if (facts.status === 404) throw await itemError(404, item, right, this.#containers);
  }

  /** In whose name an item is reached. @throws ZvmError ZVM_STORE_DENIED through an app */
  async #asker(item: StoredItem, right: Right): Promise<Asker> {
    return this.#rights === undefined ? "sender" : await this.#rights.asker(item, right);
  }

  async #askerIn(account: string): Promise<Asker> {
    return this.#rights === undefined ? "sender" : await this.#rights.askerIn(account);
  }

  async #object(
    method: string,
    item: StoredItem,
    right: Right,
    more: Partial<SwiftRequest> = {},
  ): Promise<SwiftAnswer> {
    const asker = await this.#asker(item, right);
    const path = rawPath(item);
    const answer = await this.#calls.request(asker, { method, path, ...more });
    if (isSuccess(answer.status)) return answer;
    await drain(answer.body);
    throw await itemError(answer.status, item, right, this.#containers);
  }

  async #spooled(answer: SwiftAnswer, { sizeBytes }: ItemStat): Promise<SpooledFile> {
    if (sizeBytes > this.#inputBytesMax) {
      await leave(answer.body);
      throw new Refusal(413, TOO_LARGE);
    }
    const file = await spool(answer.body, this.#inputBytesMax, TOO_LARGE);
    const announced = answer.headers.get("content-length");
    if (announced === undefined || Number(announced) === file.sizeBytes) return file;
    file.close();
    throw swiftError(503, `GET, whose ${announced} bytes broke off at ${file.sizeBytes}`);
  }

  async #containerStat(item: StoredItem): Promise<ItemStat> {
    await this.authorize(item, "read");
    const { account, container } = item;
    const { sizeBytes, timestamp } = await this.#containers.facts(item);
    const none = { etag: "", contentType: "", meta: {} };
    return { account, container, sizeBytes, timestamp, ...none };
  }
}

/** Lets go of what nobody wants. It has to have begun: only then it is told of its end. */
async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) break;
}

/** Reads what nobody wants to its end. */
export async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of body) {
    // Answers to such requests are short.
  }
}
