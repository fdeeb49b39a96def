import { setMaxListeners } from "node:events";
import type { JobEnd } from "../metrics/index.ts";
import { instancesOf, type Plan } from "../plan/index.ts";
import type { JobEvent } from "../run/index.ts";

export type JobState = "planning" | "queued" | "running" | "ended";

/** Who or what ended a job before its time. */
export type CancelReason = "client" | "request" | "stop";

/** One instance of a job at the moment. */
export interface TrackedInstance {
  readonly id: number;
  readonly name: string;
  readonly copy: number;
  state: "waiting" | "running" | "ended";
  /** Of its session, as `zerovm run` has it. */
  exitStatus?: number;
}

/** How a job ended. */
export interface JobEnding {
  readonly outcome: JobEnd;
  /** Of HTTP, of the answer. */
  readonly status: number;
  /** Absent where every program that ran gave 0 to exit: the outcome does not tell of others. */
  readonly exitCode?: number;
}

/** What people are told of a job. */
export interface JobStatusText {
  readonly id: string;
  readonly account: string;
  readonly state: JobState;
  /** When it ended. */
  readonly outcome?: JobEnd;
  /** Of HTTP, when it ended. */
  readonly status?: number;
  /** What a program gave to exit, the first that gave something else than 0. */
  readonly exitCode?: number;
  /** Why it came to no answer of its own, where no report tells. */
  readonly error?: string;
  readonly transaction: string;
  /** ISO 8601. */
  readonly created: string;
  readonly started?: string;
  readonly ended?: string;
  /** Where the result of a deferred one will be. */
  readonly result?: string;
  readonly instances: readonly Readonly<TrackedInstance>[];
}

export interface TrackedJobFacts {
  readonly id: string;
  readonly account: string;
  readonly transaction: string;
  /** Now, unless it was another server that took it. */
  readonly createdMs?: number;
}

/** A job that is under way, or was. */
export class TrackedJob {
  readonly id: string;
  readonly account: string;
  readonly transaction: string;
  /** Milliseconds since 1970. */
  readonly createdMs: number;
  /** Where its deferred result will be. */
  resultUrl: string | undefined;
  readonly #stop = new AbortController();
  #startedMs: number | undefined;
  #endedMs: number | undefined;
  #state: JobState = "planning";
  #end: JobEnding | undefined;
  #instances: TrackedInstance[] = [];
  #report: string | (() => string) = "";
  #error: string | undefined;

  constructor({ id, account, transaction, createdMs = Date.now() }: TrackedJobFacts) {
    this.id = id;
    this.account = account;
    this.transaction = transaction;
    this.createdMs = createdMs;
    setMaxListeners(0, this.#stop.signal);
  }

  get state(): JobState {
    return this.#state;
  }

  /** Aborted when the job is to end; the reason says why. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  get cancelled(): CancelReason | undefined {
    return this.signal.aborted ? (this.signal.reason as CancelReason) : undefined;
  }

  /** Who or what cut it short, when there is an answer; a job that was over by then has none. */
  get endedBy(): CancelReason | undefined {
    return this.outcome === "cancelled" ? this.cancelled : undefined;
  }

  get endedMs(): number | undefined {
    return this.#endedMs;
  }

  /** Report of all instances as JSON, when it ended; empty where nothing ran. */
  get report(): string {
    if (typeof this.#report !== "string") this.#report = this.#report();
    return this.#report;
  }

  /** When there is an answer. */
  get outcome(): JobEnd | undefined {
    return this.#end?.outcome;
  }

  cancel(reason: CancelReason): void {
    if (this.#end === undefined) this.#stop.abort(reason);
  }

  /** A step of the job begins: it has these instances now. */
  begin(plan: Plan): void {
    this.#state = "queued";
    this.#instances = instancesOf(plan).map(({ id, node: { name }, copy }) => {
      return { id, name, copy, state: "waiting" };
    });
  }

  follow(event: JobEvent): void {
    if (event.kind === "error-text") return;
    const id = event.node.instances[event.copy];
    const instance = this.#instances.find((one) => one.id === id);
    if (instance === undefined) return;
    if (event.kind === "started") {
      this.#state = "running";
      this.#startedMs ??= Date.now();
      instance.state = "running";
      return;
    }
    instance.state = "ended";
    if (event.exitStatus !== undefined) instance.exitStatus = event.exitStatus;
  }

  /**
   * There is an answer; the job is over when that is where it belongs.
   * @param report asked for when somebody wants it, or the answer is out
   */
  end(ending: JobEnding, report: string | (() => string) = ""): void {
    this.#end = ending;
    this.#report = report;
  }

  /** It is over, its deferred result stored. */
  settle(): void {
    this.#state = "ended";
    this.#endedMs = Date.now();
  }

  /** It came to no answer, or that is lost. */
  fail(): void {
    this.end({ outcome: "failed", status: FAILED_STATUS }, this.#report);
  }

  /** It ended with an earlier server. @param status of HTTP, of its deferred result */
  stopped(error: string, status: number): void {
    this.#error = error;
    this.end({ outcome: "failed", status });
  }

  status(): JobStatusText {
    const { id, account, transaction, state, resultUrl } = this;
    return {
      id,
      account,
      state,
      ...(state === "ended" && this.#end),
      ...(this.#error !== undefined && { error: this.#error }),
      transaction,
      created: timeText(this.createdMs),
      ...(this.#startedMs !== undefined && { started: timeText(this.#startedMs) }),
      ...(this.#endedMs !== undefined && { ended: timeText(this.#endedMs) }),
      ...(resultUrl !== undefined && { result: resultUrl }),
      instances: this.#instances,
    };
  }
}

const FAILED_STATUS = 500;

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
