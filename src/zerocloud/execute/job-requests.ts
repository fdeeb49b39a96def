import { randomUUID } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { Cors, type Exchange, senderOf } from "../http/index.ts";
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
  wantsReport,
} from "../request/index.ts";
import { answerOfRefusal, isRefusal, type Refusal } from "../result/index.ts";
import type { Store } from "../store/index.ts";
import type { Executor } from "./executor.ts";
import { type DocumentLimits, readPosted, readStored } from "./job-document.ts";
import { loadApp } from "./load-app.ts";
import { RequestBody } from "./request-body.ts";
import { factsOf, queryOf } from "./request-facts.ts";
import { sendAnswer } from "./send-answer.ts";
import type { JobWishes, Submission } from "./submission.ts";

/** What of a submission depends on where the job is. */
type Brought = Pick<Submission, "jobText" | "image" | "body" | "app">;

/** A request that brings a job, or is none of ours. */
export type JobClass = Exclude<RequestClass, { readonly kind: "open" | "api" | "run" }>;

/** Requests for jobs, from their heads to what the executor runs. */
export class JobRequests {
  readonly #executor: Executor;
  readonly #store: Store;
  readonly #cors: Cors;

  constructor(executor: Executor, store: Store) {
    this.#executor = executor;
    this.#store = store;
    this.#cors = new Cors(store, true);
  }

  /** Answers a request that runs nothing of the store. @returns false where it is the store's */
  async answer(exchange: Exchange, found: JobClass, headers: HeaderTable): Promise<boolean> {
    switch (found.kind) {
      case "pass":
        return false;
      case "refusal":
        await this.#refuse(exchange, found);
        return true;
      case "preflight":
        await this.#cors.answerOptions(exchange, containerOf(found.address), METHODS);
        return true;
      case "job":
        await this.#serve(exchange, found.address, headers);
        return true;
    }
  }

  async #serve(exchange: Exchange, address: Address, headers: HeaderTable): Promise<void> {
    const wishes = this.wishesOf(exchange, address, headers);
    if (isRefusal(wishes)) return await this.#refuse(exchange, wishes);
    const source = headers["x-zerovm-source"];
    const brought =
      source === undefined
        ? await this.#readPosted(exchange, address, headers)
        : await this.#readSource(exchange, address, source);
    if (isRefusal(brought)) return await this.#refuse(exchange, brought);
    const { account, container } = address;
    const sender = await senderOf(exchange);
    await this.#executor.submit(exchange, {
      ...brought,
      hasSource: source !== undefined,
      account,
      ...(container !== undefined && { container }),
      facts: factsOf(exchange, address, sender, source !== undefined),
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
    const isJson = wantsReport(parseQuery(queryOf(exchange)));
    return {
      ...(deferral !== undefined && { deferral }),
      isMultipart: takesMultipart(headers),
      isJson,
      hasJsonFindings: isJson || /\bapplication\/json\b/i.test(headers["accept"] ?? ""),
      timeoutSeconds,
    };
  }

  /** The body is the job: only who may run it has it read. */
  async #readPosted(
    exchange: Exchange,
    address: Address,
    headers: HeaderTable,
  ): Promise<Brought | Refusal> {
    await this.#executor.allow(exchange, address.account);
    return await readPosted(exchange, headers, this.#limits, address);
  }

  /** The job is an object, and the body of the request its data. */
  async #readSource(
    exchange: Exchange,
    address: Address,
    source: string,
  ): Promise<Brought | Refusal> {
    const item = readSource(source, address.account);
    if (isRefusal(item)) return item;
    try {
      const { app, reading } = await loadApp(
        this.#store,
        await senderOf(exchange),
        item,
        address.account,
      );
      const document = await readStored(reading, this.#limits, address);
      if (isRefusal(document)) return document;
      return { ...document, app, ...this.bodyOf(exchange) };
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

function containerOf({ account, container }: Address) {
  return container === undefined ? undefined : { account, container };
}
