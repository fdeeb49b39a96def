/** Cells that wait, warm and locked, in this process or for others of the same user. */
export { CellPool, type PoolOptions, type PoolState } from "./pool.ts";
export { servePool } from "./serve-pool.ts";
