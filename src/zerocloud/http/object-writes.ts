import { type Exchange, type Headers, type HttpLimits, refuse } from "../exchange/index.ts";
import {
  DYNAMIC_MANIFEST,
  type ObjectAddress,
  type ObjectStat,
  type PutRequest,
  type RemoveTerms,
  type Store,
} from "../store/index.ts";
import { needAccess } from "./access.ts";
import { httpDate } from "./header-text.ts";
import { parseSegments } from "./manifest-puts.ts";
import { removeWithSegments } from "./manifest-reads.ts";
import { shownEtag } from "./object-headers.ts";
import { newTraits, toldTraits } from "./object-traits.ts";
import type { ProgramMarks } from "./program-marks.ts";
import { needSegments } from "./segment-access.ts";

/** PUT, POST and DELETE of objects. */
export class ObjectWrites {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #limits: HttpLimits;
  readonly #marks: ProgramMarks;

  constructor(store: Store, nowMs: () => number, limits: HttpLimits, marks: ProgramMarks) {
    this.#store = store;
    this.#marks = marks;
    this.#nowMs = nowMs;
    this.#limits = limits;
  }

  async put(exchange: Exchange, address: ObjectAddress): Promise<void> {
    await needAccess(exchange, this.#store, "write", address);
    if (!exchange.hasBody) refuse("ZVM_HTTP_LENGTH", "Missing Content-Length header");
    await this.#marks.needRoom(exchange, address);
    const traits = newTraits(exchange, this.#nowMs(), address.object);
    const terms = { ...traits, ...uploadTerms(exchange) };
    const isManifest = exchange.query.get("multipart-manifest") === "put";
    const stat = isManifest
      ? await this.#putManifest(exchange, address, terms)
      : await this.#store.objects.put(address, { ...terms, ...sourceOf(exchange) });
    await answerStored(exchange, stat, await this.#marks.judged(exchange, stat, stat.contentType));
  }

  async update(exchange: Exchange, address: ObjectAddress): Promise<void> {
    await needAccess(exchange, this.#store, "write", address);
    await this.#marks.needRoom(exchange, address);
    const traits = toldTraits(exchange, this.#nowMs());
    const stat = await this.#store.objects.update(address, traits);
    await exchange.answer(202, await this.#marks.judged(exchange, stat, traits.contentType));
  }

  async remove(exchange: Exchange, address: ObjectAddress): Promise<void> {
    await needAccess(exchange, this.#store, "write", address);
    const terms = removeTerms(exchange);
    if (exchange.query.get("multipart-manifest") === "delete") {
      if (terms.deleteAtS !== undefined) {
        refuse("ZVM_HTTP_REQUEST", "X-If-Delete-At is for one object, not for its segments too");
      }
      return await removeWithSegments(exchange, this.#store, address);
    }
    await this.#store.objects.remove(address, terms);
    await exchange.answer(204);
  }

  async #putManifest(
    exchange: Exchange,
    address: ObjectAddress,
    terms: Omit<PutRequest, "source">,
  ): Promise<ObjectStat> {
    if (terms.metadata?.[DYNAMIC_MANIFEST] !== undefined) {
      refuse("ZVM_HTTP_REQUEST", "A static large object has no X-Object-Manifest");
    }
    const most = { bytes: this.#limits.manifestBytes, of: "Manifest File" };
    if ((exchange.bodyBytes ?? 0) > most.bytes) {
      refuse("ZVM_HTTP_TOO_LARGE", `${most.of} > ${most.bytes} bytes`);
    }
    const segments = parseSegments(await exchange.wholeBody(most));
    await needSegments(exchange, this.#store, address.account, segments);
    return await this.#store.large.put(address, { ...terms, segments });
  }
}

/** What a removal is held to: Swift's own removal of what is over its time asks so. */
function removeTerms(exchange: Exchange): RemoveTerms {
  const due = exchange.header("x-if-delete-at");
  if (!due) return {};
  if (!/^\d+$/.test(due)) refuse("ZVM_HTTP_REQUEST", "Bad X-If-Delete-At header value");
  return { deleteAtS: Number(due) };
}

/** What an upload is held to. @throws ZvmError ZVM_HTTP_REQUEST */
function uploadTerms(exchange: Exchange): Pick<PutRequest, "etag" | "onlyIfAbsent"> {
  const condition = exchange.header("if-none-match");
  if (condition !== undefined && condition !== "*") {
    refuse("ZVM_HTTP_REQUEST", "If-None-Match only supports *");
  }
  const etag = exchange.header("etag")?.replace(/^"(.*)"$/, "$1");
  return {
    ...(etag ? { etag } : {}),
    ...(condition === undefined ? {} : { onlyIfAbsent: true }),
  };
}

function sourceOf(exchange: Exchange): Pick<PutRequest, "source" | "sizeBytes"> {
  const { bodyBytes } = exchange;
  const source = exchange.body();
  return bodyBytes === undefined ? { source } : { source, sizeBytes: bodyBytes };
}

async function answerStored(exchange: Exchange, stat: ObjectStat, further: Headers): Promise<void> {
  await exchange.answer(201, {
    ...further,
    Etag: shownEtag(stat),
    "Last-Modified": httpDate(stat.modifiedAt),
    "Content-Type": "text/html; charset=UTF-8",
  });
}
