import type { PoolSetting } from "./pool-option.ts";
import { type Waiting, WaitingLine } from "./waiting-line.ts";

/** What one account may have of each pool. */
export interface AccountLimits {
  /** Slots at once; what is beyond waits. */
  readonly running: number;
  /** Requests that wait; a job that has nothing in the pool yet is refused beyond. */
  readonly queued: number;
}

/** Gives slots back; a second call does nothing. */
export type Release = () => void;

/** Slots that somebody has. */
export interface Slots {
  readonly release: Release;
  /**
   * Lets other accounts have them from now on. Its own account has them until they are released,
   * and can have no others in their place.
   */
  lend(): void;
}

interface Entry extends Waiting {
  readonly start: (slots: Slots) => void;
}

/** Leaves a line before its turn has come. */
export type Leave = () => void;

/** Share of the newest in the mean time that slots are held. */
const NEWEST_SHARE = 0.2;
/** How long slots are held, as long as none was given back. */
const FIRST_GUESS_MS = 1000;
const RETRY_SECONDS_MAX = 600;

/**
 * Slots, and who has them. A job that was admitted, and every older one, is never refused, but may
 * have to wait: else a part of it would run and wait for the rest.
 */
export class Pool {
  readonly #setting: PoolSetting;
  readonly #limits: AccountLimits;
  readonly #nowMs: () => number;
  readonly #line = new WaitingLine<Entry>();
  /** Slots that each account has. */
  readonly #running = new Map<string, number>();
  /** Requests of each job that were admitted and have not ended. */
  readonly #jobs = new Map<string, number>();
  /**
   * The round in which each account has its next turn. One that went idle keeps it until then: else
   * two that never have two jobs at once would be new each time, and pass a third one for ever.
   */
  readonly #rounds = new Map<string, number>();
  /** Of the last turn. */
  #round = 0;
  #runningCount = 0;
  #newestId = "";
  #meanHoldMs = FIRST_GUESS_MS;

  constructor(setting: PoolSetting, limits: AccountLimits, nowMs: () => number) {
    this.#setting = setting;
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  get runningCount(): number {
    return this.#runningCount;
  }

  get waitingCount(): number {
    return this.#line.count;
  }

  /** How many slots one request can have at all. */
  get slotsMax(): number {
    return Math.min(this.#setting.runningMax, this.#limits.running);
  }

  /** When it may be worth while to ask again, from how long slots were held of late. */
  get retryAfterSeconds(): number {
    const turns = (this.#line.count + 1) / this.#setting.runningMax;
    const seconds = Math.ceil((turns * this.#meanHoldMs) / 1000);
    return Math.min(Math.max(1, seconds), RETRY_SECONDS_MAX);
  }

  /** Whether a request is let in: to a slot, or to wait for one. */
  admits({ account, jobId }: Waiting): boolean {
    const isKnown = this.#jobs.has(jobId);
    if (!isKnown && this.#line.countOf(account) >= this.#limits.queued && this.#isFull(account)) {
      return false;
    }
    if (isKnown || jobId <= this.#newestId) return true;
    if (this.#takesNewer()) return true;
    // Every account has one place of its own: others who fill the room do not shut it.
    const has = this.#setting.kind === "PriorityPool" ? (this.#running.get(account) ?? 0) : 0;
    return this.#setting.newerMax > 0 && has + this.#line.countOf(account) === 0;
  }

  #takesNewer(): boolean {
    const { kind, newerMax, runningMax } = this.#setting;
    if (kind === "PriorityPool") return this.#runningCount < newerMax;
    const isFree = this.#runningCount < runningMax && this.#line.count === 0;
    return isFree || this.#line.count < newerMax;
  }

  /** Whether the account would have to wait. */
  #isFull(account: string): boolean {
    const isBusy = this.#runningCount >= this.#setting.runningMax || this.#line.count > 0;
    return isBusy || (this.#running.get(account) ?? 0) >= this.#limits.running;
  }

  /** Lets somebody in who is admitted. `start` is called at once, or later. */
  enter(request: Waiting, start: (slots: Slots) => void): Leave {
    const entry: Entry = { ...request, start };
    if (request.jobId > this.#newestId) this.#newestId = request.jobId;
    change(this.#jobs, request.jobId, 1);
    this.#rounds.set(request.account, this.#roundOf(request.account));
    this.#line.add(entry);
    this.#serve();
    return () => {
      this.#line.remove(entry);
      this.#leftBy(request.account);
      change(this.#jobs, request.jobId, -1);
      this.#serve();
    };
  }

  /**
   * Gives out what is free. Who needs more than that is waited for, so that many small ones do not
   * keep it waiting for ever; who is only held back by the limit of its account is passed over.
   */
  #serve(): void {
    for (;;) {
      const mayHave = ({ account, slots }: Entry): boolean => {
        return (this.#running.get(account) ?? 0) + slots <= this.#limits.running;
      };
      const entry = this.#line.first(mayHave, (account) => this.#rounds.get(account) ?? 0);
      const free = this.#setting.runningMax - this.#runningCount;
      if (entry === undefined || entry.slots > free) return;
      this.#line.remove(entry);
      this.#takeTurn(entry.account);
      this.#start(entry);
    }
  }

  /** Nobody saves up turns that it did not want, or could not have. */
  #roundOf(account: string): number {
    return Math.max(this.#rounds.get(account) ?? 0, this.#round);
  }

  #takeTurn(account: string): void {
    const round = this.#roundOf(account);
    this.#rounds.set(account, round + 1);
    if (round === this.#round) return;
    this.#round = round;
    for (const other of this.#rounds.keys()) this.#forgetIdle(other);
  }

  /** Who is idle, and would have no other round where it came anew. */
  #forgetIdle(account: string): void {
    const isIdle = !this.#running.has(account) && this.#line.countOf(account) === 0;
    const isDue = this.#roundOf(account) === this.#round;
    if (isIdle && isDue) this.#rounds.delete(account);
  }

  #leftBy(account: string): void {
    this.#forgetIdle(account);
    if (this.#running.size + this.#line.count === 0) this.#rounds.clear();
  }

  #start({ account, jobId, slots, start }: Entry): void {
    const startMs = this.#nowMs();
    let isHeld = true;
    let isLent = false;
    this.#runningCount += slots;
    change(this.#running, account, slots);
    const giveOn = (): void => {
      if (isLent) return;
      isLent = true;
      this.#runningCount -= slots;
      const heldMs = Math.max(0, this.#nowMs() - startMs);
      this.#meanHoldMs += NEWEST_SHARE * (heldMs - this.#meanHoldMs);
    };
    const lend = (): void => {
      giveOn();
      this.#serve();
    };
    const release = (): void => {
      if (!isHeld) return;
      isHeld = false;
      giveOn();
      change(this.#running, account, -slots);
      this.#leftBy(account);
      change(this.#jobs, jobId, -1);
      this.#serve();
    };
    start({ release, lend });
  }
}

function change(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
