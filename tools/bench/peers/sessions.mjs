/**
 * Runs sessions of a program for so many seconds, so many at a time, each in a fresh cell: of a
 * pool as large, or started for it. Prints how many there were in a second, and what one cost in
 * milliseconds of a processor: in this process and in those that it made.
 */
import { readFileSync } from "node:fs";
import { CellPool, run } from "../../../dist/index.js";

const [program, source, together, seconds] = process.argv.slice(2);
const TICK_MS = 10;
/** Before that the cells of the pool are those that were made beforehand. */
const WARM_MS = 1000;

const pool = source === "pool" ? new CellPool({ size: Number(together) }) : undefined;
const options = {
  program,
  stdin: "ignore",
  stdout: "ignore",
  stderr: "ignore",
  ...(pool && { pool }),
};
let count = 0;
let isOver = false;
const workers = Array.from({ length: Number(together) }, work);
await new Promise((resolve) => setTimeout(resolve, WARM_MS));
const before = { atMs: performance.now(), count, spent: spentMs() };
await new Promise((resolve) => setTimeout(resolve, 1000 * Number(seconds)));
const after = { atMs: performance.now(), count, spent: spentMs() };
isOver = true;
await Promise.all(workers);
pool?.close();
const sessions = after.count - before.count;
const cost = Object.fromEntries(
  Object.entries(after.spent).map(([name, ms]) => [name, (ms - before.spent[name]) / sessions]),
);
console.log(JSON.stringify({ rate: (1000 * sessions) / (after.atMs - before.atMs), cost }));

async function work() {
  while (!isOver) {
    const { report } = await run(options);
    if (report.outcome.kind !== "exited") throw new Error(JSON.stringify(report.outcome));
    count += 1;
  }
}

/** What this process and those of its children that ended have had of the processors. */
function spentMs() {
  const [, rest] = readFileSync("/proc/self/stat", "latin1").split(") ");
  const fields = rest
    .split(" ")
    .slice(11, 15)
    .map((ticks) => Number(ticks) * TICK_MS);
  const [hostUser, hostSystem, cellUser, cellSystem] = fields;
  return { hostUser, hostSystem, cellUser, cellSystem };
}
