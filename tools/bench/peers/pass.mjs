/**
 * `node pass.mjs PROGRAM FOLDER`: a session over each file of a folder, two at a time in cells of a
 * pool. Prints the milliseconds from the first to the last.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CellPool, run } from "../../../dist/index.js";

const TOGETHER = 2;
const MOST = 2 ** 40;

const [program, folder] = process.argv.slice(2);
const pool = new CellPool({ size: TOGETHER });
const files = readdirSync(folder).map((name) => join(folder, name));
await run({ program, channels: [stdinOf(files[0])], pool });
const startMs = performance.now();
await Promise.all(
  Array.from({ length: TOGETHER }, async () => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      const { report } = await run({ program, channels: [stdinOf(file)], pool });
      if (report.exitStatus !== 0) throw new Error(JSON.stringify(report.outcome));
    }
  }),
);
console.log(performance.now() - startMs);
pool.close();

function stdinOf(file) {
  return `${file},/dev/stdin,0,0,${MOST},${MOST},0,0`;
}
