import { randomUUID } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { Cors, type Exchange } from "../exchange/index.ts";
import {
  type Address,
  deferralOf,
  type HeaderTable,
  parseQuery,
  type RequestClass,
  readSource,
  sourceFailure,
  takesMultipart,
  timeoutOf,
  wantsPlacement,
  wantsReport,
} from "../request/index.ts";
import { answerOfRefusal, isRefusal, type Refusal } from "../result/index.ts";
import type { JobStore } from "../storage/index.ts";
import type { Executor } from "./executor.ts";
import { type DocumentLimits, readPosted, readStored } from "./job-document.ts";
import { needExecute } from "./need-execute.ts";
import { RequestBody } from "./request-body.ts";
import { factsOf, queryOf } from "./request-facts.ts";
import { sendAnswer } from "./send-answer.ts";
import { metadataOf } from "./store-of.ts";
import type { JobWishes, Submission } from "./submission.ts";

/** What of a submission depends on where the job is. */
type Brought = Pick<Submission, "jobText" | "image" | "body" | "app">;

/** A request that brings a job, or is none of ours. */
export type JobClass = Exclude<RequestClass, { readonly kind: "open" | "api" | "run" }>;

/** Requests for jobs, from their heads to what the executor runs. */
export class JobRequests {
  readonly #executor: Executor;
  readonly #cors = new Cors(true);

  constructor(executor: Executor) {
    this.#executor = executor;
  }

  /** Answers a request that runs nothing of the store. @returns false where it is the store's */
  async answer(
    exchange: Exchange,
    found: JobClass,
    headers: HeaderTable,
    store: JobStore,
  ): Promise<boolean> {
    switch (found.kind) {
      case "pass":
        return false;
      case "refusal":
        await this.#refuse(exchange, found);
        return true;
      case "preflight":
        await this.#cors.answerOptions(exchange, lookOf(store, found.address), METHODS);
        return true;
      case "job":
        await this.#serve(exchange, found.address, headers, store);
        return true;
    }
  }

  async #serve(
    exchange: Exchange,
    address: Address,
    headers: HeaderTable,
    store: JobStore,
  ): Promise<void> {
    const wishes = this.wishesOf(exchange, address, headers);
    if (isRefusal(wishes)) return await this.#refuse(exchange, wishes);
    const source = headers["x-zerovm-source"];
    const brought =
      source === undefined
        ? await this.#readPosted(exchange, address, headers, store)
        : await this.#readSource(exchange, address, source, store);
    if (isRefusal(brought)) return await this.#refuse(exchange, brought);
    const { account, container } = address;
    const user = await store.userName();
    await this.#executor.submit(exchange, {
      ...brought,
      store,
      hasSource: source !== undefined,
      account,
      ...(container !== undefined && { container }),
      facts: factsOf(exchange, address, user, source !== undefined),
      wishes,
    });
  }

  /** How whoever asks wants the answer. */
  wishesOf(exchange: Exchange, address: Address, headers: HeaderTable): JobWishes | Refusal {
    const { timeoutSeconds: mostSeconds } = this.#executor.settings;
    const timeoutSeconds = timeoutOf(headers, mostSeconds);
    if (isRefusal(timeoutSeconds)) return timeoutSeconds;
    const deferral = deferralOf(headers, address, mostSeconds, randomUUID);
    if (isRefusal(deferral)) return deferral;
    const query = parseQuery(queryOf(exchange));
    const isJson = wantsReport(query);
    const isPlacement = wantsPlacement(query);
    return {
      ...(deferral !== undefined && { deferral }),
      isMultipart: takesMultipart(headers),
      isJson,
      isPlacement,
      hasJsonFindings:
        isJson || isPlacement || /\bapplication\/json\b/i.test(headers["accept"] ?? ""),
      timeoutSeconds,
    };
  }

  /** The body is the job: only who may run it has it read. */
  async #readPosted(
    exchange: Exchange,
    address: Address,
    headers: HeaderTable,
    store: JobStore,
  ): Promise<Brought | Refusal> {
    await needExecute(exchange, store, address.account);
    return await readPosted(exchange, headers, this.#limits, address);
  }

  /** The job is an object, and the body of the request its data. */
  async #readSource(
    exchange: Exchange,
    address: Address,
    source: string,
    store: JobStore,
  ): Promise<Brought | Refusal> {
    const item = readSource(source, address.account);
    if (isRefusal(item)) return item;
    try {
      const opened = await store.openApp(item, { runsIn: address.account, byGrant: true });
      const document = await readStored(opened, this.#limits, address);
      if (isRefusal(document)) return document;
      return { ...document, app: opened.app, ...this.bodyOf(exchange) };
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      return sourceFailure(item, error.kind.httpStatus, error.kind.meaning);
    }
  }

  /** The data of a request whose body is not the job. */
  bodyOf(exchange: Exchange): { readonly body?: RequestBody } {
    if (!exchange.hasBody || exchange.bodyBytes === 0) return {};
    const { inputBytes } = this.#executor.settings.transferLimits;
    return { body: new RequestBody(exchange, inputBytes) };
  }

  get #limits(): DocumentLimits {
    const { jobLimits, transferLimits } = this.#executor.settings;
    return { jobBytes: jobLimits["job-bytes"], imageBytes: transferLimits.inputBytes };
  }

  async #refuse(exchange: Exchange, refusal: Refusal): Promise<void> {
    await sendAnswer(exchange, answerOfRefusal(refusal, exchange.transaction));
  }
}

const METHODS = "GET, HEAD, PUT, POST, DELETE, COPY, OPTIONS";

function lookOf(store: JobStore, { account, container }: Address) {
  return container === undefined ? undefined : metadataOf(store, { account, container });
}
