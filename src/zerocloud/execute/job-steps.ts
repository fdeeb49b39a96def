import { randomBytes } from "node:crypto";
import { nodeHash } from "../../zerovm/cell/index.ts";
import { environmentOf, type RequestFacts } from "../cgi/index.ts";
import { orderFindings, parseJob } from "../job/index.ts";
import type { Log } from "../log/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { type Plan, planJob, STANDARD_PLAN_SETTINGS } from "../plan/index.ts";
import {
  type Answer,
  type AnswerWishes,
  answerOf,
  answerOfObjectRun,
  answerOfRefusal,
  answerOfStopped,
  type JobResult,
  jsonOf,
  type Refusal,
  refuse,
  reportOfJob,
  STOPPED_TEXT,
} from "../result/index.ts";
import { type JobRequest, type JobRunner, Refusal as NodeRefusal } from "../run/index.ts";
import type { Storage } from "../storage/index.ts";
import { accountFor, endingOf } from "./account-for.ts";
import { cancelledResult, wasCutShort } from "./cancelled-result.ts";
import { chainedFacts, nextJobText, releaseResult } from "./chained-job.ts";
import { findingsAnswer } from "./findings-answer.ts";
import { jsonAnswer } from "./json-answer.ts";
import type { ExecutorSettings } from "./settings.ts";
import type { Submission } from "./submission.ts";
import type { CancelReason, JobEnding, TrackedJob } from "./tracked-job.ts";
import { unreadBody } from "./unread-body.ts";

/** What all jobs of a server work with. */
export interface StepSurroundings {
  readonly runner: JobRunner;
  readonly settings: ExecutorSettings;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** A job that can run, or the answer to one that cannot. */
export type Planned =
  | { readonly kind: "plan"; readonly plan: Plan }
  | { readonly kind: "answer"; readonly answer: Answer };

/** One job and those that it chains to, from their texts to the answer. */
export class JobSteps {
  readonly #around: StepSurroundings;
  readonly #job: TrackedJob;
  readonly #submission: Submission;
  readonly #storage: Storage;
  readonly #startMs = performance.now();
  readonly #warnings: string[] = [];

  constructor(around: StepSurroundings, job: TrackedJob, submission: Submission, storage: Storage) {
    this.#around = around;
    this.#job = job;
    this.#submission = submission;
    this.#storage = storage;
  }

  /** Plans the job that the request brought. */
  async begin(): Promise<Planned> {
    const planned = await this.plan(this.#submission.jobText);
    if (planned.kind === "answer") return planned;
    const refusal = await unreadBody(this.#submission, planned.plan);
    if (refusal === undefined) return planned;
    this.#job.end({ outcome: "refused", status: refusal.status });
    return { kind: "answer", answer: answerOfRefusal(refusal, this.#job.transaction) };
  }

  /** Judges and expands the text of a step. */
  async plan(text: Uint8Array): Promise<Planned> {
    const { settings, runner } = this.#around;
    const { account, image, wishes } = this.#submission;
    const { job, findings } = parseJob(text, settings.jobLimits);
    if (job === undefined) return this.#refused(findings);
    const planned = await planJob(job, this.#storage, {
      ...STANDARD_PLAN_SETTINGS,
      account,
      limits: settings.jobLimits,
      systemImages: runner.systemImages,
      hasPostedImage: image !== undefined,
      debugTargets: settings.debugTargets,
      isMultipart: wishes.isMultipart,
    });
    const { plan } = planned;
    if (plan !== undefined) {
      this.#warn([...findings, ...planned.findings].map(({ message }) => message));
      return { kind: "plan", plan };
    }
    const most = settings.jobLimits["job-findings"];
    return this.#refused(orderFindings([...findings, ...planned.findings], most));
  }

  /** A job that can run all the same: who asked for the report is told, and the log. */
  #warn(warnings: readonly string[]): void {
    this.#warnings.push(...warnings);
    const { id: job, account, transaction: request } = this.#job;
    for (const text of warnings) {
      this.#around.log.write({ kind: "event", level: "info", job, account, request, text });
    }
  }

  /** Where a plan would run, and why; nothing of it runs. */
  async place(plan: Plan): Promise<Answer> {
    const { transaction } = this.#job;
    try {
      const request = this.#request(this.#submission.facts);
      const nodes = await this.#around.runner.place(plan, this.#storage, request);
      this.#job.end({ outcome: "ok", status: 200 });
      return jsonAnswer({ transaction, warnings: this.#warnings, nodes }, transaction);
    } catch (error) {
      if (!(error instanceof NodeRefusal)) throw error;
      this.#job.end({ outcome: "refused", status: error.status });
      return answerOfRefusal(refuse(error.status, error.message), transaction);
    }
  }

  /** Runs a plan, and what it chains to. Failures of instances are in the answer. */
  async run(first: Plan): Promise<Answer> {
    const { chain } = this.#around.settings;
    const { isObjectRun = false } = this.#submission;
    let { facts } = this.#submission;
    for (let plan = first; ; ) {
      const ran = await this.#runStep(plan, facts);
      const warnings = this.#warnings;
      const result = warnings.length === 0 ? ran : { ...ran, warnings };
      const { cancelled } = this.#job;
      // What comes when all is done ends nothing but the steps that would follow.
      if (cancelled !== undefined && wasCutShort(result)) return this.#cancelled(result, cancelled);
      const seconds = (performance.now() - this.#startMs) / 1000;
      const wishes = this.#answerWishes(seconds);
      if (isObjectRun) return this.#answered(result, wishes);
      const text = await nextJobText(result, wishes, chain);
      if (text === undefined) return this.#answered(result, wishes);
      const planned = await this.plan(text);
      if (planned.kind === "answer") return planned.answer;
      plan = planned.plan;
      facts = chainedFacts(facts, this.#submission.account, text.length);
    }
  }

  async #runStep(plan: Plan, facts: RequestFacts): Promise<JobResult> {
    const { runner, log, metrics } = this.#around;
    const { body } = this.#submission;
    const takesBody = plan.nodes.some(({ channels }) =>
      channels.some(({ kind }) => kind === "body"),
    );
    const data = takesBody ? await body?.take() : undefined;
    this.#job.begin(plan);
    const result = await runner.run(plan, this.#storage, {
      ...this.#request(facts),
      ...(data !== undefined && { body: data }),
    });
    accountFor(result, this.#job, { log, metrics });
    return result;
  }

  /** What a plan is run with, but for the data of the request. */
  #request(facts: RequestFacts): JobRequest {
    const { settings } = this.#around;
    const { account, image, wishes, isObjectRun = false } = this.#submission;
    return {
      id: this.#job.id,
      account,
      timeoutSeconds: wishes.timeoutSeconds,
      memoryBytes: settings.memoryBytes,
      limits: settings.transferLimits,
      environment: (program) => environmentOf(facts, program),
      needsSuccess: isObjectRun,
      signal: this.#job.signal,
      onProgress: (event) => this.#job.follow(event),
      ...(settings.fuel !== undefined && { fuel: settings.fuel }),
      ...(image !== undefined && { postedImage: image.path }),
    };
  }

  #answered(result: JobResult, wishes: AnswerWishes): Answer {
    const { isObjectRun = false } = this.#submission;
    const plain = answerOf(result, wishes);
    const answer = isObjectRun && !wishes.isJson ? answerOfObjectRun(result, plain) : plain;
    this.#end(result, endingOf(result, answer.status));
    return answer;
  }

  #cancelled(result: JobResult, reason: CancelReason): Answer {
    const { transaction } = this.#job;
    const answer =
      reason === "stop"
        ? answerOfStopped(result, transaction)
        : answerOfRefusal(CANCELLED[reason], transaction);
    const { status } = answer;
    const why = reason === "stop" ? STOPPED_TEXT : CANCELLED[reason].text;
    this.#end(cancelledResult(result, why), { outcome: "cancelled", status });
    releaseResult(result);
    return answer;
  }

  #end(result: JobResult, ending: JobEnding): void {
    const { transaction } = this.#job;
    this.#job.end(ending, () => reportText(result, ending.status, transaction));
  }

  #refused(findings: Parameters<typeof findingsAnswer>[0]): Planned {
    const { hasJsonFindings } = this.#submission.wishes;
    const answer = findingsAnswer(findings, hasJsonFindings, this.#job.transaction);
    this.#job.end({ outcome: "refused", status: answer.status });
    return { kind: "answer", answer };
  }

  #answerWishes(chainSeconds: number): AnswerWishes {
    const { facts, wishes } = this.#submission;
    return {
      method: facts.method,
      isJson: wishes.isJson,
      ...(wishes.isMultipart && { boundary: randomBytes(BOUNDARY_BYTES).toString("hex") }),
      transactionId: this.#job.transaction,
      timestamp: (Date.now() / 1000).toFixed(5),
      hashes: nodeHash,
      chainSeconds,
    };
  }
}

const BOUNDARY_BYTES = 16;

/** The answer to a job that came to no end of its own. */
const CANCELLED: Readonly<Record<Exclude<CancelReason, "stop">, Refusal>> = {
  client: refuse(499, "The client went away"),
  request: refuse(499, "The job was cancelled"),
};

function reportText(result: JobResult, status: number, transaction: string): string {
  return jsonOf(reportOfJob(result, status, transaction));
}
