import { OBJECT_BYTES_MAX } from "../job/index.ts";
import { type Refusal, refuse } from "../result/index.ts";
import { type Address, type ObjectItem, swiftUrlOf } from "./address.ts";
import { type HeaderTable, shownValue } from "./header-table.ts";

/** A job whose answer can come before its result. */
export interface Deferral {
  readonly kind: "deferral";
  /** How long the job has before the answer is only a promise; 0: none. */
  readonly afterSeconds: number;
  /** Where the body of the result goes; its container is made where there is none. */
  readonly result: ObjectItem;
  /** Where status and headers of the result go. */
  readonly headers: ObjectItem;
  /** What the answer says: the URL of the result. */
  readonly url: string;
}

/** The container of the server's own things in an account. */
export const REGISTRY_CONTAINER = ".zvm";

const HEADERS_ENDING = ".headers";

/** What the original adds to every time that it waits. */
const GRACE_SECONDS = 1;

/**
 * Whether a job is deferred, by `X-Zerovm-Deferred`; undefined without it, where the answer waits.
 * @param waitSeconds how long `auto` waits
 * @param uniqueName names the result of a request that names no object: a fresh name each time
 */
export function deferralOf(
  headers: HeaderTable,
  { account, container, object }: Address,
  waitSeconds: number,
  uniqueName: () => string,
): Deferral | Refusal | undefined {
  const text = headers["x-zerovm-deferred"]?.trim();
  if (text === undefined) return undefined;
  const word = text.toLowerCase();
  if (word !== "always" && word !== "auto") {
    return refuse(400, `X-Zerovm-Deferred is always or auto, not ${shownValue(text)}`);
  }
  const name = object ?? `job-${uniqueName()}`;
  const nameBytes = new TextEncoder().encode(name + HEADERS_ENDING).length;
  if (nameBytes > OBJECT_BYTES_MAX) {
    return refuse(
      400,
      `The name of a deferred result has ${nameBytes} bytes with ${HEADERS_ENDING}`,
    );
  }
  const result = { account, container: container ?? REGISTRY_CONTAINER, object: name };
  return {
    kind: "deferral",
    afterSeconds: word === "always" ? 0 : waitSeconds + GRACE_SECONDS,
    result,
    headers: headersItemOf(result),
    url: swiftUrlOf(result),
  };
}

/** Where status and headers of a deferred result go. */
export function headersItemOf(result: ObjectItem): ObjectItem {
  return { ...result, object: result.object + HEADERS_ENDING };
}
