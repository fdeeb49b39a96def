/**
 * `npm run test:hosts`: sessions on three hosts, which are network namespaces of this machine, and
 * what becomes of them when one of the hosts is cut off. Its arguments are vitest's.
 */
import { spawnSync } from "node:child_process";
import { type Needed, runs } from "./packages.ts";
import { runSystemSuite, type SystemSuite } from "./suite-runner.ts";

const NEEDED: Needed = {
  iproute2: () => runs("ip", "-V"),
  "python3-minimal": () => runs("/usr/bin/python3", "-c", "import socket"),
};

const SUITE: SystemSuite = {
  folder: "hosts",
  needed: NEEDED,
  script: "tools/install-hosts.sh",
  asRoot: "it makes network namespaces",
  whyNot: namespacesRefused,
};

export async function main(args: readonly string[]): Promise<number> {
  return runSystemSuite(SUITE, args);
}

/** Root of a container often may not make any. */
function namespacesRefused(): string | undefined {
  const name = `zvmh-${process.pid}-try`;
  const { status, stderr } = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (status !== 0) return `no network namespace can be made here: ${stderr.trim()}`;
  const bridge = spawnSync("ip", ["-n", name, "link", "add", "br0", "type", "bridge"], {
    encoding: "utf8",
  });
  spawnSync("ip", ["netns", "del", name]);
  return bridge.status === 0 ? undefined : `no bridge can be made here: ${bridge.stderr.trim()}`;
}
