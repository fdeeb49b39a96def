/** What a cell does with an order: the guest, its world, and how it ends. */
export { type Ahead, compileAhead, unusedBytes } from "./compiled.ts";
export { type Guard, withSignalGuard } from "./guarded.ts";
export { LOCATING_MS_MIN } from "./guest-run.ts";
export { rehearse } from "./rehearse.ts";
export { runInside } from "./run-inside.ts";
export { runOrder } from "./run-order.ts";
export { warmOrder, warmUp } from "./warm-up.ts";
