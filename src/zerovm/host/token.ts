import { closeSync, readSync, writeSync } from "node:fs";
import { loadPoll, makePipe, POLL_IN } from "../libc/index.ts";

/**
 * A byte in a pipe that client and host both have. Whoever takes it out runs the command, so that
 * it is run once, also where one of the two lost patience or went away.
 */
export function makeToken(): number {
  const [taken, given] = makePipe();
  writeSync(given, "t");
  // With no writer left a pipe that is empty has an end, which nobody waits for.
  closeSync(given);
  return taken;
}

/** @returns whether it was still there */
export function takeToken(token: number): boolean {
  try {
    // A pipe of somebody else's making may have no end.
    if (loadPoll()?.(token, POLL_IN, 0) !== true) return false;
    return readSync(token, new Uint8Array(1)) === 1;
  } catch {
    return false;
  }
}
