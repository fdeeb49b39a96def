import type { Duplex } from "node:stream";
import { type ErrorCode, ZvmError } from "../../base/index.ts";
import { nameHeaders, newTransaction } from "./exchange.ts";
import type { HttpLimits } from "./limits.ts";
import { refusalBody, refusalOf, statusLine } from "./refusal.ts";

/** What a parser's reason is to whoever sent the request. */
interface Meaning {
  /** ZVM_HTTP_REQUEST unless given. */
  readonly code?: ErrorCode;
  readonly text: (limits: HttpLimits) => string;
}

const FORM = "it is METHOD PATH HTTP/1.1, then NAME: VALUE lines, and each ends with CR LF";

/** By the code of the parser. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  HPE_HEADER_OVERFLOW: {
    code: "ZVM_HTTP_HEADERS",
    text: ({ headersBytes }) =>
      `The request line and the headers have more than ${headersBytes} bytes`,
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    code: "ZVM_HTTP_TIMEOUT",
    text: ({ headersMs }) => `The headers did not arrive within ${headersMs / 1000} seconds`,
  },
  HPE_INVALID_METHOD: said(`The request begins with no method of HTTP: ${FORM}`),
  HPE_INVALID_URL: said("The path of the request line has a character that has to be escaped"),
  HPE_INVALID_CONSTANT: said(
    "Behind the path of the request line stands no HTTP/1.1; a blank in a path is written %20",
  ),
  HPE_INVALID_VERSION: said(`The version of HTTP is neither 1.0 nor 1.1, or no CR LF follows it`),
  HPE_PAUSED_H2_UPGRADE: said("HTTP/2 is not spoken here: the server takes HTTP/1.1"),
  HPE_INVALID_HEADER_TOKEN: said(
    "A header is malformed: NAME has letters, digits and -, a colon follows it at once, and VALUE is " +
      "one line without control characters",
  ),
  HPE_LF_EXPECTED: said("A line feed is missing behind a carriage return: lines end with CR LF"),
  HPE_CR_EXPECTED: said("A carriage return is missing before a line feed: lines end with CR LF"),
  HPE_INVALID_CONTENT_LENGTH: said("Content-Length is no number of bytes, or too large a one"),
  HPE_UNEXPECTED_CONTENT_LENGTH: said("Content-Length comes twice, or beside chunks"),
  HPE_INVALID_TRANSFER_ENCODING: said(
    "Transfer-Encoding is chunked where it is there, and then there is no Content-Length",
  ),
  HPE_INVALID_CHUNK_SIZE: said(
    "The body is announced in chunks, and one does not begin with its size in hexadecimal",
  ),
  HPE_STRICT: said("A chunk of the body has another size than it says"),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: said("The extensions of the chunks of the body are too long"),
  HPE_CLOSED_CONNECTION: said("There is more behind a request that said Connection: close"),
  HPE_INVALID_EOF_STATE: said("The connection ended within the request"),
};

function said(text: string): Meaning {
  return { text: () => text };
}

/** Answers to what is no request, for which there is no exchange, and ends the connection. */
export function answerMalformed(
  cause: Error,
  socket: Duplex,
  { nowMs, limits }: { readonly nowMs: number; readonly limits: HttpLimits },
): void {
  const reason = "code" in cause ? String(cause.code) : "";
  if (reason === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const transaction = newTransaction(nowMs);
  const refusal = refusalOf(cause instanceof ZvmError ? cause : failureOf(reason, limits));
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

/** Parsers to come may know other reasons: their code is better than nothing. */
function failureOf(reason: string, limits: HttpLimits): ZvmError {
  const known = Object.hasOwn(MEANINGS, reason) ? MEANINGS[reason] : undefined;
  const { code = "ZVM_HTTP_REQUEST", text } = known ?? said(unknownText(reason));
  return new ZvmError(code, text(limits));
}

function unknownText(reason: string): string {
  return `The request is malformed${/^\w+$/.test(reason) ? ` (${reason})` : ""}: ${FORM}`;
}
