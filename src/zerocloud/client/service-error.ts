import { type ErrorCode, printable, ZvmError } from "../../base/index.ts";

/** What is known of a request that failed. */
export interface FailedRequest {
  readonly method: string;
  readonly url: string;
  /** Of HTTP; undefined where no answer came. */
  readonly status?: number;
  /** What the server said, cut to what people read. */
  readonly text?: string;
  /** `X-Trans-Id`: under it the server's log has the request. */
  readonly transactionId?: string;
  /** From `Retry-After`. */
  readonly retryAfterSeconds?: number;
}

/** A request that a server did not answer as it should have. */
export class ServiceError extends ZvmError {
  readonly request: FailedRequest;

  constructor(code: ErrorCode, message: string, request: FailedRequest, cause?: unknown) {
    super(code, message, cause === undefined ? {} : { cause });
    this.request = request;
  }

  get status(): number | undefined {
    return this.request.status;
  }
}

const TEXT_CHARACTERS_MAX = 500;

/** The error for an answer that is none of those that were hoped for. */
export function refusedBy(request: FailedRequest): ServiceError {
  const { method, status = 0, text = "", transactionId } = request;
  const said = plainText(withoutHead(text, status, transactionId));
  const more = said === "" ? "" : `: ${said}`;
  const id = transactionId === undefined ? "" : ` (transaction ${printable(transactionId)})`;
  const message = `${method} ${shownUrl(request.url)} was answered with ${status}${more}${id}`;
  return new ServiceError(codeOf(status), message, request);
}

/** The error for a request that got no whole answer. */
export function unreachable(request: FailedRequest, cause: unknown): ServiceError {
  const message = `${request.method} ${shownUrl(request.url)} failed: ${reasonOf(cause)}`;
  return new ServiceError("ZVM_CLIENT_CONNECTION", message, request, cause);
}

/** The error for an answer that does not say what it has to. */
export function malformed(request: FailedRequest, what: string): ServiceError {
  const message = `${request.method} ${shownUrl(request.url)}: the answer ${what}`;
  return new ServiceError("ZVM_CLIENT_ANSWER", message, request);
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "ZVM_CLIENT_DENIED";
  return status === 404 ? "ZVM_CLIENT_NOT_FOUND" : "ZVM_CLIENT_REFUSED";
}

/** Some name the status and the transaction in their text as well: once is enough. */
function withoutHead(text: string, status: number, transactionId: string | undefined): string {
  const words = text.startsWith(`${status} `) ? text.replace(/^.*/, "") : text;
  return transactionId === undefined ? words : words.replace(`Transaction: ${transactionId}`, "");
}

/** Servers answer with pages of HTML: what they say is between the marks. */
function plainText(text: string): string {
  const words = text
    .replace(/<title>.*?<\/title>/gis, " ")
    .replace(/<[^<>]{0,200}>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  const cut =
    words.length > TEXT_CHARACTERS_MAX ? `${words.slice(0, TEXT_CHARACTERS_MAX)}…` : words;
  return printable(cut);
}

/** A URL in a message, without what may be a secret in its query. */
function shownUrl(url: string): string {
  return printable(url.replace(/\?.*$/s, "").replace(/\/\/[^/@]*@/, "//"));
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return printable(String(cause));
  // What a name resolves to can fail once for each address.
  const errors = cause instanceof AggregateError ? cause.errors : [];
  const first: unknown = errors[0];
  return printable(cause.message || (first instanceof Error ? first.message : cause.name));
}
