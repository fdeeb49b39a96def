/** Cells that wait, warm and locked, in this process or for others of the same user. */
export { POOL_FIELDS, type PoolOptions } from "./options.ts";
export { descriptorOf, listenForOwn } from "./own-socket.ts";
export { passCell } from "./pass-cell.ts";
export { CellPool, POOL, type PoolState } from "./pool.ts";
export { servePool } from "./serve-pool.ts";
