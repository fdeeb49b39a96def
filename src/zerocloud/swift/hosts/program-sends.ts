import { setTimeout } from "node:timers/promises";
import { hostKey, type StorageHost } from "../../placement/index.ts";

/** How often, and how long at first, a worker has time to take up what another order brought. */
const LOOKS = 4;
const FIRST_LOOK_MS = 50;
/** Who heard that it lacks a program may have asked before another one sent it. */
const FRESH_MS = 1000;

/** Told whether a program is on its way. */
export type SendsEnd = (isSent: boolean) => void;

/** Who sends a program to a host: one at a time, so that it crosses once, not once a session. */
export class ProgramSends {
  readonly #sending = new Map<string, Promise<void>>();

  /**
   * Asked when a worker lacks a program.
   * @param looks how often this order heard so
   * @returns for whoever is to send it; undefined where another one does, and the worker is to be
   *   asked once more
   */
  async begin(host: StorageHost, sha256: string, looks: number): Promise<SendsEnd | undefined> {
    const key = `${hostKey(host)} ${sha256}`;
    const other = this.#sending.get(key);
    if (other !== undefined && looks < LOOKS) {
      await other;
      await setTimeout(FIRST_LOOK_MS * 2 ** looks);
      return undefined;
    }
    let wake = (): void => undefined;
    const sending = new Promise<void>((resolve) => {
      wake = resolve;
    });
    this.#sending.set(key, sending);
    const forget = (): void => {
      if (this.#sending.get(key) === sending) this.#sending.delete(key);
    };
    let isOver = false;
    return (isSent) => {
      if (isOver) return;
      isOver = true;
      wake();
      if (isSent) globalThis.setTimeout(forget, FRESH_MS).unref();
      else forget();
    };
  }
}
