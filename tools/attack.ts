/**
 * The whole attack suite: all of `test/attack` against the cells of several versions of Node, and
 * for each user that this machine can be. `npm test` runs it on one, with fewer attacks.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { findVersions } from "./matrix/node-versions.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

const MAJORS = [24, 26];
const COUNTS = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m;

export async function main(args: readonly string[]): Promise<number> {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const { version, binary } of findVersions(MAJORS)) {
    console.log(`\nCells of Node ${version}`);
    const counts = attackOn(binary, args);
    total.passed += counts.passed;
    total.failed += counts.failed;
    total.skipped += counts.skipped;
  }
  console.log(formatCounts(total));
  return total.failed === 0 ? 0 : 1;
}

/** The tests themselves run on the Node of whoever started them. */
function attackOn(binary: string, args: readonly string[]) {
  const vitest = join(process.cwd(), "node_modules", "vitest", "vitest.mjs");
  const env = { ...process.env, ZEROVM_ATTACK_NODE: binary, ZEROVM_ATTACK_ALL: "1" };
  const run = spawnSync(process.execPath, [vitest, "run", "test/attack", ...args], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: 2 ** 28,
  });
  const [, passed = "0", failed = "0", skipped = "0"] = COUNTS.exec(run.stdout) ?? [];
  const isBroken = run.status !== 0 && failed === "0";
  if (run.status !== 0 || run.stdout.includes("passed when tried again: ")) {
    process.stdout.write(run.stdout);
  }
  return {
    passed: Number(passed),
    failed: isBroken ? 1 : Number(failed),
    skipped: Number(skipped),
  };
}
