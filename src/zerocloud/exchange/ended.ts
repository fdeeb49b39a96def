import type { Exchange } from "./exchange.ts";
import { refusalOf } from "./refusal.ts";

/** An exchange that is over, as logs and metrics see it. */
export interface EndedExchange {
  readonly exchange: Exchange;
  /** What was sent; 499 where the client went away before it had all of it. */
  readonly status: number;
  readonly durationMs: number;
  /** Of bodies, without heads. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Why it failed, where it did. */
  readonly failure: unknown;
}

/** Status of a client that went away. */
const GONE = 499;

/** What became of an exchange whose connection is done with it. */
export function ended(exchange: Exchange, nowMs: number): EndedExchange {
  const { response, failure, startedMs, receivedBytes, sentBytes } = exchange;
  const durationMs = Math.max(0, nowMs - startedMs);
  const broke = failure === undefined ? GONE : refusalOf(failure).status;
  const status = response.writableFinished ? response.statusCode : broke;
  return { exchange, status, durationMs, receivedBytes, sentBytes, failure };
}
