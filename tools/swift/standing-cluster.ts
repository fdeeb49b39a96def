import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SwiftCluster, serversOf } from "./cluster.ts";
import { markedProcesses } from "./marked-processes.ts";

/** What a cluster can be started with, under the names of the flags of `swift:up`. */
export interface StandingFlags {
  readonly plain: boolean;
  readonly "without-jobs": boolean;
  readonly coded: boolean;
  readonly encrypted: boolean;
  /** What the file has in it. */
  readonly config?: string;
}

/** What is written when all of a cluster is ready. */
interface Written {
  readonly url: string;
  readonly servers: readonly string[];
  readonly flags: StandingFlags;
}

/** The cluster that outlives its start; there is one for whoever has the same TMPDIR. */
export interface StandingCluster {
  readonly url: string;
  /** Servers without a process. */
  readonly ended: readonly string[];
  readonly flags: StandingFlags;
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
  const { url, servers, flags } = JSON.parse(readFileSync(file, "utf8")) as Written;
  const ended = servers.filter((name) => markedProcesses(folder, name).length === 0);
  return { url, ended, flags };
}

/**
 * Refuses flags that a cluster was not started with: what is up stays as it is.
 * @throws Error which names them
 */
export function refuseOtherFlags(asked: StandingFlags, { flags }: StandingCluster): void {
  const others = NAMES.filter((name) => asked[name] && asked[name] !== flags[name]);
  if (others.length === 0) return;
  const named = others.map((name) => (name === "config" ? `the FILE of --${name}` : `--${name}`));
  throw new Error(
    `A cluster is up that was started without ${named.join(", ")}, and nothing of it was changed: ` +
      "end it by 'npm run swift:down', which removes its objects, and start it again",
  );
}

const NAMES = ["plain", "without-jobs", "coded", "encrypted", "config"] as const;

/** Says that all of a cluster is ready. */
export function writeStanding(cluster: SwiftCluster, flags: StandingFlags): void {
  const servers = serversOf(cluster).map(({ name }) => name);
  const written = { url: cluster.url, servers, flags };
  writeFileSync(join(cluster.folder, "cluster.json"), JSON.stringify(written satisfies Written));
}
