import { deny, type Exchange } from "../exchange/index.ts";
import type { JobRegistry } from "./job-registry.ts";
import type { StoreOf } from "./store-of.ts";
import type { TrackedJob } from "./tracked-job.ts";

const PATH = /^\/jobs(?:\/([^/]{0,200}))?\/?$/;
const JSON_TYPE = { "Content-Type": "application/json", "Cache-Control": "no-store" };

/** `/jobs` and `/jobs/ID`: what a server tells owners of accounts of their jobs, and cancelling. */
export class JobPages {
  readonly #registry: JobRegistry;
  readonly #storeOf: StoreOf;

  constructor(registry: JobRegistry, storeOf: StoreOf) {
    this.#registry = registry;
    this.#storeOf = storeOf;
  }

  /** Answers a request for jobs that are there. @returns whether it is one */
  async handle(exchange: Exchange): Promise<boolean> {
    const [path, id = ""] = PATH.exec(exchange.rawPath) ?? [];
    if (path === undefined) return false;
    if ((await exchange.identity()) === "unknown") await deny(exchange);
    if (id === "") await this.#answerAll(exchange);
    else await this.#answerOne(exchange, id);
    return true;
  }

  async #answerAll(exchange: Exchange): Promise<void> {
    if (!isLook(exchange)) return await refuseMethod(exchange, "GET, HEAD");
    const own = await this.#ownAmong(this.#registry.accounts, exchange);
    const seen = this.#registry.list((account) => own.has(account));
    const jobs = seen.map((job) => {
      const { instances, ...status } = job.status();
      return { ...status, instances: instances.length };
    });
    await exchange.answer(200, JSON_TYPE, text({ jobs }));
  }

  /** A job of somebody else is not there. */
  async #answerOne(exchange: Exchange, id: string): Promise<void> {
    const found = this.#registry.find(id);
    const own = await this.#ownAmong(found === undefined ? [] : [found.account], exchange);
    const job = found !== undefined && own.has(found.account) ? found : undefined;
    if (job === undefined) {
      return await exchange.answer(404, { "Content-Type": "text/plain" }, "There is no such job\n");
    }
    if (isLook(exchange)) return await exchange.answer(200, JSON_TYPE, text(whole(job)));
    if (exchange.method !== "DELETE") return await refuseMethod(exchange, "GET, HEAD, DELETE");
    job.cancel("request");
    this.#registry.forget(job);
    await exchange.answer(204);
  }

  /** Those of some accounts that are the sender's. */
  async #ownAmong(accounts: readonly string[], exchange: Exchange): Promise<Set<string>> {
    const store = this.#storeOf(exchange);
    const asked = accounts.map(async (account) => ((await store.owns(account)) ? [account] : []));
    return new Set((await Promise.all(asked)).flat());
  }
}

function isLook({ method }: Exchange): boolean {
  return method === "GET" || method === "HEAD";
}

function whole(job: TrackedJob): unknown {
  const status = job.status();
  return job.report === "" ? status : { ...status, report: JSON.parse(job.report) };
}

function text(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

async function refuseMethod(exchange: Exchange, methods: string): Promise<void> {
  const headers = { Allow: methods, "Content-Type": "text/plain" };
  await exchange.answer(405, headers, `The method ${exchange.method} is not allowed here\n`);
}
