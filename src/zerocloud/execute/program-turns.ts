import { Admission, DEFAULT_POOL, JobBusy, JobIds, type Release } from "../admission/index.ts";
import type { ProgramDoor } from "../run/index.ts";

/** Programs that are judged at a time, one of an account: each takes a processor and memory. */
const JUDGED_AT_ONCE = 2;
/** Where jobs of an account may not wait at all, several may still want programs at once. */
const WAITING_MIN = 4;

/** The accounts take turns to have programs judged, in a line that is bounded for each. */
export class ProgramTurns implements ProgramDoor {
  readonly #door: Admission;
  readonly #ids = new JobIds(Date.now, "000");

  /** @param waitingMax of one account */
  constructor(waitingMax: number) {
    this.#door = new Admission({
      // The lines of the accounts bound it.
      pools: [
        {
          name: DEFAULT_POOL,
          kind: "WaitPool",
          runningMax: JUDGED_AT_ONCE,
          newerMax: Number.MAX_SAFE_INTEGER,
        },
      ],
      accounts: { running: 1, queued: Math.max(waitingMax, WAITING_MIN) },
      nowMs: () => performance.now(),
    });
  }

  /** @throws JobBusy where too many programs of the account wait; the reason of the signal */
  async enter(account: string, signal: AbortSignal): Promise<Release> {
    signal.throwIfAborted();
    return await this.#door.enter({ ...this.#next(account), signal });
  }

  /** @throws JobBusy where too many programs of the account wait */
  judge(account: string): void {
    try {
      this.#door.judge(this.#next(account));
    } catch (cause) {
      if (!(cause instanceof JobBusy)) throw cause;
      const message = "Too many programs of this account wait to be judged";
      throw new JobBusy(message, cause.retryAfterSeconds);
    }
  }

  #next(account: string) {
    return { account, jobId: this.#ids.next(), pool: DEFAULT_POOL };
  }
}
