/** `npm run swift:down`: ends the cluster of `npm run swift:up`, and removes all that it has. */
import { existsSync } from "node:fs";
import { markedProcesses, removeCluster } from "./swift/index.ts";
import { standingFolder } from "./swift/standing-cluster.ts";

/** @returns the exit status */
export async function main(): Promise<number> {
  const folder = standingFolder();
  const processes = markedProcesses(folder).length;
  if (processes === 0 && !existsSync(folder)) {
    console.log("No cluster is up.");
    return 0;
  }
  await removeCluster(folder);
  console.log(`Ended ${processes} processes and removed ${folder}; the packages stay.`);
  return 0;
}
