import type { Exchange, Headers } from "../exchange/index.ts";
import {
  type Conditions,
  judgeConditions,
  type ObjectAddress,
  type ObjectStat,
  parseRange,
  type RangeRequest,
  type Store,
} from "../store/index.ts";
import { needAccess } from "./access.ts";
import { dynamicOf, wantsManifest } from "./dynamic-reads.ts";
import { httpDate } from "./header-text.ts";
import { answerManifest } from "./manifest-reads.ts";
import { multipartOf, rangeText } from "./multipart.ts";
import { ObjectBytes } from "./object-bytes.ts";
import { objectHeaders } from "./object-headers.ts";
import type { ProgramMarks } from "./program-marks.ts";

/** HEAD and GET of objects. */
export class ObjectReads {
  readonly #store: Store;
  readonly #marks: ProgramMarks;

  constructor(store: Store, marks: ProgramMarks) {
    this.#store = store;
    this.#marks = marks;
  }

  async read(exchange: Exchange, address: ObjectAddress): Promise<void> {
    await needAccess(exchange, this.#store, "read", address);
    if (exchange.method === "HEAD") {
      const manifest = await this.#store.objects.stat(address);
      const { stat, isMeasured } = (await dynamicOf(exchange, this.#store, manifest)) ?? {
        stat: manifest,
        isMeasured: true,
      };
      if (await this.#answerWithoutBytes(exchange, stat)) return;
      const sizeBytes = isMeasured ? stat.sizeBytes : undefined;
      const headers = { ...objectHeaders(stat), ...this.#marks.shown(exchange, stat) };
      return await exchange.answer(200, { ...headers, "Content-Length": sizeBytes });
    }
    const bytes = await ObjectBytes.open(this.#store, exchange, address);
    try {
      if (await this.#answerWithoutBytes(exchange, bytes.stat)) return;
      await answerBytes(exchange, bytes, this.#marks.shown(exchange, bytes.stat));
    } finally {
      await bytes.close();
    }
  }

  /** @returns whether there is nothing more to answer */
  async #answerWithoutBytes(exchange: Exchange, stat: ObjectStat): Promise<boolean> {
    const verdict = judgeConditions(stat, conditionsOf(exchange));
    if (verdict !== "met") {
      await exchange.answer(verdict === "failed" ? 412 : 304, objectHeaders(stat));
      return true;
    }
    if (!stat.isLarge || !wantsManifest(exchange)) return false;
    await answerManifest(exchange, this.#store, stat);
    return true;
  }
}

/** Conditions of a request that reads. */
export function conditionsOf(exchange: Exchange): Conditions {
  return {
    ifMatch: exchange.header("if-match"),
    ifNoneMatch: exchange.header("if-none-match"),
    ifModifiedSince: exchange.header("if-modified-since"),
    ifUnmodifiedSince: exchange.header("if-unmodified-since"),
  };
}

const WHOLE: RangeRequest = { kind: "whole" };

async function answerBytes(
  exchange: Exchange,
  bytes: ObjectBytes,
  further: Headers,
): Promise<void> {
  const { stat, sizeBytes } = bytes;
  const headers = { ...objectHeaders(stat), ...further };
  const asked = sizeBytes === undefined ? WHOLE : rangeOf(exchange, stat);
  if (sizeBytes === undefined || asked.kind === "whole") {
    return await exchange.stream(200, { ...headers, "Content-Length": sizeBytes }, bytes.part());
  }
  if (asked.kind === "unsatisfiable") {
    return await exchange.answer(416, { ...headers, "Content-Range": `bytes */${sizeBytes}` });
  }
  const [part, ...more] = asked.parts;
  if (part !== undefined && more.length === 0) {
    const range = { "Content-Length": part.length, "Content-Range": rangeText(part, sizeBytes) };
    return await exchange.stream(206, { ...headers, ...range }, bytes.part(part));
  }
  const multipart = multipartOf(bytes, asked.parts);
  const kind = { "Content-Type": multipart.contentType, "Content-Length": multipart.sizeBytes };
  await exchange.stream(206, { ...headers, ...kind }, multipart.pieces());
}

/** How often the bytes of an object may be in an answer to one request. */
const REPEATS_MAX = 2;

/** What `Range` asks for, unless `If-Range` says that the client has parts of something else. */
function rangeOf(exchange: Exchange, stat: ObjectStat): RangeRequest {
  const known = exchange.header("if-range");
  const isSame =
    known === undefined ||
    known.replaceAll('"', "") === stat.etag ||
    known === httpDate(stat.modifiedAt);
  const asked = parseRange(isSame ? exchange.header("range") : undefined, stat.sizeBytes);
  if (asked.kind !== "parts") return asked;
  const allBytes = asked.parts.reduce((sum, { length }) => sum + length, 0);
  return allBytes > REPEATS_MAX * stat.sizeBytes ? { kind: "unsatisfiable" } : asked;
}
