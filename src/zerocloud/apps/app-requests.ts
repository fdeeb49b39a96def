import { ZvmError } from "../../base/index.ts";
import { StoreStorage } from "../embedded/index.ts";
import {
  type Executor,
  factsOf,
  headerTable,
  type JobRequests,
  queryOf,
  type Submission,
  sendAnswer,
} from "../execute/index.ts";
import { Cors, deny, type Exchange, senderOf } from "../http/index.ts";
import {
  classify,
  type HeaderTable,
  objectOf,
  parseQuery,
  type RequestClass,
} from "../request/index.ts";
import { answerOfRefusal, isRefusal, type Refusal, refuse } from "../result/index.ts";
import type { Identity, Store } from "../store/index.ts";
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
type Framed = Pick<Submission, "account" | "container" | "facts" | "wishes">;

/**
 * All requests of ours: those that run what a store has, which are apps, what opens an object, and
 * programs over one object, and those that bring a job.
 */
export class AppRequests {
  readonly #executor: Executor;
  readonly #jobs: JobRequests;
  readonly #store: Store;
  readonly #cors: Cors;

  constructor(executor: Executor, jobs: JobRequests, store: Store) {
    this.#executor = executor;
    this.#jobs = jobs;
    this.#store = store;
    this.#cors = new Cors(store, true);
  }

  /** Answers a request that runs something. @returns false where it is the store's */
  async handle(exchange: Exchange): Promise<boolean> {
    const headers = headerTable(exchange);
    const found = classify(exchange.method, exchange.rawPath, headers);
    if (!isOfStore(found)) return await this.#jobs.answer(exchange, found, headers);
    const { account, container = "" } = found.address;
    // Pages of other origins may read also what is refused.
    await this.#cors.prepare(exchange, { account, container });
    const submission = await this.#understand(exchange, found, headers);
    if (isRefusal(submission)) {
      await sendAnswer(exchange, answerOfRefusal(submission, exchange.transaction));
    } else await this.#executor.submit(exchange, submission);
    return true;
  }

  async #understand(
    exchange: Exchange,
    found: AppClass | RunClass,
    headers: HeaderTable,
  ): Promise<Submission | Refusal> {
    const { version, account, container } = found.address;
    // A deferred result never takes the place of an app, or of what an app is asked for.
    const wishes = this.#jobs.wishesOf(exchange, { version, account }, headers);
    if (isRefusal(wishes)) return wishes;
    const sender = await senderOf(exchange);
    const framed: Framed = {
      account,
      ...(container !== undefined && { container }),
      facts: factsOf(exchange, found.address, sender, true),
      wishes,
    };
    if (found.kind === "run") return submissionOfRun(framed, found, headers, this.#body(exchange));
    try {
      return await this.#app(exchange, found, sender, framed);
    } catch (error) {
      const isDenied = error instanceof ZvmError && error.code === "ZVM_STORE_DENIED";
      return isDenied ? await deny(exchange) : await Promise.reject(error);
    }
  }

  async #app(
    exchange: Exchange,
    found: AppClass,
    sender: Identity,
    framed: Framed,
  ): Promise<Submission | Refusal> {
    const opened = await this.#open(found, sender);
    if (isRefusal(opened)) return opened;
    if (opened.kind === "app") {
      const { loaded: app, document } = opened;
      return { ...framed, app, ...document, ...this.#body(exchange) };
    }
    const item = objectOf(found.address);
    if (found.otherwise === "refuse" || item === undefined) return refuse(501, "Not Implemented");
    const storage = new StoreStorage(this.#store, sender);
    const job = await associatedJob(storage, item, parseQuery(queryOf(exchange)));
    return isRefusal(job) ? job : { ...framed, jobText: new TextEncoder().encode(job) };
  }

  async #open({ kind, address }: AppClass, sender: Identity): Promise<OpenedApp | NoApp | Refusal> {
    const { account, container = "" } = address;
    const named =
      kind === "open" ? objectOf(address) : await endpointOf(this.#store, { account, container });
    if (named === undefined) return refuse(412, "Bad URL");
    if (isRefusal(named)) return named;
    const { jobLimits, transferLimits } = this.#executor.settings;
    const limits = { jobBytes: jobLimits["job-bytes"], imageBytes: transferLimits.inputBytes };
    return await openApp(this.#store, named, { sender, account, through: kind }, limits);
  }

  #body(exchange: Exchange): Pick<Submission, "body"> {
    return this.#jobs.bodyOf(exchange);
  }
}
