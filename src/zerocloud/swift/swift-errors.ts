import { type ErrorCode, ZvmError } from "../../base/index.ts";

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: "ZVM_STORE_NAME",
  401: "ZVM_STORE_DENIED",
  403: "ZVM_STORE_DENIED",
  404: "ZVM_STORE_NOT_FOUND",
  409: "ZVM_STORE_CONFLICT",
  412: "ZVM_STORE_CONDITION",
  413: "ZVM_STORE_TOO_LARGE",
  422: "ZVM_STORE_ETAG",
  499: "ZVM_STORE_UPLOAD",
  503: "ZVM_STORE_BUSY",
  507: "ZVM_STORE_FULL",
};

/** What a status of Swift is to jobs; `what` says what was asked, as in `PUT /a/c/o`. */
export function swiftError(status: number, what: string): ZvmError {
  return new ZvmError(CODES[status] ?? "ZVM_STORE_FAILED", `Swift answered ${status} to ${what}`);
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
