import type { Answer } from "./answer.ts";
import { threadGuard } from "./guarded.ts";
import type { Order } from "./order.ts";
import { runOrder } from "./run-order.ts";

/**
 * Runs an order in this very process, without any wall: for who trusts the program as much as
 * code of their own. Descriptors are ours, and stay open.
 */
export function runInside(order: Order): Answer {
  return runOrder(order, { guard: threadGuard(), onStart: () => undefined });
}
