/** The bytes behind the trace hashes of two runs, and where they begin to differ. */
import { fstatSync, readSync } from "node:fs";
import type { ByteSource } from "../../base/index.ts";
import { traceDifference } from "../../zrt/index.ts";
import type { Outcome } from "../report/index.ts";

/** As much of each trace is kept for showing where they differ. */
export const TRACE_BYTES_MAX = 256 * 2 ** 20;

/**
 * The first host call in which two runs differ, in words; where their logs do not show it, what is
 * known otherwise.
 * @param logs files that a cell wrote, that of the first run first
 */
export function firstDifference(
  known: string,
  second: Outcome,
  logs: readonly [number, number],
): string {
  // Such a run ends anywhere, and what it did so far is no difference.
  if (second.kind === "limited" && second.limit === "time") return known;
  return traceDifference(fileSource(logs[0]), fileSource(logs[1])) ?? known;
}

/** A file that a cell wrote, as far as it did and was to. */
function fileSource(fd: number): ByteSource {
  const sizeBytes = Math.min(fstatSync(fd).size, TRACE_BYTES_MAX);
  return {
    sizeBytes,
    read(offset, into) {
      const wanted = Math.max(0, Math.min(into.length, sizeBytes - offset));
      let done = 0;
      while (done < wanted) {
        const got = readSync(fd, into, done, wanted - done, offset + done);
        if (got === 0) break;
        done += got;
      }
      return done;
    },
  };
}
