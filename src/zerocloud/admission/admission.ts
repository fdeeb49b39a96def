import { assert, ZvmError } from "../../base/index.ts";
import { type AccountLimits, Pool, type Release, type Slots } from "./pool.ts";
import { DEFAULT_POOL, type PoolSetting } from "./pool-option.ts";

export interface AdmissionOptions {
  readonly pools: readonly PoolSetting[];
  /** Of each account in each pool; without them accounts may have all of it. */
  readonly accounts?: AccountLimits;
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number;
}

/** A node, or nodes that have to run at the same time, that want to start. */
export interface EnterRequest {
  readonly jobId: string;
  readonly account: string;
  /** A pool that the server does not have is its `default`. */
  readonly pool: string;
  /** Slots that are given all at once, for nodes that wait for each other; 1 unless given. */
  readonly slots?: number;
  /** Ends the waiting; slots that were given are given back by their release only. */
  readonly signal?: AbortSignal;
}

/** A pool takes no newer job now. */
export class JobBusy extends ZvmError {
  declare readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterSeconds: number) {
    super("ZVM_JOB_BUSY", message, { retryAfterSeconds });
  }
}

export interface PoolUse {
  readonly name: string;
  readonly running: number;
  readonly waiting: number;
}

const NO_LIMITS: AccountLimits = {
  running: Number.MAX_SAFE_INTEGER,
  queued: Number.MAX_SAFE_INTEGER,
};

/** The door to all pools of a server. */
export class Admission {
  readonly #pools: ReadonlyMap<string, Pool>;
  readonly #default: Pool;

  constructor({ pools, accounts = NO_LIMITS, nowMs }: AdmissionOptions) {
    this.#pools = new Map(pools.map((each) => [each.name, new Pool(each, accounts, nowMs)]));
    const standard = this.#pools.get(DEFAULT_POOL);
    assert(standard !== undefined, "pools that were parsed have a default");
    this.#default = standard;
  }

  /**
   * Waits for slots. Nobody is kept waiting who is refused: that is decided at once.
   * @returns gives the slots back; a second call does nothing
   * @throws JobBusy where a newer job is refused; ZvmError ZVM_JOB_SLOTS where the pool never has
   * so many slots; the reason of the signal where that ends the waiting
   */
  async enter(request: EnterRequest): Promise<Release> {
    return (await this.hold(request)).release;
  }

  /** As `enter`, for who may lend its slots to others before it gives them back. */
  async hold({ signal, ...request }: EnterRequest): Promise<Slots> {
    signal?.throwIfAborted();
    this.judge(request);
    const { pool: name, slots = 1, ...who } = request;
    const pool = this.#poolOf(name);
    return new Promise((resolve, reject) => {
      let isWaiting = true;
      const stop = (): void => {
        if (isWaiting) leave();
        isWaiting = false;
        reject(signal?.reason);
      };
      const leave = pool.enter({ ...who, slots }, (given) => {
        isWaiting = false;
        signal?.removeEventListener("abort", stop);
        resolve(given);
      });
      if (isWaiting) signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /**
   * Whether a request would be let in now, to a slot or to wait for one.
   * @throws JobBusy and ZvmError ZVM_JOB_SLOTS as `enter`
   */
  judge({ pool: name, slots = 1, ...who }: Omit<EnterRequest, "signal">): void {
    const pool = this.#poolOf(name);
    if (slots > pool.slotsMax) {
      const message = `The job needs ${slots} slots of pool ${name} at once; it has ${pool.slotsMax}`;
      throw new ZvmError("ZVM_JOB_SLOTS", message);
    }
    if (!pool.admits({ ...who, slots })) {
      throw new JobBusy("Slot not available", pool.retryAfterSeconds);
    }
  }

  #poolOf(name: string): Pool {
    return this.#pools.get(name) ?? this.#default;
  }

  /** For metrics: what every pool has to do, in the order of the option. */
  use(): readonly PoolUse[] {
    return [...this.#pools].map(([name, pool]) => {
      return { name, running: pool.runningCount, waiting: pool.waitingCount };
    });
  }
}
