import { closeSync } from "node:fs";
import { checked, libraryCall } from "./call.ts";

const F_GETFL = 3;
const F_SETFL = 4;

/** How descriptors are set that others have as well. */
export type StreamFlags = readonly number[];

/**
 * Puts descriptors in place of the standard streams of this process, and closes them.
 * @returns what `restoreFlags` gives back
 * @throws HostIoError when one of them is none
 */
export function adoptStreams(fds: readonly number[]): StreamFlags {
  const duplicate = libraryCall("int dup2(int from, int to)");
  const control = libraryCall("int fcntl(int fd, int command, long value)");
  return fds.map((fd, standard) => {
    checked("dup2", duplicate(fd, standard));
    closeSync(fd);
    return checked("fcntl", control(standard, F_GETFL, 0));
  });
}

/** A stream of Node's sets its descriptor not to block, for everybody who has it open. */
export function restoreFlags(flags: StreamFlags): void {
  const control = libraryCall("int fcntl(int fd, int command, long value)");
  flags.forEach((flag, standard) => {
    control(standard, F_SETFL, flag);
  });
}
