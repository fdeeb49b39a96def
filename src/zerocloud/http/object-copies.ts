import { decodePath, type Exchange, type Headers, refuse } from "../exchange/index.ts";
import {
  type ByteRange,
  DYNAMIC_MANIFEST,
  isData,
  judgeConditions,
  type ObjectAddress,
  type ObjectStat,
  type ObjectTraits,
  parseRange,
  type Segment,
  type SegmentRequest,
  type Store,
} from "../store/index.ts";
import { needAccess } from "./access.ts";
import { dynamicOf, wantsManifest } from "./dynamic-reads.ts";
import { httpDate, saysYes } from "./header-text.ts";
import { metadataHeaders } from "./metadata-headers.ts";
import { ObjectBytes } from "./object-bytes.ts";
import { shownEtag } from "./object-headers.ts";
import { conditionsOf } from "./object-reads.ts";
import { toldTraits } from "./object-traits.ts";
import type { ProgramMarks } from "./program-marks.ts";
import { needSegments } from "./segment-access.ts";
import { encodePath } from "./target.ts";

/** Copies on the server: `COPY` with `Destination`, `PUT` with `X-Copy-From`. */
export class ObjectCopies {
  readonly #store: Store;
  readonly #nowMs: () => number;
  readonly #marks: ProgramMarks;

  constructor(store: Store, nowMs: () => number, marks: ProgramMarks) {
    this.#store = store;
    this.#marks = marks;
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
    // As in Swift a source that is not there is told of before rights to the destination are.
    const stored = await this.#store.objects.stat(from);
    await needAccess(exchange, this.#store, "write", to);
    await this.#marks.needRoom(exchange, to);
    const dynamic = await dynamicOf(exchange, this.#store, stored);
    const source = dynamic?.stat ?? stored;
    if (judgeConditions(source, conditionsOf(exchange)) !== "met") {
      refuse("ZVM_HTTP_PRECONDITION", "A condition on the source of the copy does not hold");
    }
    const traits = toldTraits(exchange, this.#nowMs());
    const freshMetadata = saysYes(exchange.header("x-fresh-metadata"));
    const isAsItIs = wantsManifest(exchange) || (dynamic === undefined && !source.isLarge);
    const request = { ...traits, from, to, freshMetadata };
    const stat =
      isAsItIs && exchange.header("range") === undefined
        ? await this.#copyWhole(exchange, request, source)
        : await this.#copyBytes(exchange, request);
    const judged = await this.#marks.judged(exchange, stat, stat.contentType);
    await answerCopied(exchange, source, stat, judged);
  }

  async #copyWhole(
    exchange: Exchange,
    request: CopyOfBytes,
    source: ObjectStat,
  ): Promise<ObjectStat> {
    const { from, to } = request;
    const isElsewhere = source.isLarge && from.account !== to.account;
    return isElsewhere
      ? await this.#copyManifest(exchange, request, source)
      : await this.#store.objects.copy(withManifest(request, source));
  }

  /** In another account a manifest names what is there, which is judged as in an upload. */
  async #copyManifest(
    exchange: Exchange,
    request: CopyOfBytes,
    source: ObjectStat,
  ): Promise<ObjectStat> {
    const { from, to, freshMetadata, ...traits } = request;
    const segments = (await this.#store.large.segments(from)).map(segmentRequest);
    await needSegments(exchange, this.#store, to.account, segments);
    return await this.#store.large.put(to, {
      contentType: source.contentType,
      ...traits,
      metadata: { ...(freshMetadata ? {} : source.metadata), ...traits.metadata },
      segments,
    });
  }

  /** A part of an object, or a large object put together to a plain one. */
  async #copyBytes(exchange: Exchange, request: CopyOfBytes): Promise<ObjectStat> {
    const { from, to, freshMetadata, ...traits } = request;
    const bytes = await ObjectBytes.open(this.#store, exchange, from);
    try {
      const { stat, sizeBytes } = bytes;
      const part = partOf(exchange, sizeBytes);
      const { [DYNAMIC_MANIFEST]: _, ...kept } = stat.metadata;
      return await this.#store.objects.put(to, {
        contentType: stat.contentType,
        ...traits,
        metadata: { ...(freshMetadata ? {} : kept), ...traits.metadata },
        source: bytes.part(part),
        ...(part === undefined ? {} : { sizeBytes: part.length }),
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

function segmentRequest(segment: Segment): SegmentRequest {
  if (isData(segment)) return segment;
  const { name, hash, bytes, range } = segment;
  return { path: name, etag: hash, sizeBytes: bytes, range: range ?? null };
}

/** A manifest stays one, whatever metadata its copy has. */
function withManifest(request: CopyOfBytes, { segments, metadata }: ObjectStat): CopyOfBytes {
  const manifest = segments === undefined ? undefined : metadata[DYNAMIC_MANIFEST];
  if (manifest === undefined) return request;
  return { ...request, metadata: { [DYNAMIC_MANIFEST]: manifest, ...request.metadata } };
}

/** @returns undefined for all that an object of unknown size has */
function partOf(exchange: Exchange, sizeBytes: number | undefined): ByteRange | undefined {
  const header = exchange.header("range");
  if (sizeBytes === undefined && header === undefined) return undefined;
  const asked = parseRange(header, sizeBytes ?? 0);
  if (asked.kind === "whole") return { offset: 0, length: sizeBytes ?? 0 };
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
  further: Headers,
): Promise<void> {
  await exchange.answer(201, {
    ...further,
    ...metadataHeaders(copy.metadata, (name) => name.startsWith("x-object-meta-")),
    Etag: shownEtag(copy),
    "Last-Modified": httpDate(copy.modifiedAt),
    "Content-Type": "text/html; charset=UTF-8",
    "X-Copied-From": `${encodePath(source.container)}/${encodePath(source.object)}`,
    "X-Copied-From-Account": encodePath(source.account),
    "X-Copied-From-Last-Modified": httpDate(source.modifiedAt),
  });
}
