/** `failed` is for good: a store that cannot be written any more, for instance. */
export type HealthState = "starting" | "ready" | "stopping" | "failed";

export interface Readiness {
  /** Of HTTP: 200, or 503. */
  readonly status: number;
  readonly state: HealthState;
}

const NEXT: Readonly<Record<HealthState, readonly HealthState[]>> = {
  starting: ["ready", "stopping", "failed"],
  ready: ["stopping", "failed"],
  failed: ["stopping"],
  stopping: [],
};

/** Where a server is between its start and its end. */
export class Health {
  #state: HealthState = "starting";

  get state(): HealthState {
    return this.#state;
  }

  /** A state that cannot follow is passed by: who stops does not get ready. */
  become(state: HealthState): void {
    if (NEXT[this.#state].includes(state)) this.#state = state;
  }

  /** Whether requests should be sent here: `GET /readyz`. */
  readiness(): Readiness {
    return { status: this.#state === "ready" ? 200 : 503, state: this.#state };
  }

  /** Whether the process is worth keeping: `GET /healthz`. */
  liveness(): Readiness {
    return { status: this.#state === "failed" ? 503 : 200, state: this.#state };
  }
}
