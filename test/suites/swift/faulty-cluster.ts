/** A cluster of which parts are about to fail, with what its jobs need. */
import { type SwiftCluster, startCluster } from "../../../tools/swift/index.ts";
import { SUMMING_GUEST, slowGuest, sumOf } from "./cluster-guests.ts";
import { JobSender } from "./job-sender.ts";

const TEXT = "what all of them read";
/** What a job over the text answers. */
export const RIGHT = { status: 200, text: sumOf(TEXT) };
/** A busy machine is slow, not broken. */
const PATIENT = "jobs:\n  timeoutSeconds: 25\n";

/** Fills it: `/data/o` holds the text, `/bin/sum` and `/bin/slow` are programs. */
async function fill(tester: JobSender): Promise<void> {
  for (const container of ["data", "bin"]) await tester.container(container);
  await tester.put("/data/o", TEXT);
  await tester.put("/bin/sum", SUMMING_GUEST);
  await tester.put("/bin/slow", slowGuest());
}

/** Starts it, with all that jobs of these tests need. */
export async function startFaulty(): Promise<{
  readonly cluster: SwiftCluster;
  readonly tester: JobSender;
}> {
  const cluster = await startCluster({ config: PATIENT });
  try {
    const tester = new JobSender(cluster);
    await fill(tester);
    return { cluster, tester };
  } catch (cause) {
    await cluster.stop();
    throw cause;
  }
}
