import { type Answer, headerValue, jsonOf } from "../result/index.ts";

/** A value as an answer of its own. */
export function jsonAnswer(value: unknown, transaction: string): Answer {
  const body = new TextEncoder().encode(jsonOf(value));
  return {
    status: 200,
    headers: [
      ["Content-Type", "application/json"],
      ["Content-Length", String(body.length)],
      ["X-Trans-Id", headerValue(transaction)],
    ],
    body: [body],
  };
}
