import { AppRequests } from "../apps/index.ts";
import { EmbeddedJobStore } from "../embedded/index.ts";
import { type Handler, senderOf } from "../exchange/index.ts";
import {
  type DeferredRecords,
  Executor,
  type ExecutorSettings,
  JobPages,
  JobRequests,
  LocalRunner,
  type StoreOf,
} from "../execute/index.ts";
import type { Log } from "../log/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Store } from "../store/index.ts";
import { ProgramJudge } from "./program-judge.ts";

export interface EmbeddedJobsParts {
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: ExecutorSettings;
  /** Where deferred jobs outlive the server; without it nobody is told of those that ended so. */
  readonly records?: DeferredRecords;
}

/** What serves jobs over the embedded store, on this machine. */
export interface EmbeddedJobs {
  readonly executor: Executor;
  /** Answer what is about jobs, before the object API. */
  readonly handlers: readonly Handler[];
  /** Judges programs when they are stored. */
  readonly prevalidation: ProgramJudge;
}

/** Puts together what serves jobs; the store stays the caller's. */
export function embeddedJobs(parts: EmbeddedJobsParts): EmbeddedJobs {
  const { store, records, ...around } = parts;
  const runner = new LocalRunner(parts.settings);
  const afterwards =
    records === undefined
      ? {}
      : { afterwards: { records, store: EmbeddedJobStore.ofServer(store) } };
  const executor = new Executor({ ...around, runner, ...afterwards });
  const storeOf: StoreOf = (exchange) => new EmbeddedJobStore(store, () => senderOf(exchange));
  const pages = new JobPages(executor.registry, storeOf);
  const apps = new AppRequests(executor, new JobRequests(executor), storeOf);
  return {
    executor,
    handlers: [(exchange) => pages.handle(exchange), (exchange) => apps.handle(exchange)],
    prevalidation: new ProgramJudge({ ...parts, runner }),
  };
}
