import { formatDiagnostic } from "../../base/index.ts";
import type { JobFinding } from "../job/index.ts";
import { type Answer, headerValue } from "../result/index.ts";

/** Findings name the job so, as no file. */
const NAME = "job";

/**
 * The answer to a job with errors: the message of the first one, then all findings; as JSON each
 * with its place.
 */
export function findingsAnswer(
  findings: readonly JobFinding[],
  isJson: boolean,
  transaction: string,
): Answer {
  const [first] = findings;
  const status = first?.status ?? 400;
  const message = first?.message ?? "";
  const lines = findings.map((found) => formatDiagnostic(NAME, found));
  const text = isJson
    ? `${JSON.stringify({ status, message, transaction, findings }, undefined, 2)}\n`
    : `${[message, "", ...lines].join("\n")}\n`;
  const body = new TextEncoder().encode(text);
  return {
    status,
    headers: [
      ["Content-Type", isJson ? "application/json" : "text/plain; charset=utf-8"],
      ["Content-Length", String(body.length)],
      ["X-Trans-Id", headerValue(transaction)],
    ],
    body: [body],
  };
}
