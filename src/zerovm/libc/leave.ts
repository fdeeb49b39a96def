import { libraryCall } from "./call.ts";
import { koffiIfLoaded } from "./koffi.ts";

/**
 * Ends this process with `status`, for who has nothing more to write. Where koffi is loaded it is
 * `_exit`: Node would first take down with care, in two milliseconds, what the kernel takes down
 * anyway.
 */
export function leave(status: number): never {
  if (koffiIfLoaded() !== undefined && !isObserved()) leaveAtOnce(status);
  process.exit(status);
}

/** Ends this process by `_exit`: a locked one may not make the calls of an orderly end. */
export function leaveAtOnce(status: number): never {
  libraryCall("void _exit(int status)")(status);
  process.exit(status);
}

/** Whether somebody waits for the orderly end: a listener, a profiler, a measure of coverage. */
function isObserved(): boolean {
  const { env, execArgv } = process;
  const isMeasured = execArgv.length > 0 || env["NODE_V8_COVERAGE"] !== undefined;
  return isMeasured || process.listenerCount("exit") > 0;
}
