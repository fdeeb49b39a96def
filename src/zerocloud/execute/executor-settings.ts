import { accessSync, constants } from "node:fs";
import { ZvmError } from "../../base/index.ts";
import { parsePools } from "../admission/index.ts";
import type { ServerConfig } from "../config/index.ts";
import { type ExecutorSettings, STANDARD_EXECUTOR_SETTINGS } from "./settings.ts";

/**
 * What the configuration says of jobs.
 * @throws ZvmError ZVM_FILE naming a system image that cannot be read
 */
export function executorSettings(config: ServerConfig): ExecutorSettings {
  const images = Object.entries(config.images);
  for (const [name, path] of images) judgeImage(name, path);
  const pools = parsePools(config["jobs.pools"]);
  if ("fault" in pools) throw new ZvmError("ZVM_USAGE", `jobs.pools: ${pools.fault}`);
  const fuel = config["jobs.fuel"];
  const { jobLimits } = STANDARD_EXECUTOR_SETTINGS;
  return {
    ...STANDARD_EXECUTOR_SETTINGS,
    timeoutSeconds: config["jobs.timeoutSeconds"],
    memoryBytes: config["jobs.memoryBytes"],
    ...(fuel !== undefined && { fuel }),
    jobLimits: {
      ...jobLimits,
      "job-bytes": config["jobs.maxconfig"],
      nodes: config["jobs.nodes"],
    },
    systemImages: new Map(images),
    debugTargets: config["debug.targets"].map((target) => target.replace(/^(?:tcp|udp):/, "")),
    pools,
    runningPerAccount: config["jobs.runningPerAccount"],
    queuedPerAccount: config["jobs.queuedPerAccount"],
    warmCells: config["jobs.warmCells"],
    chain: { ...STANDARD_EXECUTOR_SETTINGS.chain, jobBytes: config["jobs.maxconfig"] },
  };
}

function judgeImage(name: string, path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new ZvmError("ZVM_FILE", `images.${name}: ${path} cannot be read`, { cause });
  }
}
