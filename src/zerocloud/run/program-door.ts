import type { Release } from "./admission.ts";

/** Decides whose program is judged next: that takes a processor, and maybe minutes. */
export interface ProgramDoor {
  /**
   * Resolves when it is the turn of the account.
   * @throws ZvmError where too much of it waits; the reason of the signal
   */
  enter(account: string, signal: AbortSignal): Promise<ProgramTurn>;
}

/**
 * The place of one program. Those that take long have places of their own, so that the others
 * never wait for more than the first seconds of anybody.
 */
export interface ProgramTurn {
  /** Whether there is a place for it among those that take long. */
  readonly mayGoOn: boolean;
  /**
   * Gives its place to the next program, and waits for one among those that take long, where it
   * has that at once if it may go on.
   * @throws the reason of the signal
   */
  goOn(signal: AbortSignal): Promise<void>;
  /** Gives back all that it has; a second call does nothing. */
  readonly release: Release;
}

const OPEN_TURN: ProgramTurn = {
  mayGoOn: true,
  async goOn() {},
  release: () => undefined,
};

/** Nobody waits. */
export const OPEN_PROGRAM_DOOR: ProgramDoor = {
  async enter(_account, signal) {
    signal.throwIfAborted();
    return OPEN_TURN;
  },
};
