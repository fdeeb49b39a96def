import { GUARD_EVENTS, GUARD_EXPORTS } from "./options.ts";

/** What the guards of a prepared module say about its run. */
export interface GuardState {
  /** Units that are left, below zero when more were used; absent where none are counted. */
  readonly fuel?: bigint;
  /**
   * What ended the guest, however it seemed to end: by a trap of ours (`unreachable`), or of its
   * own accord with more fuel used than it had.
   */
  readonly ended?: "fuel" | "stack" | "shortage";
  /** Limits at which the guest was answered with -1. */
  readonly hit: readonly ("memory" | "table")[];
}

/**
 * Reads the guards of an instance, when its run is over. Where a start function ran while the
 * instance was made and was ended, there are no exports to read: see `exportsStart`.
 */
export function readGuards(exports: Readonly<Record<string, unknown>>): GuardState {
  const fuel = readGlobal(exports[GUARD_EXPORTS.FUEL]);
  const stack = readGlobal(exports[GUARD_EXPORTS.STACK]);
  const events = Number(readGlobal(exports[GUARD_EXPORTS.EVENTS]) ?? 0);
  const ended = endingOf(Number(fuel ?? 0), Number(stack ?? 0), events);
  return {
    ...(typeof fuel === "bigint" ? { fuel } : {}),
    ...(ended === undefined ? {} : { ended }),
    hit: [
      ...((events & GUARD_EVENTS.MEMORY_LIMIT) === 0 ? [] : (["memory"] as const)),
      ...((events & GUARD_EVENTS.TABLE_LIMIT) === 0 ? [] : (["table"] as const)),
    ],
  };
}

function endingOf(fuel: number, stack: number, events: number): GuardState["ended"] {
  if ((events & GUARD_EVENTS.HOST_SHORTAGE) !== 0) return "shortage";
  if (stack < 0) return "stack";
  return fuel < 0 ? "fuel" : undefined;
}

function readGlobal(exported: unknown): unknown {
  const isGlobal = typeof exported === "object" && exported !== null && "value" in exported;
  return isGlobal ? exported.value : undefined;
}
