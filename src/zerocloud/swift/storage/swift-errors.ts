import { type ErrorCode, printable, ZvmError } from "../../../base/index.ts";
import { pathOfItem, type StoredItem } from "../../plan/index.ts";
import type { Right } from "../../storage/index.ts";
import type { ContainerBook } from "./container-book.ts";

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

/**
 * What a refusal of Swift means to whoever asked for an item, said as an own store says it: Swift
 * does not tell whether it is the object or its container that is missing.
 */
export async function itemError(
  status: number,
  item: StoredItem,
  right: Right,
  containers: ContainerBook,
): Promise<ZvmError> {
  const { account, container, object } = item;
  const code = CODES[status];
  if (code === "ZVM_STORE_DENIED")
    return new ZvmError(code, `May not ${right} ${pathOfItem(item)}`);
  if (code !== "ZVM_STORE_NOT_FOUND") return swiftError(status, `${right} ${pathOfItem(item)}`);
  const hasContainer = object !== undefined && (await containers.facts(item)).status !== 404;
  const what = hasContainer
    ? `object ${[account, container, object].join("/")}`
    : `container ${account}/${container}`;
  return new ZvmError(code, `There is no ${printable(what)}`);
}

export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}
