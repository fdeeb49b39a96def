export type HealthState = "starting" | "ready" | "stopping";

export interface Readiness {
  /** Of HTTP: 200, or 503. */
  readonly status: number;
  readonly state: HealthState;
}

const ORDER: readonly HealthState[] = ["starting", "ready", "stopping"];

/** Where a server is between its start and its end. */
export class Health {
  #state: HealthState = "starting";

  get state(): HealthState {
    return this.#state;
  }

  /** There is no way back: who stops does not get ready. */
  become(state: HealthState): void {
    if (ORDER.indexOf(state) > ORDER.indexOf(this.#state)) this.#state = state;
  }

  /** Whether requests should be sent here: `GET /readyz`. */
  readiness(): Readiness {
    return { status: this.#state === "ready" ? 200 : 503, state: this.#state };
  }

  /** That the process answers is all that there is to say: `GET /healthz`. */
  liveness(): Readiness {
    return { status: 200, state: this.#state };
  }
}
