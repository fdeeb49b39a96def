import { readFileSync } from "node:fs";

/** Ticks of the kernel in a second, as Linux has them for programs. */
const TICKS = 100;
/** Fields behind the name of the process: its own time, and that of children that it reaped. */
const TIMES = { from: 11, to: 15 } as const;

/** Seconds that processes and their ended children had a processor. */
export function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS;
}

function ticksOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const times = fields.slice(TIMES.from, TIMES.to).map(Number);
    return times.reduce((sum, ticks) => sum + ticks, 0);
  } catch {
    // It has ended since it was listed.
    return 0;
  }
}
