/**
 * Runs a program in warm cells of a pool, one after the other, and prints what each took in
 * milliseconds: from the order to the guest's first instruction, and from the call to the report.
 */
import { CellPool, run } from "../../../dist/index.js";

const [program, count] = process.argv.slice(2);
const options = { program, stdin: "ignore", stdout: "ignore", stderr: "ignore" };
const pool = new CellPool({ size: 2 });
const orders = [];
const sessions = [];
for (let turn = -5; turn < Number(count); turn += 1) {
  await pool.filled();
  const startMs = performance.now();
  const { report } = await run({ ...options, pool });
  const sessionMs = performance.now() - startMs;
  if (report.outcome.kind !== "exited") throw new Error(JSON.stringify(report.outcome));
  // The first ones warm this process up.
  if (turn < 0) continue;
  orders.push(report.times.orderToGuestMs);
  sessions.push(sessionMs);
}
pool.close();
console.log(JSON.stringify({ orders, sessions }));
