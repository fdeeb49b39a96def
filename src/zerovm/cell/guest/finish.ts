import type { CellOutcome, Order } from "../order/index.ts";
import { outcomeOfCut, outcomeOfFinish, reasonForPeers } from "./ending.ts";
import type { Guard } from "./guarded.ts";
import type { World } from "./world.ts";

/** Whether what is left to do at the end could take long, or for ever. */
export function canWait({ exports, channels, recording }: Order): boolean {
  const sources = channels.flatMap((channel) => channel.sources);
  const isStream = sources.some(
    (source) => source.kind === "peer" || (source.kind === "stream" && source.waits),
  );
  return exports.length > 0 || recording !== undefined || isStream;
}

/** A guard takes longer than work that is short: in the process of a host, a thread. */
export const NO_GUARD: Pick<Guard, "run"> = {
  run(work) {
    work();
    return undefined;
  },
};

/**
 * Exports, unless the guest was ended, and closes every channel.
 * @returns the outcome of the guest, or why what it left could not be delivered.
 */
export function finish(
  ran: CellOutcome,
  world: World,
  guard: Pick<Guard, "run">,
  timeoutMs: number,
): CellOutcome {
  let outcome = ran;
  const attempt = (step: () => void): void => {
    try {
      step();
    } catch (error) {
      if (outcome.kind === "exited") outcome = outcomeOfFinish(error);
    }
  };
  const deliver = (): void => {
    if (ran.kind === "exited") attempt(() => world.zrt.finish());
    for (const channel of world.channels) {
      if (!channel.connected) attempt(() => channel.close());
    }
    leavePeers(world, outcome, attempt);
    attempt(() => world.recorder?.flush());
  };
  const cut = guard.run(deliver, timeoutMs);
  return cut === undefined || outcome.kind !== "exited" ? outcome : outcomeOfCut(cut);
}

/**
 * Sessions at the other end are told last: of an end that is sure, first by those who write. Each
 * of two that write to each other so has its end before it waits for that of the other. Whatever
 * one of them is waited for, all others are told and heard meanwhile: they may wait for just that.
 */
function leavePeers(
  { channels, whileEnding }: World,
  outcome: CellOutcome,
  attempt: (step: () => void) => void,
): void {
  const connected = channels.filter((channel) => channel.connected);
  if (outcome.kind !== "exited") {
    const why = reasonForPeers(outcome);
    for (const channel of connected) attempt(() => channel.break(why));
    return;
  }
  const writing = connected.filter((channel) => channel.writable);
  const reading = connected.filter((channel) => !channel.writable);
  const advance = (): boolean => {
    const left = [...writing, ...reading].filter((channel) => channel.advance());
    return left.length > 0;
  };
  whileEnding(advance);
  advance();
  for (const channel of [...writing, ...reading]) attempt(() => channel.close());
}
