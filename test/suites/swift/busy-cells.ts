/** For tests: where in a cluster sessions run, seen by the time that their processes use. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { SwiftCluster, SwiftNode } from "../../../tools/swift/index.ts";

const LOOK_MS = 100;
const PATIENCE_MS = 60_000;
/** Hundredths of a second between two looks that only a session uses. */
const BUSY_TICKS = 2;
/** A cell that only waits has used fewer. */
const BEGUN_TICKS = 60;

/** A session at work: its node, and its process. */
export interface BusyCell {
  readonly node: SwiftNode;
  readonly pid: number;
}

/** Waits until a session is at work. */
export async function busyCell({ nodes }: SwiftCluster): Promise<BusyCell> {
  let before = new Map<number, number>();
  for (const endMs = Date.now() + PATIENCE_MS; Date.now() < endMs; await setTimeout(LOOK_MS)) {
    const now = new Map<number, number>();
    for (const node of nodes) {
      for (const pid of cellsOf(node)) {
        const ticks = ticksOf(pid);
        now.set(pid, ticks);
        // What a cell takes to begin is less; a session goes on.
        const isAtWork = ticks - (before.get(pid) ?? ticks) >= BUSY_TICKS && ticks >= BEGUN_TICKS;
        if (isAtWork) return { node, pid };
      }
    }
    before = now;
  }
  throw new Error("No session is at work");
}

/** Processes in which sessions of a node run, or wait to run. */
export function cellsOf({ worker }: SwiftNode): number[] {
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid) ?? 0;
    return parent > 1 && (parent === worker?.pid || isBelow(parent));
  };
  return [...parents.keys()].filter((pid) => isBelow(pid) && isCell(pid));
}

function processes(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1] ?? 0);
}

/** Not what brings one into its walls, which has the same words behind its own. */
function isCell(pid: number): boolean {
  return /^[^\0]*node\0.*bin\/cell\.js/.test(read(`/proc/${pid}/cmdline`));
}

function ticksOf(pid: number): number {
  const fields = fieldsOf(pid);
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** Of its state, from the letter on. */
function fieldsOf(pid: number): string[] {
  return read(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ") ?? [];
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
