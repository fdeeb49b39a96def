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
  /** Why only root can run it, where that is so. */
  readonly asRoot?: string;
  /** Says what else keeps it from being run here, once all is installed. */
  whyNot?(): string | undefined;
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

function whyNot(suite: SystemSuite): string | undefined {
  const { needed, script, asRoot } = suite;
  if (asRoot !== undefined && process.getuid?.() !== 0) return `${asRoot}: run it as root`;
  const missing = installMissing(needed, script);
  if (missing.length > 0) return `${missing.join(", ")} missing; run ${script}`;
  return suite.whyNot?.();
}
