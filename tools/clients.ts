/**
 * `npm run test:clients`: what others wrote to talk to OpenStack Swift, the command line and the
 * library of python-swiftclient and curl, and Swift's own functional tests, against `zerovm serve`.
 * Its arguments are vitest's.
 *
 * `ZEROVM_CLOUD=http://HOST:PORT` tries another cloud in its place, for example a real Swift with
 * the users of `test/support/cloud-process.ts`: what the tests of clients expect is true of
 * both. Swift's own are for `zerovm serve` alone.
 */
import { type Needed, runs } from "./packages.ts";
import { runSystemSuite } from "./suite-runner.ts";

export async function main(args: readonly string[]): Promise<number> {
  const script = "tools/install-clients.sh";
  return runSystemSuite({ folder: "clients", needed: NEEDED, script }, args);
}

const NEEDED: Needed = {
  "python3-swiftclient": () => runs("/usr/bin/python3", "-c", "import swiftclient"),
  curl: () => runs("curl", "--version"),
  "python3-swift": () => runs("/usr/bin/python3", "-c", "import swift"),
  "python3-pytest": () => runs("/usr/bin/python3", "-c", "import pytest"),
  "python3-mock": () => runs("/usr/bin/python3", "-c", "import mock"),
};
