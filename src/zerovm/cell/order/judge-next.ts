import { textOf, ZvmError } from "../../../base/index.ts";
import { isReadable, isWritable } from "../../../channels/index.ts";
import type { Order, OrderChannel } from "./order.ts";

/**
 * Why a session with these channels cannot take over a guest that was prepared with those: the
 * guest knows names, types and directions. Undefined where it can.
 */
export function channelDifference(
  prepared: readonly OrderChannel[],
  next: readonly OrderChannel[],
): string | undefined {
  for (let index = 0; index < Math.max(prepared.length, next.length); index += 1) {
    const [before, after] = [prepared[index], next[index]];
    if (before === undefined) return `${nameOf(after)} was not there when it was prepared`;
    if (after?.alias !== before.alias) return `${nameOf(before)} is missing`;
    if (after.type !== before.type) {
      return `${nameOf(after)} has type ${after.type}, and had ${before.type}`;
    }
    const [now, once] = [directionsOf(after), directionsOf(before)];
    if (now !== once) return `${nameOf(after)} is ${now}, and was ${once}`;
  }
  return undefined;
}

/** @throws ZvmError ZVM_ORDER when the second order cannot follow the first */
export function judgeNext(prepared: Order, next: Order): void {
  const difference = channelDifference(prepared.channels, next.channels);
  const isSecond = next.prepares !== true && next.images.length === 0;
  if (isSecond && difference === undefined) return;
  throw new ZvmError("ZVM_ORDER", `Not the second order: ${difference ?? "it prepares or mounts"}`);
}

function nameOf(channel: OrderChannel | undefined): string {
  return `the channel ${textOf(channel?.alias ?? "")}`;
}

function directionsOf(limits: OrderChannel): string {
  const reads = isReadable(limits);
  const writes = isWritable(limits);
  if (reads && writes) return "read and written";
  if (reads) return "read";
  return writes ? "written" : "of no use";
}
