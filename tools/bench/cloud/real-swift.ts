import { missingOf } from "../../packages.ts";
import { CLUSTER_USERS, SWIFT_PACKAGES, startCluster } from "../../swift/index.ts";
import { type Endpoint, signIn } from "./endpoint.ts";

/**
 * A real Swift on one disk without copies, as small as it goes; undefined for who is not root, and
 * without its packages, which `tools/install-swift.sh` installs.
 */
export async function startSwift(): Promise<Endpoint | undefined> {
  if (missingOf(SWIFT_PACKAGES).length > 0 || process.getuid?.() !== 0) return undefined;
  const cluster = await startCluster({
    nodes: 1,
    filters: false,
    extras: ["slo", "dlo"],
    processes: { proxy: 2, storage: 2 },
    logLevel: "ERROR",
  });
  try {
    const { name, key } = CLUSTER_USERS.tester;
    const signedIn = await signIn("swift", cluster.url, { user: name, key });
    return { ...signedIn, stop: cluster.stop };
  } catch (cause) {
    await cluster.stop();
    throw cause;
  }
}
