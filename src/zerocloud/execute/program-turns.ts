import { Admission, DEFAULT_POOL, JobBusy, JobIds, type Release } from "../admission/index.ts";
import type { ProgramDoor, ProgramTurn } from "../run/index.ts";

/** Programs that are judged at a time, one of an account: each takes a processor and memory. */
const JUDGED_AT_ONCE = 2;
/** Beside them, of those that take long: who sends two of these keeps nobody else waiting. */
const LONG_AT_ONCE = 2;
/** Where jobs of an account may not wait at all, several may still want programs at once. */
const WAITING_MIN = 4;

/**
 * The accounts take turns to have programs judged, in a line that is bounded for each, and once
 * more, where a program takes long, for a place among those that do.
 */
export class ProgramTurns implements ProgramDoor {
  readonly #door: Admission;
  readonly #longDoor: Admission;
  readonly #ids = new JobIds(Date.now, "000");

  /** @param waitingMax of one account */
  constructor(waitingMax: number) {
    this.#door = doorOf(JUDGED_AT_ONCE, Math.max(waitingMax, WAITING_MIN));
    // Who goes on keeps the only turn of its account: no account waits there twice.
    this.#longDoor = doorOf(LONG_AT_ONCE, 1);
  }

  /** @throws JobBusy where too many programs of the account wait; the reason of the signal */
  async enter(account: string, signal: AbortSignal): Promise<ProgramTurn> {
    signal.throwIfAborted();
    const slots = await this.#door.hold({ ...this.#next(account), signal });
    const longDoor = this.#longDoor;
    let leaveLong: Release = () => undefined;
    return {
      get mayGoOn() {
        return longDoor.use().every(({ running, waiting }) => running + waiting < LONG_AT_ONCE);
      },
      goOn: async (until) => {
        slots.lend();
        leaveLong = await longDoor.enter({ ...this.#next(account), signal: until });
      },
      release: () => {
        leaveLong();
        slots.release();
      },
    };
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

/** The lines of the accounts bound it. */
function doorOf(runningMax: number, queued: number): Admission {
  const newerMax = Number.MAX_SAFE_INTEGER;
  return new Admission({
    pools: [{ name: DEFAULT_POOL, kind: "WaitPool", runningMax, newerMax }],
    accounts: { running: 1, queued },
    nowMs: () => performance.now(),
  });
}
