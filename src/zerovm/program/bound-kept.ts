import { readdirSync, statSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/** Of all that is kept in one folder of the cache. */
const KEPT_BYTES_MAX = 4 * 2 ** 30;

/**
 * Removes the oldest files of a folder of the cache where all have more bytes than they may: who
 * sends a server one program after another must not fill its disk.
 */
export function boundKept(folder: string, bytesMax = KEPT_BYTES_MAX): void {
  const files = filesOf(folder).sort((one, other) => other.writtenMs - one.writtenMs);
  let sumBytes = 0;
  for (const { place, sizeBytes } of files) {
    sumBytes += sizeBytes;
    if (sumBytes > bytesMax) attempt(() => unlinkSync(place));
  }
}

function filesOf(folder: string) {
  return (attempt(() => readdirSync(folder)) ?? []).flatMap((name) => {
    const place = join(folder, name);
    const stats = attempt(() => statSync(place));
    if (stats?.isFile() !== true) return [];
    return [{ place, sizeBytes: stats.size, writtenMs: stats.mtimeMs }];
  });
}

/** Others may write and clear the cache at the same time. */
function attempt<Result>(call: () => Result): Result | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
