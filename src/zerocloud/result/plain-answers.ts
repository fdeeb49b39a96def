import { ZvmError } from "../../base/index.ts";
import { type Answer, sizeOfBody } from "./answer.ts";
import { type Header, headerValue } from "./header-text.ts";
import { isRefusal, type Refusal } from "./refusal.ts";

/** The answer to a request that is refused: its text, and nothing of ours. */
export function answerOfRefusal(
  { status, text }: Refusal,
  transactionId: string,
  headers: readonly Header[] = [],
): Answer {
  return textAnswer(status, `${text}\n`, transactionId, headers);
}

/**
 * The answer to what was thrown: an error of the table with its status and message. Of all else
 * nobody outside learns more than the transaction, under which the log has it.
 */
export function answerOfError(error: unknown, transactionId: string): Answer {
  if (isRefusal(error)) return answerOfRefusal(error, transactionId);
  if (!(error instanceof ZvmError) || error.kind.httpStatus === 500) {
    const text = `Internal error; the log has it under ${transactionId}\n`;
    return textAnswer(500, text, transactionId, []);
  }
  return textAnswer(error.kind.httpStatus, `${error.message}\n`, transactionId, retryOf(error));
}

function retryOf({ retryAfterSeconds }: ZvmError): Header[] {
  return retryAfterSeconds === undefined ? [] : [["Retry-After", String(retryAfterSeconds)]];
}

/** The answer that a deferred job gets at once: where its result will be. */
export function deferredAnswer(url: string, transactionId: string): Answer {
  return textAnswer(200, url, transactionId, []);
}

/**
 * What is stored beside a deferred result as `NAME.headers`: status and headers in one JSON object.
 * Names are in lower case; of a header that comes several times all values, in an array.
 */
export function deferredHeaders({ status, headers }: Answer): string {
  const values = new Map<string, string | string[]>();
  for (const [name, value] of headers) {
    const lower = name.toLowerCase();
    const before = values.get(lower);
    values.set(lower, before === undefined ? value : [before, value].flat());
  }
  return `${JSON.stringify({ status, headers: Object.fromEntries(values) }, undefined, 2)}\n`;
}

function textAnswer(
  status: number,
  text: string,
  transactionId: string,
  more: readonly Header[],
): Answer {
  const body = [new TextEncoder().encode(text)];
  const headers: Header[] = [
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(sizeOfBody(body))],
    ["X-Trans-Id", headerValue(transactionId)],
    ...more,
  ];
  return { status, headers, body };
}
