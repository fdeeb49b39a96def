import { ZvmError } from "../../../base/index.ts";
import type { ServerConfig } from "../../config/index.ts";
import { Log } from "../../log/index.ts";

/** What a coordinator or worker is told. */
export interface ServeRequest {
  readonly config: ServerConfig;
  /** Path of the socket where it listens. */
  readonly socket: string;
  /** Given when it is to end. */
  readonly stop: AbortSignal;
  /** Called once, when it can be used. */
  readonly announce: () => void;
}

export function logOf({ "log.form": form, "log.level": level }: ServerConfig): Log {
  return new Log({ level, form });
}

/** What is wrong with a flag of whoever starts a coordinator or worker. */
export function setupError(flag: string, why: string, cause?: unknown): ZvmError {
  const options = cause === undefined ? {} : { cause };
  return new ZvmError("ZVM_SWIFT_SETUP", `--${flag} ${why}`, options);
}

/** Resolves when a signal is given. */
export async function untilAborted(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
