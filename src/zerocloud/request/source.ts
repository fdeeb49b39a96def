import { type Refusal, refuse } from "../result/index.ts";
import { itemOfUrl, type ObjectItem, swiftUrlOf } from "./address.ts";
import { decodedHeader } from "./header-table.ts";

const FORMAT = refuse(412, "X-Zerovm-Source format is swift://account/container/object");

/**
 * The object that holds the job, of `X-Zerovm-Source`: a URL in percent form.
 * @param account of the request, for which `~` and `.` stand
 */
export function readSource(value: string, account: string): ObjectItem | Refusal {
  return itemOfUrl(decodedHeader(value) ?? "", account) ?? FORMAT;
}

/** The refusal where the object that holds the job cannot be read: its own status, and its name. */
export function sourceFailure(item: ObjectItem, status: number, reason: string): Refusal {
  return refuse(status, `Error ${status} while fetching ${swiftUrlOf(item)}: ${reason}`);
}
