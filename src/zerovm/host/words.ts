/** What is said between a client, a host that waits for one, and the pool. */

/** From a host to its pool, a byte each. */
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

/** Signals that a client passes on, as their numbers, a byte each. */
export const PASSED_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;

/** A name of a signal that is passed on. */
export type PassedSignal = keyof typeof PASSED_SIGNALS;

/** A client first says of what build it is: at most so much, with its streams and its token. */
export const BUILD_BYTES_MAX = 512;

/** The descriptors that come with it. */
export const GIVEN_COUNT = 4;
