import { constants } from "node:os";

/** Name of a signal of this host. */
export function signalName(number: number | undefined): string | undefined {
  if (number === undefined) return undefined;
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0] ?? `signal ${number}`;
}
