import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** What a process has at one moment, besides what it works with. */
export interface Holdings {
  /** What its descriptors are, sorted. */
  readonly descriptors: readonly string[];
  readonly processes: readonly number[];
  /** Timers, sockets and other things that keep its event loop going. */
  readonly resources: number;
}

export interface Memory {
  readonly sessions: number;
  /** What is alive on the heap and beside it, after collecting. */
  readonly heapBytes: number;
  readonly residentBytes: number;
}

export function holdings(): Holdings {
  const descriptors = readdirSync("/proc/self/fd").map(targetOf).sort();
  const resources = process.getActiveResourcesInfo().length;
  return { descriptors, processes: descendants(process.pid), resources };
}

function targetOf(fd: string): string {
  try {
    // The number in `socket:[123]` is new each time.
    return readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/gu, "");
  } catch {
    // The one that the folder itself was read through.
    return "closed";
  }
}

/** The processes below one, each before those below it. */
export function descendants(pid: number): number[] {
  const children = tasksOf(pid).flatMap((task) =>
    readIfThere(`/proc/${pid}/task/${task}/children`)
      .split(" ")
      .filter((text) => text !== "")
      .map(Number),
  );
  return children.flatMap((child) => [child, ...descendants(child)]);
}

function tasksOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

export function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Looks at the memory of this process when all that nobody needs is gone. */
export async function measureMemory(sessions: number): Promise<Memory> {
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { sessions, heapBytes: heapUsed + external, residentBytes: rss };
}

/** Everything below a folder, by name. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String);
}
