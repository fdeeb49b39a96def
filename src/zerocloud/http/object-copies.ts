import {
  type ByteRange,
  judgeConditions,
  type ObjectAddress,
  type ObjectStat,
  type ObjectTraits,
  parseRange,
  type Store,
} from "../store/index.ts";
import { needAccess } from "./access.ts";
import type { Exchange } from "./exchange.ts";
import { httpDate, saysYes } from "./header-text.ts";
import { metadataHeaders } from "./metadata-headers.ts";
import { ObjectBytes } from "./object-bytes.ts";
import { shownEtag } from "./object-headers.ts";
import { conditionsOf } from "./object-reads.ts";
import { toldTraits } from "./object-traits.ts";
import { refuse } from "./refusal.ts";
import { decodePath, encodePath } from "./target.ts";

/** Copies on the server: `COPY` with `Destination`, `PUT` with `X-Copy-From`. */
export class ObjectCopies {
  readonly #store: Store;
  readonly #nowMs: () => number;

  constructor(store: Store, nowMs: () => number) {
    this.#store = store;
    this.#nowMs = nowMs;
  }

  async copyAway(exchange: Exchange, from: ObjectAddress): Promise<void> {
    const names = namesIn(exchange, "destination", "Destination");
    const account = accountIn(exchange, "destination-account") ?? from.account;
    await this.#copy(exchange, from, { account, ...names });
  }

  async copyHere(exchange: Exchange, to: ObjectAddress): Promise<void> {
    if (exchange.bodyBytes !== 0 && exchange.hasBody) {
      refuse("ZVM_HTTP_REQUEST", "Copy requests require a zero byte body");
    }
    const names = namesIn(exchange, "x-copy-from", "X-Copy-From");
    const account = accountIn(exchange, "x-copy-from-account") ?? to.account;
    await this.#copy(exchange, { account, ...names }, to);
  }

  async #copy(exchange: Exchange, from: ObjectAddress, to: ObjectAddress): Promise<void> {
    await needAccess(exchange, this.#store, "read", from);
    await needAccess(exchange, this.#store, "write", to);
    const source = await this.#store.objects.stat(from);
    if (judgeConditions(source, conditionsOf(exchange)) !== "met") {
      refuse("ZVM_HTTP_PRECONDITION", "A condition on the source of the copy does not hold");
    }
    const traits = toldTraits(exchange, this.#nowMs());
    const freshMetadata = saysYes(exchange.header("x-fresh-metadata"));
    const isAsItIs = exchange.query.get("multipart-manifest") === "get" || !source.isLarge;
    const stat =
      isAsItIs && exchange.header("range") === undefined
        ? await this.#store.objects.copy({ ...traits, from, to, freshMetadata })
        : await this.#copyBytes(exchange, { ...traits, from, to, freshMetadata });
    await answerCopied(exchange, source, stat);
  }

  /** A part of an object, or a large object put together to a plain one. */
  async #copyBytes(exchange: Exchange, request: CopyOfBytes): Promise<ObjectStat> {
    const { from, to, freshMetadata, ...traits } = request;
    const bytes = await ObjectBytes.open(this.#store, exchange, from);
    try {
      const { stat } = bytes;
      const part = partOf(exchange, stat.sizeBytes);
      return await this.#store.objects.put(to, {
        contentType: stat.contentType,
        ...traits,
        metadata: { ...(freshMetadata ? {} : stat.metadata), ...traits.metadata },
        source: bytes.part(part),
        sizeBytes: part.length,
      });
    } finally {
      await bytes.close();
    }
  }
}

interface CopyOfBytes extends ObjectTraits {
  readonly from: ObjectAddress;
  readonly to: ObjectAddress;
  readonly freshMetadata: boolean;
}

function partOf(exchange: Exchange, sizeBytes: number): ByteRange {
  const asked = parseRange(exchange.header("range"), sizeBytes);
  if (asked.kind === "whole") return { offset: 0, length: sizeBytes };
  const [part, ...more] = asked.kind === "parts" ? asked.parts : [];
  if (part === undefined || more.length > 0) {
    refuse("ZVM_HTTP_RANGE", "A copy is of one range that the object has");
  }
  return part;
}

/** @throws ZvmError ZVM_HTTP_PRECONDITION */
function namesIn(
  exchange: Exchange,
  header: string,
  shown: string,
): { readonly container: string; readonly object: string } {
  const path = decodePath(rawHeader(exchange, header) ?? "");
  const [, container = "", object = ""] = /^\/?([^/]+)\/(.+)$/s.exec(path) ?? [];
  if (object !== "") return { container, object };
  const form = "must be of the form <container name>/<object name>";
  return refuse("ZVM_HTTP_PRECONDITION", `${shown} header ${form}`);
}

/** @throws ZvmError ZVM_HTTP_PRECONDITION */
function accountIn(exchange: Exchange, header: string): string | undefined {
  const value = rawHeader(exchange, header);
  if (value === undefined) return undefined;
  const account = decodePath(value);
  if (account !== "" && !account.includes("/")) return account;
  return refuse("ZVM_HTTP_PRECONDITION", "Account name cannot be empty or contain slashes");
}

/** Paths in headers are escaped bytes, as paths of request lines are. */
function rawHeader(exchange: Exchange, header: string): string | undefined {
  const value = exchange.request.headers[header];
  return Array.isArray(value) ? value[0] : value;
}

async function answerCopied(
  exchange: Exchange,
  source: ObjectStat,
  copy: ObjectStat,
): Promise<void> {
  await exchange.answer(201, {
    ...metadataHeaders(copy.metadata, (name) => name.startsWith("x-object-meta-")),
    Etag: shownEtag(copy),
    "Last-Modified": httpDate(copy.modifiedAt),
    "Content-Type": "text/html; charset=UTF-8",
    "X-Copied-From": `${encodePath(source.container)}/${encodePath(source.object)}`,
    "X-Copied-From-Account": encodePath(source.account),
    "X-Copied-From-Last-Modified": httpDate(source.modifiedAt),
  });
}
