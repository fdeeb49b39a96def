import type { Submission } from "../execute/index.ts";
import { type HeaderTable, objectOf, type RequestClass, readObjectRun } from "../request/index.ts";
import { isRefusal, type Refusal, refuse } from "../result/index.ts";

/**
 * What a request with `X-Zerovm-Run` asks of the executor. A program that fails has made nothing:
 * then nothing is stored or answered of its output.
 */
export function submissionOfRun(
  framed: Pick<Submission, "account" | "container" | "facts" | "store" | "wishes">,
  { address, method }: Extract<RequestClass, { kind: "run" }>,
  headers: HeaderTable,
  body: Pick<Submission, "body">,
): Submission | Refusal {
  const item = objectOf(address);
  if (item === undefined) return refuse(412, "Bad URL");
  if (framed.wishes.deferral !== undefined) {
    return refuse(400, "X-Zerovm-Deferred goes with no X-Zerovm-Run");
  }
  const run = readObjectRun(method, item, headers);
  if (isRefusal(run)) return run;
  const { job, input, inputRange: range } = run;
  const inputRange =
    input === undefined || range === undefined ? {} : { inputRange: { item: input, range } };
  return {
    ...framed,
    jobText: new TextEncoder().encode(job),
    wishes: { ...framed.wishes, isMultipart: false, ...inputRange },
    ...(input === undefined ? body : {}),
    isObjectRun: true,
  };
}
