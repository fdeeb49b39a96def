import type { Duplex } from "node:stream";
import { type ErrorCode, ZvmError } from "../../base/index.ts";
import { nameHeaders, newTransaction } from "./exchange.ts";
import { refusalBody, refusalOf, statusLine } from "./refusal.ts";

/** What the parser's reasons mean; all others are a malformed request. */
const CODE_OF_REASON: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: "ZVM_HTTP_HEADERS",
  ERR_HTTP_REQUEST_TIMEOUT: "ZVM_HTTP_TIMEOUT",
};

/** Answers to what is no request, for which there is no exchange, and ends the connection. */
export function answerMalformed(cause: Error, socket: Duplex, nowMs: number): void {
  const reason = "code" in cause ? String(cause.code) : "";
  if (reason === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = CODE_OF_REASON[reason] ?? "ZVM_HTTP_REQUEST";
  const transaction = newTransaction(nowMs);
  const message = "The request is malformed, too large or too slow";
  const refusal = refusalOf(cause instanceof ZvmError ? cause : new ZvmError(code, message));
  const body = refusalBody(refusal, transaction);
  const headers = Object.entries({
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": String(Buffer.byteLength(body)),
    Connection: "close",
    ...nameHeaders(transaction),
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => undefined);
  socket.end(`HTTP/1.1 ${statusLine(refusal.status)}\r\n${headers.join("")}\r\n${body}`, () =>
    socket.destroy(),
  );
}
