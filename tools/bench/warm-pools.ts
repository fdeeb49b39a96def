import { spawnSync } from "node:child_process";
import { PEERS } from "./bench-folder.ts";
import type { Samples } from "./statistics.ts";

/** Of sessions in cells of a pool, in milliseconds. */
export interface PoolTimes {
  /** From the order to the first instruction of the guest. */
  readonly orders: Samples;
  /** From the order to the report, as the host has read it. */
  readonly sessions: Samples;
}

/** Runs a program in cells of a pool for it, or of one for any program, in a process of its own. */
export function timePool(program: string, count: number, kind: "program" | "any"): PoolTimes {
  const words = [`${PEERS}/pool.mjs`, program, String(count), kind];
  const ran = spawnSync(process.execPath, words, { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`The pool failed: ${ran.stderr}`);
  return JSON.parse(ran.stdout) as PoolTimes;
}
