import type { Diagnostic } from "./diagnostic.ts";
import type { ErrorKind } from "./error-kind.ts";
import { ERROR_TABLE, type ErrorCode } from "./error-table.ts";

export interface ZvmErrorDetails {
  /** All findings about the input, where there can be several. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly cause?: unknown;
  /** `Retry-After`: when it may be worth while to ask again. */
  readonly retryAfterSeconds?: number;
}

/** What a user or client sees. Match on `code`, never on the message. */
export class ZvmError extends Error {
  override readonly name = "ZvmError";
  readonly code: ErrorCode;
  readonly diagnostics: readonly Diagnostic[];
  /** See the details; undefined where asking again is of no use. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, details: ZvmErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.diagnostics = details.diagnostics ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }

  get kind(): ErrorKind {
    return ERROR_TABLE[this.code];
  }
}
