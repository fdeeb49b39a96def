import { randomBytes } from "node:crypto";
import { ZvmError } from "../../base/index.ts";
import { JobIds } from "../admission/index.ts";
import { Cors, type Exchange } from "../exchange/index.ts";
import type { Log } from "../log/index.ts";
import type { Gauges, Metrics } from "../metrics/index.ts";
import { instancesOf, type Plan } from "../plan/index.ts";
import type { Deferral } from "../request/index.ts";
import { type Answer, deferredAnswer } from "../result/index.ts";
import type { JobRunner } from "../run/index.ts";
import type { JobStore, Storage } from "../storage/index.ts";
import type { DeferredRecords } from "./deferred-records.ts";
import { JOB_HEADER, prepareResult, storeResult } from "./deferred-result.ts";
import { endsWithin } from "./ends-within.ts";
import { JobRegistry } from "./job-registry.ts";
import { JobSteps } from "./job-steps.ts";
import { tellLeftJobs } from "./left-jobs.ts";
import { needExecute } from "./need-execute.ts";
import { rangedStorage } from "./ranged-storage.ts";
import { sendAnswer } from "./send-answer.ts";
import type { ExecutorSettings } from "./settings.ts";
import { metadataOf } from "./store-of.ts";
import type { Submission } from "./submission.ts";
import { TrackedJob } from "./tracked-job.ts";

/** What an executor works with. */
export interface ExecutorParts {
  /** Runs plans; the executor closes it. */
  readonly runner: JobRunner;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: ExecutorSettings;
  /** Without it nobody is told of deferred jobs that ended with the server. */
  readonly afterwards?: Afterwards;
}

/** Where deferred jobs outlive the server. */
export interface Afterwards {
  readonly records: DeferredRecords;
  /** As the server itself may use it; without it owners of accounts have to come for it. */
  readonly store?: JobStore;
}

/** A job that was let in, and what it does with. */
interface Admitted {
  readonly job: TrackedJob;
  readonly submission: Submission;
  /** As the sender alone may use it: nobody stores a result by the rights of an app. */
  readonly own: Storage;
  readonly steps: JobSteps;
  /** Lets go of the store. */
  readonly release: () => void;
}

/** Everything between a request that was understood and its answer. */
export class Executor {
  readonly registry = new JobRegistry();
  readonly #parts: ExecutorParts;
  readonly #cors = new Cors(true);
  readonly #ids = new JobIds(Date.now, randomBytes(2).toString("hex").slice(1));
  /** What is under way: answers, and deferred jobs whose answer is out. */
  readonly #active = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(parts: ExecutorParts) {
    this.#parts = parts;
  }

  get settings(): ExecutorSettings {
    return this.#parts.settings;
  }

  /** Tells of deferred jobs that ended with an earlier server; before the first request. */
  async tellLeftJobs(): Promise<void> {
    const { afterwards } = this.#parts;
    if (afterwards?.store !== undefined) await this.#tellLeft(afterwards.store);
  }

  /** As `tellLeftJobs`, of some of them, by the rights of the owner of their account. */
  async tellLeftJobsOf(ids: ReadonlySet<string>, store: JobStore): Promise<void> {
    await this.#tellLeft(store, ids);
  }

  async #tellLeft(store: JobStore, ids?: ReadonlySet<string>): Promise<void> {
    const { afterwards, log } = this.#parts;
    if (afterwards === undefined) return;
    const { records } = afterwards;
    const only = ids === undefined ? {} : { ids };
    await tellLeftJobs({ records, store, log, registry: this.registry, ...only });
  }

  /**
   * Runs a job and answers to the request that brought it; whatever comes with it is closed then.
   * @throws what the request is refused with, as `Exchange.fail` takes it
   */
  async submit(exchange: Exchange, submission: Submission): Promise<void> {
    const serving = this.#submit(exchange, submission);
    this.#follow(serving);
    await serving;
  }

  gauges(): Gauges {
    const jobs = this.registry.running;
    const jobsRunning = jobs.filter(({ state }) => state === "running").length;
    const jobsQueued = jobs.length - jobsRunning;
    return { jobsRunning, jobsQueued, cellsWarm: this.#parts.runner.waitingCells };
  }

  /** Takes no more jobs; those that run have so long, then they are ended. No session is left. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopping = true;
    await endsWithin(this.#idle(), graceMs);
    for (const job of this.registry.running) job.cancel("stop");
    await this.#idle();
    await this.#parts.runner.close();
  }

  async #idle(): Promise<void> {
    while (this.#active.size > 0) await Promise.allSettled(this.#active);
  }

  #follow(work: Promise<unknown>): void {
    const settled = work.then(
      () => undefined,
      () => undefined,
    );
    this.#active.add(settled);
    void settled.then(() => this.#active.delete(settled));
  }

  async #submit(exchange: Exchange, submission: Submission): Promise<void> {
    let admitted: Admitted | undefined;
    let isDeferred = false;
    try {
      admitted = await this.#admit(exchange, submission);
      const planned = await admitted.steps.begin();
      if (planned.kind === "answer") return await sendAnswer(exchange, planned.answer);
      const { deferral, isPlacement = false } = submission.wishes;
      if (isPlacement) return await sendAnswer(exchange, await admitted.steps.place(planned.plan));
      if (deferral === undefined) return await this.#answer(exchange, admitted, planned.plan);
      await prepareResult(deferral, admitted.own, submission.store);
      // When the answer is out nobody reads the request any more.
      await submission.body?.read();
      const work = admitted.steps.run(planned.plan);
      isDeferred = !(await endsWithin(work, deferral.afterSeconds * MS));
      if (!isDeferred) return await sendAnswer(exchange, await work);
      await this.#keepRecord(admitted.job, planned.plan, deferral);
      this.#follow(this.#finish(admitted, deferral, work));
      await sendAnswer(exchange, deferredAnswer(deferral.url, exchange.transaction));
    } finally {
      if (!isDeferred) await this.#leave(submission, admitted);
    }
  }

  async #admit(exchange: Exchange, submission: Submission): Promise<Admitted> {
    const { account, container, app, store, wishes } = submission;
    const { runner, settings, log, metrics } = this.#parts;
    if (this.#isStopping) throw new ZvmError("ZVM_JOB_BUSY", "The server stops");
    if (container !== undefined) {
      await this.#cors.prepare(exchange, metadataOf(store, { account, container }));
    }
    await needExecute(exchange, store, account, app);
    const [own, whole] = [await store.storage(), await store.storage(app)];
    const { inputRange } = wishes;
    const storage = inputRange === undefined ? whole : rangedStorage(whole, inputRange);
    const { transaction } = exchange;
    const job = new TrackedJob({ id: this.#ids.next(), account, transaction });
    exchange.job = job.id;
    exchange.extraHeaders[JOB_HEADER] = job.id;
    this.registry.add(job);
    const steps = new JobSteps({ runner, settings, log, metrics }, job, submission, storage);
    return { job, submission, own, steps, release: store.keep() };
  }

  /** Runs a job for a client that waits; one that goes away ends it. */
  async #answer(exchange: Exchange, { job, steps }: Admitted, plan: Plan): Promise<void> {
    const { response } = exchange;
    const gone = (): void => job.cancel("client");
    response.once("close", gone);
    try {
      if (response.destroyed) gone();
      const answer = await steps.run(plan);
      await sendAnswer(exchange, answer);
    } finally {
      response.off("close", gone);
    }
  }

  /** Without a record a job runs all the same: only a crash would leave nothing of it. */
  async #keepRecord(job: TrackedJob, plan: Plan, deferral: Deferral): Promise<void> {
    const { id, account, transaction, createdMs } = job;
    const names = instancesOf(plan).map(({ node }) => node.name);
    const record = { id, account, transaction, createdMs, names, deferral, isTold: false };
    try {
      await this.#parts.afterwards?.records.keep(record);
    } catch (cause) {
      const text = "There is no record of a deferred job, should the server end before it";
      this.#parts.log.write({ kind: "failure", job: id, account, text, cause });
    }
  }

  async #closeRecord({ id, account, endedBy }: TrackedJob): Promise<void> {
    try {
      await this.#parts.afterwards?.records.close(id, endedBy === "stop");
    } catch (cause) {
      const text = "The record of a deferred job stays: the next start looks at its result";
      this.#parts.log.write({ kind: "failure", job: id, account, text, cause });
    }
  }

  /** What is left of a job whose answer is out: its result goes into the store. */
  async #finish(admitted: Admitted, deferral: Deferral, work: Promise<Answer>): Promise<void> {
    const { job, submission, own } = admitted;
    job.resultUrl = deferral.url;
    try {
      const answer = await work;
      const headers = [...answer.headers, [JOB_HEADER, job.id] as const];
      await storeResult(deferral, { ...answer, headers }, own);
      await this.#closeRecord(job);
    } catch (cause) {
      const { id, account, transaction: request } = job;
      const text = "The result of a deferred job is lost";
      this.#parts.log.write({ kind: "failure", job: id, account, request, text, cause });
      job.fail();
      // Of one that the stop ended the next server can still tell.
      if (job.cancelled !== "stop") await this.#closeRecord(job);
    } finally {
      await this.#leave(submission, admitted);
    }
  }

  async #leave({ image, body }: Submission, admitted: Admitted | undefined): Promise<void> {
    if (admitted !== undefined) {
      const { job, release } = admitted;
      if (job.outcome === undefined) job.fail();
      this.#parts.metrics.countJob(job.outcome ?? "failed");
      this.registry.settle(job);
      release();
    }
    await image?.close();
    await body?.close();
  }
}

const MS = 1000;
