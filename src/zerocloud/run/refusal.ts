import { printable, ZvmError } from "../../base/index.ts";
import { pathOfItem, type StoredItem } from "../plan/index.ts";

/** Why an instance was turned away before it had read its input: it ends the job. */
export class Refusal extends Error {
  /** Of HTTP. */
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }

  /** When it may be worth while to ask again, where the cause says so. */
  get retryAfterSeconds(): number | undefined {
    const { cause } = this;
    return cause instanceof ZvmError ? cause.retryAfterSeconds : undefined;
  }
}

/** Reason phrases of the statuses that stores and jobs answer with. */
const PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  412: "Precondition Failed",
  413: "Request Entity Too Large",
  422: "Unprocessable Entity",
  499: "Client Closed Request",
  500: "Internal Error",
  501: "Not Implemented",
  503: "Service Unavailable",
  507: "Insufficient Storage",
};

/** `404 Not Found`. */
export function statusLine(status: number): string {
  const phrase = PHRASES[status];
  return phrase === undefined ? String(status) : `${status} ${phrase}`;
}

/** What is said of an output that cannot be stored; only who may know has a container missing. */
export function unstoredText(status: number, item: StoredItem, error: unknown): string {
  const isMissing = error instanceof ZvmError && error.code === "ZVM_STORE_NOT_FOUND";
  const why = isMissing ? `; there is no container ${printable(item.container)}` : "";
  return `Status ${statusLine(status)} when putting ${pathOfItem(item)}${why}`;
}

/** Whether something failed because the disk for temporary files is full. */
export function isOfFullDisk(error: unknown): boolean {
  if (error instanceof Refusal) return isOfFullDisk(error.cause);
  return error instanceof ZvmError && error.code === "ZVM_DISK_FULL";
}

/** What is said behind a refusal that the disk is the reason of; nothing behind any other. */
export function diskWords(error: unknown): string {
  return isOfFullDisk(error) ? `; ${FULL_DISK}` : "";
}

/** No host and no path, for clients. */
export const FULL_DISK = "the disk for temporary files is full";

/** What a failure of the store is to HTTP. */
export function statusOf(error: ZvmError): number {
  return error.kind.httpStatus;
}

/** Turns a failure of the store into a refusal with a message of ours; a defect stays one. */
export function refused(error: unknown, say: (status: number) => string): Refusal {
  if (error instanceof Refusal) return error;
  if (!(error instanceof ZvmError)) throw error;
  const status = statusOf(error);
  return new Refusal(status, say(status), error);
}
