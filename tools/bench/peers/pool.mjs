/**
 * Runs a program in warm cells, one after the other, and prints what each took in milliseconds:
 * from the order to the guest's first instruction, and from the order to the report. The cells are
 * those of a pool for the program, which have compiled it before, or of one for any program.
 */
import { CellPool, programPool, run } from "../../../dist/index.js";

const [program, count, kind] = process.argv.slice(2);
const options = { program, stdin: "ignore", stdout: "ignore", stderr: "ignore" };
const size = 2;
const pool = kind === "any" ? new CellPool({ size }) : await programPool({ program, size });
const orders = [];
const sessions = [];
for (let turn = -5; turn < Number(count); turn += 1) {
  await pool.filled();
  const { report } = await run({ ...options, pool });
  if (report.outcome.kind !== "exited") throw new Error(JSON.stringify(report.outcome));
  // The first ones warm this process up.
  if (turn < 0) continue;
  orders.push(report.times.orderToGuestMs);
  sessions.push(report.times.orderToReportMs);
}
pool.close();
console.log(JSON.stringify({ orders, sessions }));
