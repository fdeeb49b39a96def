/**
 * Runs a small program in this very process so many times, and prints what each time took in
 * microseconds: the whole session, in it the guest from its instance to its end, and beside it
 * the engine alone with the same module.
 */
import { readFileSync } from "node:fs";
import { run } from "../../../dist/index.js";

const [program, count] = process.argv.slice(2);
/** Sessions before the first that counts. */
const WARM = 200;
const MICROSECONDS = 1000;

const streams = { stdin: "ignore", stdout: "ignore", stderr: "ignore" };
const module = new WebAssembly.Module(readFileSync(program));
const imports = { wasi_snapshot_preview1: { fd_write: () => 0 } };
const samples = { session: [], guest: [], engine: [] };
for (let turn = -WARM; turn < Number(count); turn += 1) {
  const [session, report] = await timed(async () => {
    return (await run({ program, isolation: "none", ...streams })).report;
  });
  const [engine] = await timed(() => new WebAssembly.Instance(module, imports).exports._start());
  if (report.outcome.kind !== "exited") throw new Error(JSON.stringify(report.outcome));
  if (turn < 0) continue;
  samples.session.push(session);
  samples.guest.push((report.times.instantiateMs + report.times.guestMs) * MICROSECONDS);
  samples.engine.push(engine);
}
console.log(JSON.stringify(samples));

async function timed(work) {
  const startMs = performance.now();
  const result = await work();
  return [(performance.now() - startMs) * MICROSECONDS, result];
}
