import { bytesOf } from "../../base/index.ts";
import { hasControls } from "../job/index.ts";
import { type Refusal, refuse } from "../result/index.ts";

/** What a program may learn of the request that it works for. */
export interface RequestFacts {
  /** Of the original request, also where an app answers it; POST in later steps of a chain. */
  readonly method: string;
  /** `HTTP/1.1`. */
  readonly protocol: string;
  /** As it was sent: path with its first part, and the query. */
  readonly target: string;
  /** Behind the `?`, as it was sent; empty where there is none. */
  readonly query: string;
  /** `/ACCOUNT` for jobs in the request; else account, container and rest, decoded. */
  readonly pathInfo: string;
  /** Names in lower case, values as they came, one character for each byte. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Where the server listens, for requests without `Host`. */
  readonly serverName?: string;
  /** Who asks; absent where nobody knows. */
  readonly remoteUser?: string;
}

/** The program that a node runs. */
export interface ProgramFacts {
  /** `exec.name`, or the name of the node. */
  readonly name: string;
  readonly url: string;
}

/** Variables as text; whoever writes them down encodes them. */
export type Variable = readonly [name: string, value: string];

/** What all variables of a request may have together: the session's configuration has 10 KiB. */
export const ENVIRONMENT_BYTES_MAX = 8192;

/**
 * The CGI environment of a node. Headers become `HTTP_NAME`, but for those that a program has no
 * business with; a value that is no text on one line is left out.
 * @returns a refusal where the variables do not fit into a session
 */
export function environmentOf(
  request: RequestFacts,
  program: ProgramFacts,
  bytesMax = ENVIRONMENT_BYTES_MAX,
): readonly Variable[] | Refusal {
  const { headers } = request;
  const [host, port] = hostOf(textOf(headers["host"]) ?? request.serverName ?? "localhost");
  const own: (readonly [string, string | undefined])[] = [
    ["GATEWAY_INTERFACE", "CGI/1.1"],
    ["SERVER_SOFTWARE", "zerocloud"],
    ["SERVER_NAME", host],
    ["SERVER_PORT", port],
    ["SERVER_PROTOCOL", request.protocol],
    ["REQUEST_METHOD", request.method],
    ["REQUEST_URI", textOf(request.target)],
    ["QUERY_STRING", textOf(request.query)],
    ["PATH_INFO", request.pathInfo],
    ["CONTENT_TYPE", textOf(headers["content-type"])],
    ["CONTENT_LENGTH", textOf(headers["content-length"])],
    ["REMOTE_USER", request.remoteUser],
    ["SCRIPT_NAME", program.name],
    ["SCRIPT_FILENAME", program.url],
  ];
  const variables = [...own, ...headerVariables(headers)].flatMap(([name, value]): Variable[] => {
    return value === undefined || value === "" || hasControls(value) ? [] : [[name, value]];
  });
  const bytes = variables.reduce((total, [name, value]) => total + sizeOf(name) + sizeOf(value), 0);
  if (bytes <= bytesMax) return variables;
  const text = `The request has ${bytes} bytes for its programs' environment; it may have ${bytesMax}`;
  return refuse(431, text);
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

const PORT = "80";

/** Name and port of `Host`; an address in brackets has colons of its own. */
function hostOf(host: string): readonly [name: string, port: string] {
  const [, name = host, port = PORT] = /^(\[[^\]]*\]|[^:]*)(?::([0-9]{1,5}))?$/.exec(host) ?? [];
  return [name, port];
}

/** Headers that stand elsewhere, and those by which somebody could act as the sender. */
const DENIED: readonly string[] = [
  "authorization",
  "connection",
  "content-length",
  "content-type",
  "cookie",
  "cookie2",
  // Answered by who took the request; behind a proxy it is the proxy's.
  "expect",
  "forwarded",
  "keep-alive",
  // A program would take `HTTP_PROXY` for the proxy that it has to use.
  "proxy",
  "te",
  "trailer",
  "transfer-encoding",
  "true-client-ip",
  "upgrade",
  "via",
  "cf-connecting-ip",
  "x-client-ip",
  "x-cluster-client-ip",
  "x-csrf-token",
  "x-delete-at-container",
  "x-real-ip",
  "x-service-token",
  "x-storage-pass",
  "x-storage-token",
  "x-storage-user",
  "x-xsrf-token",
  "x-zerovm-daemon",
  "x-nexe-colocated",
];

/** Beginnings of names of the same kinds. */
const DENIED_BEGIN =
  /^(?:proxy-|x-auth|x-backend|x-forwarded|x-original-|x-amz-|x-api-key|x-subject-token|x-\w+-sysmeta-|x-object-transient-sysmeta-)/;

/** Another character than these would make one variable of two headers. */
const PLAIN_NAME = /^[a-z0-9-]{1,100}$/;

/** Whether a program learns of a header of the request. */
export function isToldHeader(name: string): boolean {
  const lower = name.toLowerCase();
  return PLAIN_NAME.test(lower) && !DENIED.includes(lower) && !DENIED_BEGIN.test(lower);
}

function headerVariables(
  headers: RequestFacts["headers"],
): (readonly [string, string | undefined])[] {
  const names = Object.keys(headers).filter(isToldHeader);
  return names.map((name) => {
    return [`HTTP_${name.toUpperCase().replaceAll("-", "_")}`, textOf(headers[name])];
  });
}

/** The text of bytes that are UTF-8; undefined of others. */
function textOf(bytes: string | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytesOf(bytes));
  } catch {
    return undefined;
  }
}

/** What a node is attached to. */
export interface LocalFacts {
  readonly account: string;
  readonly container: string;
  readonly object?: string;
  readonly device: string;
  readonly access: "read" | "write";
  /** Of the object, or of what is written. */
  readonly contentType: string;
  /** Of the object; absent for what is written. */
  readonly sizeBytes?: number;
  readonly etag?: string;
  readonly timestamp?: string;
  readonly contentEncoding?: string;
  /** User metadata, names without prefix. */
  readonly meta: Readonly<Record<string, string>>;
}

/** The variables of a node that is attached to an object or a container. */
export function localEnvironment(local: LocalFacts): readonly Variable[] {
  const { account, container, object, access } = local;
  const path = [account, container, ...(object === undefined ? [] : [object])];
  const read = (value: string | undefined) => (access === "read" ? value : undefined);
  const meta = Object.entries(local.meta).map(([name, value]): [string, string] => {
    return [`LOCAL_HTTP_X_OBJECT_META_${name.toUpperCase().replaceAll("-", "_")}`, value];
  });
  const all: (readonly [string, string | undefined])[] = [
    ["LOCAL_OBJECT", "on"],
    ["LOCAL_PATH_INFO", `/${path.join("/")}`],
    ["LOCAL_DOCUMENT_ROOT", `/dev/${local.device}`],
    ["LOCAL_CONTENT_TYPE", local.contentType],
    [
      "LOCAL_CONTENT_LENGTH",
      read(local.sizeBytes === undefined ? undefined : String(local.sizeBytes)),
    ],
    ["LOCAL_HTTP_ETAG", read(local.etag)],
    ["LOCAL_HTTP_X_TIMESTAMP", read(local.timestamp)],
    ["LOCAL_HTTP_CONTENT_ENCODING", read(local.contentEncoding)],
    ...meta.filter(([name]) => /^[A-Z0-9_]+$/.test(name)),
  ];
  return all.flatMap(([name, value]): Variable[] => {
    return value === undefined || value === "" || hasControls(value) ? [] : [[name, value]];
  });
}
