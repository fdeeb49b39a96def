import type { Instance } from "../plan/index.ts";
import { type EndedInstance, endingOf, mayBeDoneTo } from "./connected-verdict.ts";
import { allEnded, type Ended, runInstance } from "./instance-run.ts";
import type { Connected, NodePlace, PreparedNode } from "./node-place.ts";
import type { JobRequest } from "./settings.ts";

/** How long those that lost another one wait for the word of what became of that. */
const CAUSE_MS_MAX = 2000;

/** An instance of a node that has connections. */
export interface ConnectedInstance {
  readonly instance: Instance;
  readonly opened: PreparedNode;
}

/** What connected instances run with. */
export interface ConnectedSurroundings {
  readonly place: NodePlace;
  readonly request: JobRequest;
  /** Ends them all. */
  readonly signal: AbortSignal;
  /** Called where one failed and the others are of no use; ends what listens to `signal`. */
  stop(): void;
  /** Called for each as it ends. */
  onEnded(): void;
}

/** Runs all connected instances of a job at the same time. */
export class ConnectedRun {
  readonly #instances: readonly ConnectedInstance[];
  readonly #around: ConnectedSurroundings;
  readonly #ended: EndedInstance[] = [];
  #timer: NodeJS.Timeout | undefined;
  #hasStopped = false;

  constructor(instances: readonly ConnectedInstance[], around: ConnectedSurroundings) {
    this.#instances = instances;
    this.#around = around;
  }

  /** Whether one of them was the first that ended the job. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  /**
   * @returns all of them in the order of their ends
   * @throws Refusal and ZvmError where there is no place for all of them
   */
  async run(): Promise<readonly EndedInstance[]> {
    const { place, signal } = this.#around;
    const instances = this.#instances.map(({ instance }) => instance);
    const connected = await place.connect(instances, signal);
    try {
      await allEnded(this.#instances.map((one) => this.#run(one, connected)));
      return this.#ended;
    } finally {
      clearTimeout(this.#timer);
      connected.close();
    }
  }

  async #run({ instance, opened }: ConnectedInstance, connected: Connected): Promise<Ended> {
    const { signal, request, onEnded } = this.#around;
    const { onProgress } = request;
    const around = { signal, connected, ...(onProgress !== undefined && { onProgress }) };
    try {
      const ended = await runInstance(opened, instance, around);
      this.#ended.push({ instance, ended });
      this.#judge(ended);
      return ended;
    } catch (error) {
      this.#stop();
      throw error;
    } finally {
      connected.leave(instance);
      onEnded();
    }
  }

  /** Who lost another one may be told before we are what became of that; it will not be long. */
  #judge(ended: Ended): void {
    const { needsSuccess = false, onFailure } = this.#around.request;
    if (onFailure === "continue") return;
    const ending = endingOf(ended, needsSuccess);
    if (ending === "failed") this.#stop();
    if (!mayBeDoneTo(ending)) return;
    this.#timer ??= setTimeout(() => this.#stop(), CAUSE_MS_MAX);
  }

  #stop(): void {
    const { signal, stop } = this.#around;
    if (!signal.aborted) this.#hasStopped = true;
    stop();
  }
}
