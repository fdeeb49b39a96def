import { closeSync, openSync } from "node:fs";
import { checked, libraryCall } from "./call.ts";

const STANDARD_FDS = [0, 1, 2];

/** Puts the null device in place of the standard streams, which others wait for the end of. */
export function leaveStreams(): void {
  const duplicate = libraryCall("int dup2(int from, int to)");
  const fd = openSync("/dev/null", "r+");
  for (const standard of STANDARD_FDS) checked("dup2", duplicate(fd, standard));
  closeSync(fd);
}
