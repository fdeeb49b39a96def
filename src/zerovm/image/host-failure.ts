import { type ErrorCode, HostIoError, printable, ZvmError } from "../../base/index.ts";

/** The host's reason without the call and the path, which may mean nothing to people. */
export function hostReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = /^E[A-Z0-9]+: (.*?)(?:, [a-z]+.*)?$/s.exec(error.message)?.[1];
  return message ?? error.message;
}

/** The `errno` name of a host error, if it has one. */
export function hostCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** `Cannot ACTION: REASON` for a host error; our own errors and bugs pass as they are. */
export function hostFailure(action: string, error: unknown, code: ErrorCode = "ZVM_FILE"): unknown {
  if (error instanceof ZvmError) return error;
  const fromHost = error instanceof HostIoError || hostCode(error) !== undefined;
  if (!fromHost) return error;
  return new ZvmError(code, `Cannot ${action}: ${hostReason(error)}`, { cause: error });
}

/** Runs host calls; what they throw becomes `Cannot ACTION: REASON`. */
export function attempt<Result>(action: string, calls: () => Result, code?: ErrorCode): Result {
  try {
    return calls();
  } catch (error) {
    throw hostFailure(action, error, code);
  }
}

/** A path of the host in a message. */
export function shownPath(path: string | Uint8Array): string {
  return printable(typeof path === "string" ? path : Buffer.from(path).toString());
}
