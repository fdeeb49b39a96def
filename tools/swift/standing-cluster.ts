import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SwiftCluster, serversOf } from "./cluster.ts";
import { markedProcesses } from "./marked-processes.ts";

/** What is written when all of a cluster is ready. */
interface Written {
  readonly url: string;
  readonly servers: readonly string[];
}

/** The cluster that outlives its start; there is one for whoever has the same TMPDIR. */
export interface StandingCluster {
  readonly url: string;
  /** Servers without a process. */
  readonly ended: readonly string[];
}

/** Where that cluster is. */
export function standingFolder(): string {
  return join(tmpdir(), "zerovm-swift");
}

/** @throws Error where there is a folder, and no cluster that was ready */
export function findStanding(): StandingCluster | undefined {
  const folder = standingFolder();
  if (!existsSync(folder)) return undefined;
  const file = join(folder, "cluster.json");
  if (!existsSync(file)) {
    throw new Error(
      `${folder} has a cluster that is not ready: it is being started, or its start was killed; ` +
        "'npm run swift:down' removes it",
    );
  }
  const { url, servers } = JSON.parse(readFileSync(file, "utf8")) as Written;
  const ended = servers.filter((name) => markedProcesses(folder, name).length === 0);
  return { url, ended };
}

/** Says that all of a cluster is ready. */
export function writeStanding(cluster: SwiftCluster): void {
  const written = { url: cluster.url, servers: serversOf(cluster).map(({ name }) => name) };
  writeFileSync(join(cluster.folder, "cluster.json"), JSON.stringify(written satisfies Written));
}
