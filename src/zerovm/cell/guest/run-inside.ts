import type { Answer, Order } from "../order/index.ts";
import { threadGuard } from "./guarded.ts";
import { runOrder } from "./run-order.ts";

/**
 * Runs an order in this very process, without any wall: for who trusts the program as much as
 * code of their own. Descriptors are ours, and stay open.
 * @param looksItself whether the module asks for its fuel, so that nobody has to watch the clock
 *   beside it; nobody hears of interrupts then.
 */
export function runInside(order: Order, looksItself: boolean): Answer {
  const guard = threadGuard();
  if (looksItself) guard.ignoreInterrupts();
  return runOrder(order, { guard, onStart: () => undefined, looksItself });
}
