/** What is said between a client, a host that waits for one, and the pool. One byte each. */

/** From a host to its pool. */
export const HOST_WORD = {
  /** It is loaded, and needs a cell. */
  LOADED: "l",
  /** It waits for a client. */
  FREE: "f",
  /** It has a client, and goes its own way. */
  TAKEN: "t",
} as const;

/** From the pool to a host, with the socket at which the next client is its own. */
export const DOOR = "d";

/** From a client, with its standard streams: from now on the host runs its command. */
export const GO = "g";

/** Signals that a client passes on, as their numbers. */
export const PASSED_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/** A name of a signal that is passed on. */
export type PassedSignal = keyof typeof PASSED_SIGNALS;

/** What a host says of itself is at most so long. */
export const BUILD_BYTES_MAX = 512;
