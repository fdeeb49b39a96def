/**
 * `npm run test:swift`: clusters of OpenStack Swift with several storage nodes, each started by the
 * test that needs it, and the tests of our filters by themselves. Its arguments are vitest's.
 */
import { runSystemSuite, type SystemSuite } from "./suite-runner.ts";
import { SWIFT_PACKAGES, SWIFT_SCRIPT } from "./swift/index.ts";

const SUITE: SystemSuite = {
  folder: "swift",
  needed: SWIFT_PACKAGES,
  script: SWIFT_SCRIPT,
  asRoot: "it starts servers as several users",
};

export async function main(args: readonly string[]): Promise<number> {
  return runSystemSuite(SUITE, args);
}
