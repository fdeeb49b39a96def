import { type ErrorCode, printable, ZvmError } from "../../base/index.ts";

/** What a failure of the host means to whoever uses the store. */
const CODE_OF_ERRNO: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "ZVM_STORE_FULL",
  EDQUOT: "ZVM_STORE_FULL",
  EMFILE: "ZVM_STORE_BUSY",
  ENFILE: "ZVM_STORE_BUSY",
};

/** Code that the host gave its error, if it did. */
export function errnoOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/**
 * The failure of an operation on the store's files.
 * @param doing what was tried, as in "Cannot write an upload"
 */
export function hostFailure(doing: string, cause: unknown): ZvmError {
  if (cause instanceof ZvmError) return cause;
  const errno = errnoOf(cause);
  const code = CODE_OF_ERRNO[errno ?? ""] ?? "ZVM_STORE_FAILED";
  const reason = errno ?? (cause instanceof Error ? cause.message : String(cause));
  return new ZvmError(code, `${doing}: ${reason}`, { cause });
}

/** The failure that names what is missing. */
export function notFound(what: string): ZvmError {
  return new ZvmError("ZVM_STORE_NOT_FOUND", `There is no ${what}`);
}

export function damaged(message: string, cause?: unknown): ZvmError {
  return new ZvmError("ZVM_STORE_DAMAGED", message, { cause });
}

/** `account/container/object` as messages show it. */
export function shownPath(...names: readonly string[]): string {
  return printable(names.join("/"));
}
