import type { IncomingMessage } from "node:http";
import { ZvmError } from "../../base/index.ts";
import type { HttpLimits } from "./limits.ts";
import { refuse } from "./refusal.ts";

/**
 * Judges what the parser lets through, by the limits of single lines.
 * @throws ZvmError ZVM_HTTP_URI, _REQUEST
 */
export function judgeHeaders(request: IncomingMessage, limits: HttpLimits): void {
  const uriBytes = request.url?.length ?? 0;
  if (uriBytes > limits.uriBytes) {
    refuse("ZVM_HTTP_URI", `The URI has ${uriBytes} bytes; it may have ${limits.uriBytes}`);
  }
  const { rawHeaders } = request;
  judgeVersion(request);
  judgeHost(request);
  if (!hasKnownCoding(request)) throw unknownCoding();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const bytes = (rawHeaders[index]?.length ?? 0) + (rawHeaders[index + 1]?.length ?? 0) + 2;
    if (bytes > limits.headerBytes) {
      refuse("ZVM_HTTP_REQUEST", `A header has more than ${limits.headerBytes} bytes`);
    }
  }
}

/** Whether a body comes as it is or in chunks: what else was done to it nobody here undoes. */
export function hasKnownCoding({ headers }: IncomingMessage): boolean {
  return (headers["transfer-encoding"] ?? "chunked").toLowerCase() === "chunked";
}

/** What a body in another coding is answered with. */
export function unknownCoding(): ZvmError {
  const message = "Transfer-Encoding: chunked is the only one that is understood";
  return new ZvmError("ZVM_HTTP_UNSUPPORTED", message);
}

/** The parser reads requests of other versions as if they were of 1.1, which nobody promised. */
function judgeVersion({ httpVersion }: IncomingMessage): void {
  if (SPOKEN.includes(httpVersion)) return;
  refuse("ZVM_HTTP_VERSION", `HTTP/${httpVersion} is not spoken here: send HTTP/1.1`);
}

const SPOKEN = ["1.0", "1.1"];

/** One host, so that nobody in between can have meant another one. Old clients may name none. */
function judgeHost({ rawHeaders, httpVersion }: IncomingMessage): void {
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length > 1 || (hosts.length === 0 && httpVersion !== "1.0")) {
    refuse("ZVM_HTTP_REQUEST", `A request names one host, not ${hosts.length}`);
  }
}
