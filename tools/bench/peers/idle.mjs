/**
 * Lets so many cells of a pool wait, and prints what each process of them holds, in MB: resident,
 * its part of what is shared, private and changed, and its page tables.
 */
import { readdirSync, readFileSync } from "node:fs";
import { CellPool } from "../../../dist/index.js";

/** What was done to make a cell ready comes to its end. */
const CALM_MS = 500;

const pool = new CellPool({ size: Number(process.argv[2]) });
const freeBefore = freeMegabytes();
await pool.filled();
await new Promise((resolve) => setTimeout(resolve, CALM_MS));
const taken = freeBefore - freeMegabytes();
const processes = below(process.pid).map(holdingsOf);
pool.close();
console.log(JSON.stringify({ processes, taken }));

function below(pid) {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const children = readFileSync(`/proc/${pid}/task/${task}/children`, "latin1").split(" ");
    return children.filter((child) => child !== "").flatMap((child) => [child, ...below(child)]);
  });
}

function holdingsOf(pid) {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return {
    isCell: readFileSync(`/proc/${pid}/comm`, "latin1") !== "unshare\n",
    resident: megabytes(rollup, "Rss"),
    share: megabytes(rollup, "Pss"),
    dirty: megabytes(rollup, "Private_Dirty"),
    tables: megabytes(status, "VmPTE"),
  };
}

function freeMegabytes() {
  return megabytes(readFileSync("/proc/meminfo", "latin1"), "MemAvailable");
}

function megabytes(text, name) {
  const [, kilobytes] = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text);
  return Number(kilobytes) / 1024;
}
