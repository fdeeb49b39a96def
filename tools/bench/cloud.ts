import type { BenchFolder } from "./bench-folder.ts";
import { measureJobs } from "./cloud/jobs.ts";
import { measureObjects } from "./cloud/objects.ts";
import { measurePass } from "./cloud/pass.ts";
import { measurePushDown } from "./cloud/push-down.ts";
import { startSwift } from "./cloud/real-swift.ts";
import { startServed } from "./cloud/served.ts";
import { makeLink } from "./cloud/shaped-link.ts";
import type { Measurement } from "./measurement.ts";

/** `zerovm serve` beside a real Swift on the same machine, where its packages are installed. */
export async function measureCloud(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const link = makeLink();
  try {
    const served = await startServed(place, link?.address);
    try {
      const swift = await startSwift();
      try {
        const objects = await measureObjects(swift ? [served, swift] : [served], rounds);
        const jobs = await measureJobs(place, served, rounds);
        const pass = await measurePass(place, served, rounds);
        if (link === undefined) {
          console.error("no link of 1 Gbit/s: it takes root, ip and tc of Debian's iproute2");
          return [...objects, ...jobs, pass];
        }
        const pushed = await measurePushDown(place, served, link, rounds);
        return [...objects, ...jobs, pass, ...pushed];
      } finally {
        await swift?.stop();
      }
    } finally {
      await served.stop();
    }
  } finally {
    link?.remove();
  }
}
