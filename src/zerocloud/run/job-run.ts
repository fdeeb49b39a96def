import { setMaxListeners } from "node:events";
import { ZvmError } from "../../base/index.ts";
import { type Instance, instancesOf, type Plan, type PlannedNode } from "../plan/index.ts";
import type { InstanceResult, JobResult } from "../result/index.ts";
import type { Storage } from "../storage/index.ts";
import type { Admission, AdmittedJob } from "./admission.ts";
import { differenceOfCopies } from "./compare-copies.ts";
import {
  differingResult,
  failedResult,
  isFailure,
  ranResult,
  refusedResult,
  type SessionFacts,
  STATUS_CANCELLED,
  skippedResult,
  unsuccessfulResult,
} from "./instance-result.ts";
import type { NodePlace, PreparedNode } from "./node-place.ts";
import type { NodeSession } from "./node-session.ts";
import { Refusal, refused } from "./refusal.ts";
import type { JobRequest } from "./settings.ts";
import { settleOutputs } from "./settle-outputs.ts";
import { Slots } from "./slots.ts";

/** What a job shares with others. */
export interface JobSurroundings {
  readonly place: NodePlace;
  /** Where outputs go. */
  readonly storage: Storage;
  readonly admission: Admission;
}

/** A session with the wall seconds that it took, or why there was none. */
type Ended = { readonly session: NodeSession; readonly seconds: number } | Refusal | undefined;

/** Runs all nodes of a plan, each as soon as there is a place. */
export class JobRun {
  readonly #plan: Plan;
  readonly #request: JobRequest;
  readonly #around: JobSurroundings;
  readonly #slots: Slots;
  readonly #admitted: AdmittedJob;
  /** Ends what runs and what waits. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #results = new Map<Instance, InstanceResult>();

  constructor(plan: Plan, request: JobRequest, around: JobSurroundings) {
    const { concurrency = Number.POSITIVE_INFINITY, signal } = request;
    this.#plan = plan;
    this.#request = request;
    this.#around = around;
    this.#slots = new Slots(concurrency);
    const connected = plan.nodes.filter(({ pool }) => pool === "cluster");
    this.#admitted = {
      id: request.id,
      account: request.account ?? "",
      connected: connected.reduce((sum, { instances }) => sum + instances.length, 0),
    };
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
      const running = opened.map((one) => this.#runNode(one, groups.get(one.node) ?? []));
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
        judgeNetwork(node);
        opened.push(await this.#around.place.prepare(node));
      } catch (error) {
        if (this.#signal.aborted) return undefined;
        if (first !== undefined) this.#refuse(first, refusalOf(error));
        return undefined;
      }
    }
    return opened;
  }

  async #runNode(opened: PreparedNode, instances: readonly Instance[]): Promise<void> {
    const ended = await Promise.all(instances.map((one) => this.#runInstance(one, opened)));
    const [first] = ended;
    const difference = this.#differenceOf(ended);
    for (const [at, instance] of instances.entries()) {
      const end = ended[at];
      if (end instanceof Refusal) this.#refuse(instance, end);
      if (end === undefined || end instanceof Refusal) continue;
      const facts = factsOf(end);
      const isFirst = end === first;
      if (this.#wasStopped(facts)) discard(end.session);
      else if (isFailure(facts.report)) this.#end(instance, failedResult(instance, facts), end);
      else if (this.#request.needsSuccess === true && facts.report.exitStatus !== 0) {
        this.#end(instance, unsuccessfulResult(instance, facts), end);
      } else if (isFirst && difference !== undefined) {
        this.#end(instance, differingResult(instance, facts, difference), end);
      } else if (isFirst && facts.report.outcome.kind !== "refused") {
        const { outputs, report } = end.session;
        const settled = await settleOutputs(outputs, report.etags, this.#around.storage);
        this.#end(instance, ranResult(instance, facts, settled));
      } else this.#end(instance, ranResult(instance, facts, { responses: [], stored: [] }), end);
    }
  }

  /** What comes of an instance; a failed one ends the others. */
  #end(
    instance: Instance,
    result: InstanceResult,
    unused?: Exclude<Ended, Refusal | undefined>,
  ): void {
    if (unused !== undefined) discard(unused.session);
    this.#results.set(instance, result);
    if (result.state === "failed" && this.#request.onFailure !== "continue") this.#stop.abort();
  }

  #refuse(instance: Instance, refusal: Refusal): void {
    this.#results.set(instance, refusedResult(instance, refusal));
    this.#stop.abort();
  }

  /** Whether a session ended because another one ended the job. */
  #wasStopped({ report: { outcome } }: SessionFacts): boolean {
    const isInterrupted = outcome.kind === "lost" && outcome.cause === "interrupted";
    return isInterrupted && this.#request.signal?.aborted !== true;
  }

  #skipped(instance: Instance): InstanceResult {
    return skippedResult(instance, this.#request.signal?.aborted === true ? STATUS_CANCELLED : 200);
  }

  /** @returns a refusal where there is no place for it; undefined where the job ended before. */
  async #runInstance(instance: Instance, opened: PreparedNode): Promise<Ended> {
    const { node, copy } = instance;
    const { onProgress } = this.#request;
    const { admission } = this.#around;
    const releases: (() => void)[] = [];
    try {
      releases.push(await this.#slots.take(this.#signal));
      releases.push(await admission.enter(this.#admitted, node.pool, this.#signal));
    } catch (error) {
      for (const release of releases) release();
      return this.#signal.aborted ? undefined : refusalOf(error);
    }
    const startMs = performance.now();
    onProgress?.({ kind: "started", node, copy });
    let exitStatus: number | undefined;
    try {
      const session = await opened.run(instance, {
        signal: this.#signal,
        onErrorText: (bytes) => onProgress?.({ kind: "error-text", node, copy, bytes }),
      });
      exitStatus = session.report.exitStatus;
      return { session, seconds: secondsSince(startMs) };
    } catch (error) {
      // Another one, or who asked for the job, has ended it before this one had a session.
      if (this.#signal.aborted && error === this.#signal.reason) return undefined;
      // No cell, or no room for what it writes: it has read nothing.
      return refusalOf(error);
    } finally {
      for (const release of releases) release();
      onProgress?.({ kind: "ended", node, copy, ...(exitStatus !== undefined && { exitStatus }) });
    }
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

type InstancesByNode = ReadonlyMap<PlannedNode, readonly Instance[]>;

/** Nodes in the order of results, each with itself first and then its copies. */
function byNode(instances: readonly Instance[]): InstancesByNode {
  const groups = new Map<PlannedNode, Instance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.node);
    if (group === undefined) groups.set(instance.node, [instance]);
    else group.push(instance);
  }
  for (const group of groups.values()) group.sort((one, other) => one.copy - other.copy);
  return groups;
}

function factsOf({ session, seconds }: Exclude<Ended, Refusal | undefined>): SessionFacts {
  const { report, errorTail, wasValid, host } = session;
  return { report, seconds, errorTail, wasValid, ...(host !== undefined && { host }) };
}

function discard({ outputs }: NodeSession): void {
  for (const { file } of outputs) file.close();
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}

function refusalOf(error: unknown): Refusal {
  return refused(error, () => {
    if (!(error instanceof ZvmError)) return String(error);
    // Paths of the host are nobody's business.
    return error.code === "ZVM_FILE" ? error.kind.meaning : error.message;
  });
}

/** Channels between nodes and to the outside do not exist yet. */
function judgeNetwork({ name, channels, pool }: PlannedNode): void {
  const isConnected = pool === "cluster";
  const socket = channels.find(({ kind }) => kind === "socket");
  if (!isConnected && socket === undefined) return;
  const what = isConnected ? "connections" : `the device ${socket?.device}`;
  throw new Refusal(501, `Network channels are not served yet: node ${name} has ${what}`);
}
