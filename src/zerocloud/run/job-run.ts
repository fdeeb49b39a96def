import { setMaxListeners } from "node:events";
import {
  type Instance,
  instancesOf,
  type Plan,
  PlanEnds,
  type PlannedNode,
} from "../plan/index.ts";
import type { InstanceResult, JobResult } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import type { Admission, AdmittedJob } from "./admission.ts";
import { differenceOfCopies } from "./compare-copies.ts";
import { ConnectedRun } from "./connected-run.ts";
import { judgeConnected, type Verdict } from "./connected-verdict.ts";
import {
  type Consequence,
  endedResult,
  skippedResult,
  withheldResult,
} from "./consequent-result.ts";
import { aliasOf } from "./guest-world.ts";
import {
  brokenResult,
  differingResult,
  failedResult,
  isFailure,
  ranResult,
  refusedResult,
  type SessionFacts,
  unsuccessfulResult,
} from "./instance-result.ts";
import {
  allEnded,
  discard,
  type Ended,
  type EndedSession,
  refusalOf,
  runInstance,
  secondsSince,
} from "./instance-run.ts";
import { JobPlaces } from "./job-places.ts";
import { byNode, type InstancesByNode, isConnected, type NodeInstances } from "./node-instances.ts";
import type { NodePlace, PreparedNode } from "./node-place.ts";
import { Refusal } from "./refusal.ts";
import type { JobRequest } from "./settings.ts";
import { settleOutputs } from "./settle-outputs.ts";

/** What a job shares with others. */
export interface JobSurroundings {
  readonly place: NodePlace;
  /** Where outputs go. */
  readonly storage: Storage;
  readonly admission: Admission;
}

/** Runs all nodes of a plan: those with connections together, others as there is a place. */
export class JobRun {
  readonly #plan: Plan;
  readonly #request: JobRequest;
  readonly #around: JobSurroundings;
  readonly #places: JobPlaces;
  readonly #ends: PlanEnds;
  /** Ends what runs and what waits. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #results = new Map<Instance, InstanceResult>();
  #failedFirst: Instance | undefined;

  constructor(plan: Plan, request: JobRequest, around: JobSurroundings) {
    const { signal } = request;
    this.#plan = plan;
    this.#request = request;
    this.#around = around;
    this.#ends = new PlanEnds(plan);
    const connected = plan.nodes.filter(isConnected);
    const admitted: AdmittedJob = {
      id: request.id,
      account: request.account ?? "",
      connected: connected.reduce((sum, { instances }) => sum + instances.length, 0),
    };
    this.#places = new JobPlaces(admitted, around.admission, request.concurrency);
    const own = this.#stop.signal;
    this.#signal = signal === undefined ? own : AbortSignal.any([signal, own]);
    // Each instance listens, however many there are.
    setMaxListeners(0, this.#signal);
  }

  async run(): Promise<JobResult> {
    const startMs = performance.now();
    const instances = instancesOf(this.#plan);
    const groups = byNode(instances);
    const opened = await this.#openAll(groups);
    if (opened !== undefined) {
      const all = opened.map((one) => ({ opened: one, instances: groups.get(one.node) ?? [] }));
      const alone = all.filter((one) => !isConnected(one.opened.node));
      const together = all.filter((one) => isConnected(one.opened.node));
      const running = [
        ...(together.length > 0 ? [this.#runConnected(together)] : []),
        ...alone.map((one) => this.#runNode(one)),
      ];
      // One that fails by a defect must not leave others running behind our back.
      const ended = await Promise.allSettled(running.map((one) => one.catch(this.#giveUp)));
      for (const one of ended) if (one.status === "rejected") throw one.reason;
    }
    const results = instances.map((one) => this.#results.get(one) ?? this.#skipped(one));
    return { instances: results, seconds: secondsSince(startMs) };
  }

  readonly #giveUp = (error: unknown): never => {
    this.#stop.abort();
    throw error;
  };

  /** Everything is allowed and open before anything runs; the first refusal ends the job. */
  async #openAll(groups: InstancesByNode): Promise<PreparedNode[] | undefined> {
    const opened: PreparedNode[] = [];
    for (const [node, [first]] of groups) {
      if (this.#signal.aborted) return undefined;
      try {
        judgeSockets(node);
        opened.push(await this.#around.place.prepare(node));
      } catch (error) {
        if (this.#signal.aborted) return undefined;
        if (first !== undefined) this.#refuse(first, refusalOf(error));
        return undefined;
      }
    }
    return opened;
  }

  /** All of them at once: each may wait for any other. */
  async #runConnected(nodes: readonly NodeInstances[]): Promise<void> {
    const instances = nodes.flatMap(({ opened, instances: own }) => {
      return own.map((instance) => ({ opened, instance }));
    });
    try {
      const place = await this.#places.enterTogether(this.#signal);
      try {
        const run = new ConnectedRun(instances, {
          place: this.#around.place,
          request: this.#request,
          signal: this.#signal,
          stop: () => this.#stop.abort(),
          onEnded: () => place.leaveOne(),
        });
        const ended = await run.run();
        const isEndedByOthers = this.#signal.aborted && !run.hasStopped;
        const verdicts = judgeConnected(ended, { ...this.#request, isEndedByOthers });
        await Promise.all([...verdicts].map(([one, verdict]) => this.#settle(one, verdict)));
      } finally {
        place.leaveAll();
      }
    } catch (error) {
      if (this.#signal.aborted && error === this.#signal.reason) return;
      const [first] = instances;
      if (first !== undefined) this.#refuse(first.instance, refusalOf(error));
    }
  }

  async #settle(instance: Instance, verdict: Verdict): Promise<void> {
    if (verdict.kind === "refused") return this.#refuse(instance, verdict.refusal);
    const { end } = verdict;
    if (end === undefined) return;
    const facts = this.#factsOf(end, instance);
    switch (verdict.kind) {
      case "kept":
        if (instance.copy === 0) return await this.#store(instance, end, facts);
        return this.#end(instance, ranResult(instance, facts, NOTHING), end);
      case "withheld":
        return this.#end(instance, withheldResult(instance, facts, this.#why(verdict)), end);
      case "differs":
        return this.#end(instance, differingResult(instance, facts, verdict.difference), end);
      case "failed":
        return this.#end(instance, brokenResult(instance, facts), end);
      default:
        // Whoever ended the job is told what it ended, and not what lost what it ended.
        if (isInterrupted(facts) && !this.#wasStopped(facts)) {
          return this.#end(instance, failedResult(instance, facts), end);
        }
        return this.#end(instance, endedResult(instance, facts, this.#why(verdict)), end);
    }
  }

  #why({ cause = this.#failedFirst }: { readonly cause?: Instance }): Consequence {
    const isCancelled = this.#request.signal?.aborted === true && cause === undefined;
    return { isCancelled, ...(cause !== undefined && { cause }) };
  }

  async #runNode({ opened, instances }: NodeInstances): Promise<void> {
    const running = instances.map((one) => this.#runInstance(one, opened).catch(this.#giveUp));
    const ended = await allEnded(running);
    const [first] = ended;
    const difference = this.#differenceOf(ended);
    for (const [at, instance] of instances.entries()) {
      const end = ended[at];
      if (end instanceof Refusal) this.#refuse(instance, end);
      if (end === undefined || end instanceof Refusal) continue;
      const facts = this.#factsOf(end, instance);
      const isFirst = end === first;
      if (this.#wasStopped(facts)) {
        this.#end(instance, endedResult(instance, facts, this.#why({})), end);
      } else if (isFailure(facts.report)) this.#end(instance, failedResult(instance, facts), end);
      else if (this.#request.needsSuccess === true && facts.report.exitStatus !== 0) {
        this.#end(instance, unsuccessfulResult(instance, facts), end);
      } else if (isFirst && difference !== undefined) {
        this.#end(instance, differingResult(instance, facts, difference), end);
      } else if (isFirst && facts.report.outcome.kind !== "refused") {
        await this.#store(instance, end, facts);
      } else this.#end(instance, ranResult(instance, facts, NOTHING), end);
    }
  }

  async #store(instance: Instance, { session }: EndedSession, facts: SessionFacts): Promise<void> {
    const { outputs, report } = session;
    const settled = await settleOutputs(outputs, report.etags, this.#around.storage);
    this.#end(instance, ranResult(instance, facts, settled));
  }

  /** What comes of an instance; a failed one ends the others. */
  #end(instance: Instance, result: InstanceResult, unused?: EndedSession): void {
    if (unused !== undefined) discard(unused);
    this.#results.set(instance, result);
    if (result.state !== "failed" || this.#request.onFailure === "continue") return;
    // Who is ended from outside is not to blame.
    if (this.#request.signal?.aborted !== true) this.#failedFirst ??= instance;
    this.#stop.abort();
  }

  #refuse(instance: Instance, refusal: Refusal): void {
    this.#results.set(instance, refusedResult(instance, refusal));
    this.#failedFirst ??= instance;
    this.#stop.abort();
  }

  /** Whether a session ended because another one ended the job. */
  #wasStopped(facts: SessionFacts): boolean {
    return isInterrupted(facts) && this.#request.signal?.aborted !== true;
  }

  #skipped(instance: Instance): InstanceResult {
    return skippedResult(instance, this.#why({}));
  }

  /** @returns a refusal where there is no place for it; undefined where the job ended before. */
  async #runInstance(instance: Instance, opened: PreparedNode): Promise<Ended> {
    const { onProgress } = this.#request;
    const signal = this.#signal;
    try {
      const release = await this.#places.enter(signal);
      try {
        const around = { signal, ...(onProgress !== undefined && { onProgress }) };
        return await runInstance(opened, instance, around);
      } finally {
        release();
      }
    } catch (error) {
      return signal.aborted && error === signal.reason ? undefined : refusalOf(error);
    }
  }

  #factsOf({ session, seconds }: EndedSession, { node }: Instance): SessionFacts {
    const { report, errorTail, wasValid, host } = session;
    const connected = new Set(this.#ends.of(node.id).map(({ device }) => aliasOf(device)));
    const isNetwork = (alias: string): boolean => connected.has(alias);
    return { report, seconds, errorTail, wasValid, isNetwork, ...(host !== undefined && { host }) };
  }

  #differenceOf([first, ...copies]: readonly Ended[]): string | undefined {
    if (first === undefined || first instanceof Refusal) return undefined;
    for (const copy of copies) {
      if (copy === undefined || copy instanceof Refusal || isFailure(copy.session.report)) continue;
      const difference = differenceOfCopies(first.session.report, copy.session.report);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }
}

const NOTHING = { responses: [], stored: [] } as const;

function isInterrupted({ report: { outcome } }: SessionFacts): boolean {
  return outcome.kind === "lost" && outcome.cause === "interrupted";
}

/** Nothing leads to the outside. */
function judgeSockets({ name, channels }: PlannedNode): void {
  const socket = channels.find(({ kind }) => kind === "socket");
  if (socket === undefined) return;
  const message = `Sockets are not served: node ${name} has the device ${socket.device}`;
  throw new Refusal(501, message);
}
