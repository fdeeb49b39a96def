/** For tests: a coordinator as they all start it, which logs what went wrong to nobody. */
import { STANDARD_EXECUTOR_SETTINGS } from "../../src/zerocloud/execute/index.ts";
import { Log } from "../../src/zerocloud/log/index.ts";
import { Metrics } from "../../src/zerocloud/metrics/index.ts";
import { Coordinator, type CoordinatorParts } from "../../src/zerocloud/swift/index.ts";

/** The secret of the clusters that tests make. */
export const SECRET = "of this cluster";

/** For coordinator and workers. */
export const QUIET_LOG = new Log({ level: "error", form: "json", write: () => undefined });

const GRACE_MS = 1000;

/** A coordinator that listens at a socket. */
export async function startCoordinator(
  socket: string,
  more: Pick<CoordinatorParts, "pulse"> = {},
): Promise<Coordinator> {
  const coordinator = new Coordinator({
    socket,
    secret: Buffer.from(SECRET),
    settings: STANDARD_EXECUTOR_SETTINGS,
    log: QUIET_LOG,
    metrics: new Metrics(),
    ended: () => undefined,
    graceMs: GRACE_MS,
    ...more,
  });
  await coordinator.start();
  return coordinator;
}
