import { hostKey, type Spot } from "../../placement/index.ts";
import { HostLost } from "./object-servers.ts";

/** Asks a host for a word. @returns whether it said any; does not throw */
export type AskForWord = (at: Spot, signal: AbortSignal) => Promise<boolean>;

/** How often hosts are asked, and when they are given up. */
export interface PulseTimes {
  readonly everyMs: number;
  /** So many in a row that no word came to. */
  readonly unheardMax: number;
}

/** Between 16 and 20 seconds: a worker that has no processor for so long is as good as lost. */
const STANDARD_TIMES: PulseTimes = { everyMs: 4000, unheardMax: 4 };

/**
 * Hosts that sessions are waited for are asked for a word now and then: a process that stands still
 * closes no connection. What is counted is what they were asked, not time, so that a coordinator
 * that stood still itself takes nobody for lost.
 */
export class HostPulse {
  readonly #ask: AskForWord;
  readonly #times: PulseTimes;
  readonly #watched = new Map<string, WatchedHost>();

  constructor(ask: AskForWord, times: PulseTimes = STANDARD_TIMES) {
    this.#ask = ask;
    this.#times = times;
  }

  /**
   * Does something that waits for a host, until that says nothing any more.
   * @throws HostLost then, where `act` throws the reason of its signal; what that throws
   */
  async whileHeard<Result>(
    at: Spot,
    signal: AbortSignal,
    act: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const ending = new AbortController();
    const giveUp = (): void => ending.abort(new HostLost("it says nothing any more"));
    const key = hostKey(at.host);
    const watched = this.#watched.get(key) ?? new WatchedHost(this.#ask, at, this.#times);
    this.#watched.set(key, watched);
    watched.waiting.add(giveUp);
    try {
      return await act(AbortSignal.any([signal, ending.signal]));
    } finally {
      watched.waiting.delete(giveUp);
      if (watched.waiting.size === 0) {
        watched.close();
        this.#watched.delete(key);
      }
    }
  }
}

/** A host that somebody waits for. */
class WatchedHost {
  /** Called when it is given up. */
  readonly waiting = new Set<() => void>();
  readonly #closing = new AbortController();
  readonly #asking: NodeJS.Timeout;
  /** Times in a row that it was asked, and no word came from it since. */
  #unheard = 0;

  constructor(ask: AskForWord, at: Spot, { everyMs, unheardMax }: PulseTimes) {
    this.#asking = setInterval(() => {
      if (this.#unheard >= unheardMax) for (const giveUp of [...this.waiting]) giveUp();
      this.#unheard += 1;
      void ask(at, this.#closing.signal).then((isHeard) => {
        if (isHeard) this.#unheard = 0;
      });
    }, everyMs);
  }

  close(): void {
    clearInterval(this.#asking);
    this.#closing.abort();
  }
}
