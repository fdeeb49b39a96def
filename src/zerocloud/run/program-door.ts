import type { Release } from "./admission.ts";

/** Decides whose program is judged next: that takes a processor, and maybe minutes. */
export interface ProgramDoor {
  /**
   * Resolves when it is the turn of the account.
   * @throws ZvmError where too much of it waits; the reason of the signal
   */
  enter(account: string, signal: AbortSignal): Promise<Release>;
}

/** Nobody waits. */
export const OPEN_PROGRAM_DOOR: ProgramDoor = {
  async enter(_account, signal) {
    signal.throwIfAborted();
    return () => undefined;
  },
};
