import { type ErrorCode, ZvmError } from "../../base/index.ts";

/** What the host's errors mean to whoever uses folders as a store. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOENT: "ZVM_STORE_NOT_FOUND",
  ELOOP: "ZVM_STORE_NOT_FOUND",
  ENOTDIR: "ZVM_STORE_NOT_FOUND",
  EACCES: "ZVM_STORE_DENIED",
  EPERM: "ZVM_STORE_DENIED",
  EROFS: "ZVM_STORE_DENIED",
  EISDIR: "ZVM_STORE_CONFLICT",
  ENOTEMPTY: "ZVM_STORE_CONFLICT",
  EEXIST: "ZVM_STORE_CONFLICT",
  ENOSPC: "ZVM_STORE_FULL",
  EDQUOT: "ZVM_STORE_FULL",
  EMFILE: "ZVM_STORE_BUSY",
  ENFILE: "ZVM_STORE_BUSY",
  ENAMETOOLONG: "ZVM_STORE_NAME",
};

/** The code that the host gave its error, if it did. */
export function codeOf(error: unknown): string | undefined {
  const code: unknown = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : undefined;
}

/** @param doing what was tried, as in "Cannot read c/o" */
export function storeError(doing: string, error: unknown): ZvmError {
  if (error instanceof ZvmError) return error;
  const code = codeOf(error);
  if (code === undefined) throw error;
  return new ZvmError(CODES[code] ?? "ZVM_STORE_FAILED", `${doing}: ${code}`, { cause: error });
}
