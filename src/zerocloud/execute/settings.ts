import { type PoolSetting, parsePools, STANDARD_POOLS } from "../admission/index.ts";
import { type JobLimits, STANDARD_JOB_LIMITS } from "../job/index.ts";
import { type ChainLimits, STANDARD_CHAIN_LIMITS } from "../result/index.ts";
import {
  STANDARD_MEMORY_BYTES,
  STANDARD_TIMEOUT_SECONDS,
  STANDARD_TRANSFER_LIMITS,
  type TransferLimits,
} from "../run/index.ts";

/** What a server allows jobs. */
export interface ExecutorSettings {
  /** Wall seconds of each session; requests can ask for less. */
  readonly timeoutSeconds: number;
  /** Linear memory of each session. */
  readonly memoryBytes: number;
  /** Work of each session; without limit unless given. */
  readonly fuel?: number;
  readonly jobLimits: JobLimits;
  readonly transferLimits: TransferLimits;
  /** Paths of tar archives by the names that jobs know them by. */
  readonly systemImages: ReadonlyMap<string, string>;
  /** Addresses `HOST:PORT` that the device `debug` may reach. */
  readonly debugTargets: readonly string[];
  readonly pools: readonly PoolSetting[];
  /** Sessions of one account that run at a time in each pool. */
  readonly runningPerAccount: number;
  /** Sessions of one account that wait in each pool before its next jobs are refused. */
  readonly queuedPerAccount: number;
  /** Cells that wait for a session; 0: each session starts its own. */
  readonly warmCells: number;
  readonly chain: ChainLimits;
}

export const STANDARD_EXECUTOR_SETTINGS: ExecutorSettings = Object.freeze({
  timeoutSeconds: STANDARD_TIMEOUT_SECONDS,
  memoryBytes: STANDARD_MEMORY_BYTES,
  jobLimits: STANDARD_JOB_LIMITS,
  transferLimits: STANDARD_TRANSFER_LIMITS,
  systemImages: new Map(),
  debugTargets: [],
  pools: standardPools(),
  runningPerAccount: 100,
  queuedPerAccount: 100,
  warmCells: 0,
  chain: STANDARD_CHAIN_LIMITS,
});

function standardPools(): readonly PoolSetting[] {
  const pools = parsePools(STANDARD_POOLS);
  return "fault" in pools ? [] : pools;
}
