import { Cors, type Exchange, type HttpLimits } from "../exchange/index.ts";
import type { ContainerAddress, Metadata, Store } from "../store/index.ts";
import { ifThere } from "./access.ts";
import { AccountCalls } from "./account-calls.ts";
import { ContainerCalls } from "./container-calls.ts";
import { type InfoSections, infoText } from "./info.ts";
import { ObjectCopies } from "./object-copies.ts";
import { ObjectReads } from "./object-reads.ts";
import { ObjectWrites } from "./object-writes.ts";
import { type Prevalidation, ProgramMarks } from "./program-marks.ts";
import { parseTarget, type Target } from "./target.ts";
import { judgeSupported } from "./unsupported.ts";

type Call<Kind> = (exchange: Exchange, target: Kind) => Promise<void>;

type Calls<Kind> = Readonly<Record<string, Call<Kind>>>;

type Of<Kind extends Target["kind"]> = Extract<Target, { kind: Kind }>;

export interface ObjectApiParts {
  readonly store: Store;
  readonly nowMs: () => number;
  readonly info: InfoSections;
  readonly accountManagement: boolean;
  readonly strictCors: boolean;
  readonly limits: HttpLimits;
  readonly prevalidation: Prevalidation | undefined;
}

/** The Swift API over the embedded store: which call a request is. */
export class ObjectApi {
  readonly #store: Store;
  readonly #cors: Cors;
  readonly #info: string;
  readonly #accounts: Calls<Of<"account">>;
  readonly #containers: Calls<Of<"container">>;
  readonly #objects: Calls<Of<"object">>;

  constructor(parts: ObjectApiParts) {
    const { store, nowMs } = parts;
    this.#store = store;
    this.#cors = new Cors(parts.strictCors);
    this.#info = infoText(parts);
    const accounts = new AccountCalls(store, parts.accountManagement);
    this.#accounts = {
      GET: (...call) => accounts.list(...call),
      HEAD: (...call) => accounts.list(...call),
      POST: (...call) => accounts.update(...call),
      PUT: (...call) => accounts.create(...call),
      DELETE: (...call) => accounts.remove(...call),
    };
    const containers = new ContainerCalls(store);
    this.#containers = {
      GET: (...call) => containers.list(...call),
      HEAD: (...call) => containers.list(...call),
      PUT: (...call) => containers.create(...call),
      POST: (...call) => containers.update(...call),
      DELETE: (...call) => containers.remove(...call),
    };
    const marks = new ProgramMarks(store, parts.prevalidation);
    const reads = new ObjectReads(store, marks);
    const writes = new ObjectWrites(store, nowMs, parts.limits, marks);
    const copies = new ObjectCopies(store, nowMs, marks);
    this.#objects = {
      GET: (...call) => reads.read(...call),
      HEAD: (...call) => reads.read(...call),
      PUT: (exchange, target) =>
        exchange.header("x-copy-from") === undefined
          ? writes.put(exchange, target)
          : copies.copyHere(exchange, target),
      POST: (...call) => writes.update(...call),
      DELETE: (...call) => writes.remove(...call),
      COPY: (...call) => copies.copyAway(...call),
    };
  }

  /** Answers to any request. @throws ZvmError for a request that is refused */
  async serve(exchange: Exchange): Promise<void> {
    const { path } = exchange;
    if (path === "/info") return await this.#page(exchange, "application/json", this.#info);
    if (path === "/healthcheck") return await this.#page(exchange, "text/plain", "OK");
    const target = parseTarget(path);
    judgeSupported(exchange);
    switch (target.kind) {
      case "account":
        return await this.#call(exchange, target, this.#accounts, undefined);
      case "container":
        return await this.#call(exchange, target, this.#containers, target);
      case "object":
        return await this.#call(exchange, target, this.#objects, target);
    }
  }

  async #call<Kind>(
    exchange: Exchange,
    target: Kind,
    calls: Calls<Kind>,
    container: Of<"container"> | Of<"object"> | undefined,
  ): Promise<void> {
    const methods = [...Object.keys(calls), "OPTIONS"].join(", ");
    const { method } = exchange;
    const metadataOf = container === undefined ? undefined : () => this.#metadata(container);
    if (method === "OPTIONS") return await this.#cors.answerOptions(exchange, metadataOf, methods);
    if (metadataOf !== undefined) await this.#cors.prepare(exchange, metadataOf);
    const call = Object.hasOwn(calls, method) ? calls[method] : undefined;
    if (call === undefined) return await answerMethods(exchange, methods);
    await call(exchange, target);
  }

  async #metadata({ account, container }: ContainerAddress): Promise<Metadata | undefined> {
    return (await ifThere(this.#store.containers.stat({ account, container })))?.metadata;
  }

  async #page(exchange: Exchange, type: string, text: string): Promise<void> {
    if (!["GET", "HEAD"].includes(exchange.method))
      return await answerMethods(exchange, "GET, HEAD");
    await exchange.answer(200, { "Content-Type": `${type}; charset=UTF-8` }, text);
  }
}

/** The answer to a method that there is not. */
async function answerMethods(exchange: Exchange, methods: string): Promise<void> {
  const text = `The method ${exchange.method} is not allowed here\n`;
  await exchange.answer(405, { Allow: methods, "Content-Type": "text/plain" }, text);
}
