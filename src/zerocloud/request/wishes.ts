import { type Refusal, refuse } from "../result/index.ts";
import { type HeaderTable, shownValue } from "./header-table.ts";

/** Values of a query by their names; of one that comes twice, the first. */
export type Query = ReadonlyMap<string, string>;

/** @param query what stands behind the `?`, in percent form */
export function parseQuery(query: string): Query {
  const values = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    if (!values.has(name)) values.set(name, value);
  }
  return values;
}

/** Whether the answer may have several parts: `Accept` names `multipart/mixed` itself. */
export function takesMultipart({ accept = "" }: HeaderTable): boolean {
  return accept.split(",").some((range) => {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => /^q\s*=/.test(parameter)) ?? "q=1";
    return type === "multipart/mixed" && Number(quality.replace(/^q\s*=\s*/, "")) > 0;
  });
}

/** Whether the answer is to be the report of the job. */
export function wantsReport(query: Query): boolean {
  return query.get("format") === "json";
}

/** Whether the answer is to be where the job would run, and nothing is to run. */
export function wantsPlacement(query: Query): boolean {
  return query.get("format") === "plan";
}

/**
 * Seconds that each node of the job may take: `X-Zerovm-Timeout` can only shorten what the server
 * allows.
 */
export function timeoutOf(headers: HeaderTable, mostSeconds: number): number | Refusal {
  const text = headers["x-zerovm-timeout"]?.trim();
  if (text === undefined) return mostSeconds;
  const seconds = /^[0-9]{1,9}(?:\.[0-9]{1,9})?$/.test(text) ? Number(text) : 0;
  if (seconds > 0) return Math.min(seconds, mostSeconds);
  const allowed = `seconds above 0, as 2 or 0.5, of which ${mostSeconds} are the most that count`;
  return refuse(400, `X-Zerovm-Timeout is ${allowed}, not ${shownValue(text)}`);
}
