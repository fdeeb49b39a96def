import { missingOf } from "../packages.ts";
import { SWIFT_PACKAGES, SWIFT_SCRIPT } from "../swift/index.ts";
import type { BenchFolder } from "./bench-folder.ts";
import type { Measurement } from "./measurement.ts";
import { measureFilterCost } from "./swift/filter-cost.ts";
import { measureWordCount } from "./swift/word-count.ts";

/** Jobs inside a cluster of OpenStack Swift on this machine, where its packages are installed. */
export async function measureSwift(place: BenchFolder, rounds: number): Promise<Measurement[]> {
  const missing = missingOf(SWIFT_PACKAGES);
  if (missing.length > 0 || process.getuid?.() !== 0) {
    console.error(`no cluster of Swift: it takes root, and ${SWIFT_SCRIPT}`);
    return [];
  }
  return [...(await measureFilterCost(rounds)), ...(await measureWordCount(place, rounds))];
}
