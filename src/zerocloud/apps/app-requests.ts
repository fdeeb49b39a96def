import { ZvmError } from "../../base/index.ts";
import { Cors, deny, type Exchange } from "../exchange/index.ts";
import {
  type Executor,
  factsOf,
  headerTable,
  type JobRequests,
  metadataOf,
  queryOf,
  type StoreOf,
  type Submission,
  sendAnswer,
} from "../execute/index.ts";
import {
  classify,
  type HeaderTable,
  objectOf,
  parseQuery,
  type RequestClass,
} from "../request/index.ts";
import { answerOfRefusal, isRefusal, type Refusal, refuse } from "../result/index.ts";
import type { JobStore } from "../storage/index.ts";
import { associatedJob } from "./association.ts";
import { endpointOf } from "./endpoint.ts";
import { submissionOfRun } from "./object-run.ts";
import { type NoApp, type OpenedApp, openApp } from "./open-app.ts";

type AppClass = Extract<RequestClass, { kind: "open" | "api" }>;
type RunClass = Extract<RequestClass, { kind: "run" }>;

function isOfStore(found: RequestClass): found is AppClass | RunClass {
  return ["open", "api", "run"].includes(found.kind);
}

/** What of a submission is the same whatever is run. */
type Framed = Pick<Submission, "account" | "container" | "facts" | "store" | "wishes">;

/**
 * All requests of ours: those that run what a store has, which are apps, what opens an object, and
 * programs over one object, and those that bring a job.
 */
export class AppRequests {
  readonly #executor: Executor;
  readonly #jobs: JobRequests;
  readonly #storeOf: StoreOf;
  readonly #cors = new Cors(true);

  constructor(executor: Executor, jobs: JobRequests, storeOf: StoreOf) {
    this.#executor = executor;
    this.#jobs = jobs;
    this.#storeOf = storeOf;
  }

  /** Answers a request that runs something. @returns false where it is the store's */
  async handle(exchange: Exchange): Promise<boolean> {
    const headers = headerTable(exchange);
    const found = classify(exchange.method, exchange.rawPath, headers);
    if (found.kind === "pass") return false;
    const store = this.#storeOf(exchange);
    if (!isOfStore(found)) return await this.#jobs.answer(exchange, found, headers, store);
    const { account, container = "" } = found.address;
    // Pages of other origins may read also what is refused.
    await this.#cors.prepare(exchange, metadataOf(store, { account, container }));
    const submission = await this.#understand(exchange, found, headers, store);
    if (isRefusal(submission)) {
      await sendAnswer(exchange, answerOfRefusal(submission, exchange.transaction));
    } else await this.#executor.submit(exchange, submission);
    return true;
  }

  async #understand(
    exchange: Exchange,
    found: AppClass | RunClass,
    headers: HeaderTable,
    store: JobStore,
  ): Promise<Submission | Refusal> {
    const { version, account, container } = found.address;
    // A deferred result never takes the place of an app, or of what an app is asked for.
    const wishes = this.#jobs.wishesOf(exchange, { version, account }, headers);
    if (isRefusal(wishes)) return wishes;
    const user = await store.userName();
    const framed: Framed = {
      store,
      account,
      ...(container !== undefined && { container }),
      facts: factsOf(exchange, found.address, user, true),
      wishes,
    };
    if (found.kind === "run") return submissionOfRun(framed, found, headers, this.#body(exchange));
    try {
      return await this.#app(exchange, found, framed);
    } catch (error) {
      const isDenied = error instanceof ZvmError && error.code === "ZVM_STORE_DENIED";
      return isDenied ? await deny(exchange) : await Promise.reject(error);
    }
  }

  async #app(exchange: Exchange, found: AppClass, framed: Framed): Promise<Submission | Refusal> {
    const opened = await this.#open(found, framed.store);
    if (isRefusal(opened)) return opened;
    if (opened.kind === "app") {
      const { loaded: app, document } = opened;
      return { ...framed, app, ...document, ...this.#body(exchange) };
    }
    const item = objectOf(found.address);
    if (found.otherwise === "refuse" || item === undefined) return refuse(501, "Not Implemented");
    const storage = await framed.store.storage();
    const job = await associatedJob(storage, item, parseQuery(queryOf(exchange)));
    return isRefusal(job) ? job : { ...framed, jobText: new TextEncoder().encode(job) };
  }

  async #open({ kind, address }: AppClass, store: JobStore): Promise<OpenedApp | NoApp | Refusal> {
    const { account, container = "" } = address;
    const named =
      kind === "open" ? objectOf(address) : await endpointOf(store, { account, container });
    if (named === undefined) return refuse(412, "Bad URL");
    if (isRefusal(named)) return named;
    const { jobLimits, transferLimits } = this.#executor.settings;
    const limits = { jobBytes: jobLimits["job-bytes"], imageBytes: transferLimits.inputBytes };
    return await openApp(store, named, { account, through: kind }, limits);
  }

  #body(exchange: Exchange): Pick<Submission, "body"> {
    return this.#jobs.bodyOf(exchange);
  }
}
