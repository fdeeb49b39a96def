import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";

/**
 * Variables of the environment by which all processes of a cluster are known, whoever started them
 * and whatever became of that: a process keeps the environment that it was born with, and its
 * children inherit it.
 */
export const CLUSTER_MARK = "ZEROVM_SWIFT_CLUSTER";
export const SERVER_MARK = "ZEROVM_SWIFT_SERVER";

const WAIT_MS = 50;
/** Servers get that long to end in order. */
const PATIENCE_MS = 10_000;

/** Processes of the cluster in this folder, or of one of its servers. */
export function markedProcesses(folder: string, server?: string): number[] {
  const marks = [`${CLUSTER_MARK}=${folder}`];
  if (server !== undefined) marks.push(`${SERVER_MARK}=${server}`);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      const variables = environmentOf(pid);
      return marks.every((mark) => variables.includes(mark));
    })
    .map(Number);
}

/** Ends processes of a cluster: asked first, by force where they do not go. */
export async function endProcesses(
  folder: string,
  {
    server,
    signal = "SIGTERM",
  }: { readonly server?: string; readonly signal?: NodeJS.Signals } = {},
): Promise<void> {
  signalAll(markedProcesses(folder, server), signal);
  for (const endMs = Date.now() + PATIENCE_MS; ; await setTimeout(WAIT_MS)) {
    const left = markedProcesses(folder, server);
    if (left.length === 0) return;
    if (Date.now() > endMs || signal === "SIGKILL") signalAll(left, "SIGKILL");
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}

/** Empty for a process that has ended, or is of another user. */
function environmentOf(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}
