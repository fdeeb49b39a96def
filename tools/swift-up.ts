/**
 * `npm run swift:up`: a cluster of OpenStack Swift with three storage nodes on this machine, which
 * lives until `npm run swift:down`. The system is left as it is: settings, logs and objects are in
 * one folder, and the system picked the ports. `--plain` leaves out what is ours, `--without-jobs`
 * coordinator and workers; `--coded` adds a policy with erasure coding, `--encrypted` encrypts;
 * `--config FILE` has settings of coordinator and workers, such as images (see `zerovm config`). A
 * cluster that is up already is told of as it is; what it was not started with is refused.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { installMissing } from "./packages.ts";
import { CLUSTER_USERS, SWIFT_PACKAGES, SWIFT_SCRIPT, startCluster } from "./swift/index.ts";
import {
  findStanding,
  refuseOtherFlags,
  type StandingCluster,
  type StandingFlags,
  standingFolder,
  writeStanding,
} from "./swift/standing-cluster.ts";

const OPTIONS = {
  plain: { type: "boolean", default: false },
  "without-jobs": { type: "boolean", default: false },
  coded: { type: "boolean", default: false },
  encrypted: { type: "boolean", default: false },
  config: { type: "string" },
} as const;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** @returns the exit status: 1 where a cluster that is up has lost a server */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const { config: file, ...switches } = values;
  const config = file === undefined ? {} : { config: readFileSync(placeOf(file), "utf8") };
  const flags: StandingFlags = { ...switches, ...config };
  const standing = findStanding();
  if (standing !== undefined) {
    refuseOtherFlags(flags, standing);
    return tellStanding(standing);
  }
  installMissing(SWIFT_PACKAGES, SWIFT_SCRIPT);
  const abort = new AbortController();
  for (const signal of SIGNALS) {
    process.on(signal, () => abort.abort(new Error(`${signal}: ended what was started`)));
  }
  const beginMs = Date.now();
  const cluster = await startCluster({
    folder: standingFolder(),
    filters: !values.plain,
    withoutJobs: values["without-jobs"],
    coded: values.coded,
    encrypted: values.encrypted,
    ...config,
    outlives: true,
    abort: abort.signal,
    onProgress: (what) => console.log(what),
  });
  writeStanding(cluster, flags);
  const seconds = ((Date.now() - beginMs) / 1000).toFixed(0);
  console.log(`\nThe cluster is up after ${seconds} s.\n\n${adviceOf(cluster.url)}`);
  return 0;
}

/** `npm run` says from which folder it was called. */
function placeOf(file: string): string {
  return resolve(process.env["INIT_CWD"] ?? process.env["TOOL_FOLDER"] ?? "", file);
}

function tellStanding({ url, ended }: StandingCluster): number {
  console.log(`The cluster is up already.\n\n${adviceOf(url)}`);
  if (ended.length === 0) return 0;
  console.log(
    `\nThese of its servers have ended: ${ended.join(", ")}; 'npm run swift:down' ends it`,
  );
  return 1;
}

function adviceOf(url: string): string {
  const users = Object.values(CLUSTER_USERS).map(({ name, key, ...rest }) => {
    return `  ${name}, key ${key}${"groups" in rest ? `, ${rest.groups.join(" ")}` : ""}`;
  });
  const { name, key } = CLUSTER_USERS.tester;
  return [
    `Sign in at  ${url}/auth/v1.0  as`,
    ...users,
    "",
    "Try it with the command line of Swift:",
    `  export ST_AUTH=${url}/auth/v1.0 ST_USER=${name} ST_KEY=${key}`,
    "  swift upload box README.md && swift stat box README.md && swift list box",
    "or with curl:",
    `  curl -i ${url}/auth/v1.0 -H 'X-Auth-User: ${name}' -H 'X-Auth-Key: ${key}'`,
    `  curl ${url}/v1/AUTH_test -H 'X-Auth-Token: TOKEN'`,
    "",
    `Settings, rings, logs and devices are in ${standingFolder()}; 'npm run swift:down' ends it.`,
  ].join("\n");
}
