import { STATUS_CODES } from "node:http";
import { type ErrorCode, ZvmError } from "../../base/index.ts";

/** What an answer to a request that failed says. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  /** When it may be worth while to ask again. */
  readonly retryAfterSeconds?: number;
}

/** Failures that are ours: their reasons are for the log, not for whoever asked. */
const INTERNAL = 500;

/** Ends the request with the status that the code has. */
export function refuse(code: ErrorCode, message: string): never {
  throw new ZvmError(code, message);
}

/** The answer to whatever was thrown. */
export function refusalOf(cause: unknown): Refusal {
  const status = cause instanceof ZvmError ? cause.kind.httpStatus : INTERNAL;
  const text = cause instanceof ZvmError && status !== INTERNAL ? wordsOf(cause) : OWN_FAILURE;
  const seconds = cause instanceof ZvmError ? cause.retryAfterSeconds : undefined;
  return { status, text, ...(seconds !== undefined && { retryAfterSeconds: seconds }) };
}

/** A disk is named without its path, which is for the log. */
function wordsOf({ code, kind, message }: ZvmError): string {
  return code === "ZVM_DISK_FULL" ? `${kind.meaning}; try again later` : message;
}

const OWN_FAILURE = "The server failed; its log says why";

/** The body of an answer without another one. */
export function refusalBody({ status, text }: Refusal, transaction: string): string {
  return `${statusLine(status)}\n${text}\nTransaction: ${transaction}\n`;
}

/** As in `404 Not Found`. */
export function statusLine(status: number): string {
  return `${status} ${STATUS_TEXTS[status] ?? "Unknown"}`;
}

/** 499 is what logs say of a client that went away. */
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  ...STATUS_CODES,
  499: "Client Disconnect",
};

/** Whether something was thrown because what it was about is not there. */
export function isMissing(cause: unknown): boolean {
  return cause instanceof ZvmError && cause.code === "ZVM_STORE_NOT_FOUND";
}
