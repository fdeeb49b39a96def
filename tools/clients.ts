/**
 * `npm run test:clients`: what others wrote to talk to OpenStack Swift, the command line and the
 * library of python-swiftclient and curl, and Swift's own functional tests, against `zerovm serve`.
 * Its arguments are vitest's.
 *
 * `ZEROVM_CLOUD=http://HOST:PORT` tries another cloud in its place, for example a real Swift with
 * the users of `test/support/cloud-process.ts`: what the tests of clients expect is true of
 * both. Swift's own are for `zerovm serve` alone.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { installMissing, type Needed, runs } from "./packages.ts";
import { formatCounts } from "./vitest/plain-summary.ts";

export async function main(args: readonly string[]): Promise<number> {
  const missing = installMissing(NEEDED, "tools/install-clients.sh");
  if (missing.length > 0) {
    console.log(`skipped: all, ${missing.join(", ")} missing; run tools/install-clients.sh`);
    console.log(formatCounts({ passed: 0, failed: 0, skipped: 1 }));
    return 0;
  }
  const vitest = join(process.cwd(), "node_modules", "vitest", "vitest.mjs");
  const config = ["--config", "test/suites/vitest.config.ts", "--root", "."];
  const command = [vitest, "run", ...config, "test/suites/clients", ...args];
  return spawnSync(process.execPath, command, { stdio: "inherit" }).status ?? 1;
}

const NEEDED: Needed = {
  "python3-swiftclient": () => runs("/usr/bin/python3", "-c", "import swiftclient"),
  curl: () => runs("curl", "--version"),
  "python3-swift": () => runs("/usr/bin/python3", "-c", "import swift"),
  "python3-pytest": () => runs("/usr/bin/python3", "-c", "import pytest"),
  "python3-mock": () => runs("/usr/bin/python3", "-c", "import mock"),
};
