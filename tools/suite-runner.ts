import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installMissing, type Needed } from "./packages.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

/** A suite of tests that need programs of the system. */
export interface SystemSuite {
  /** Below `test/suites`. */
  readonly folder: string;
  readonly needed: Needed;
  /** What installs them. */
  readonly script: string;
  /** Whether only root can run it. */
  readonly asRoot?: true;
}

/**
 * Runs the tests of a suite by vitest, which gets `args`; installs what is missing where this user
 * may. A suite that cannot run counts as skipped, and says why.
 * @returns the exit status
 */
export function runSystemSuite(suite: SystemSuite, args: readonly string[]): number {
  const why = whyNot(suite);
  if (why !== undefined) {
    console.log(`skipped: all, ${why}`);
    console.log(formatCounts({ passed: 0, failed: 0, skipped: 1 }));
    return 0;
  }
  const vitest = join(process.cwd(), "node_modules", "vitest", "vitest.mjs");
  const config = ["--config", "test/suites/vitest.config.ts", "--root", "."];
  const command = [vitest, "run", ...config, `test/suites/${suite.folder}`, ...args];
  return spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
}

function whyNot({ needed, script, asRoot }: SystemSuite): string | undefined {
  if (asRoot && process.getuid?.() !== 0)
    return "it starts servers as several users: run it as root";
  const missing = installMissing(needed, script);
  return missing.length === 0 ? undefined : `${missing.join(", ")} missing; run ${script}`;
}
