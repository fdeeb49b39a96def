import { isObject } from "../../base/index.ts";
import { jsonOf } from "./entries.ts";
import { failureRanges, withoutRanges } from "./failure-ranges.ts";
import { type JobHeaders, parseJobHeaders } from "./job-headers.ts";
import { encodePath, metaHeaders, queryOf } from "./paths.ts";
import { malformed } from "./service-error.ts";
import type { Session } from "./session.ts";
import { type Answer, type Headers, type Payload, readAll } from "./transport.ts";

/** What is run: a job as JSON, a tar with a job in it, or a script with `#!` in front. */
export type JobKind = "job" | "tar" | "tar.gz" | "script";

export type ExecuteRequest = (
  | { readonly kind: JobKind; readonly body: Payload }
  /** What is stored at a URL `swift://…`, with data for those who read standard input. */
  | { readonly kind: "stored"; readonly source: string; readonly body?: Payload }
) & {
  /** Where a deferred result goes, and what a script reads: an object, or a container. */
  readonly target?: { readonly container: string; readonly object?: string };
  /** Answer at once, or when the job takes long, with where the result will be. */
  readonly deferred?: "always" | "auto";
  /** Asks for the report of all instances instead of what they printed. */
  readonly report?: boolean;
  readonly signal?: AbortSignal;
};

/** What came of a job. */
export interface Execution extends JobHeaders {
  /** Of HTTP: what a program set, or 200. */
  readonly status: number;
  readonly contentType: string;
  /** Under which the server knows the job. */
  readonly jobId?: string;
  /** Where the result of a deferred job will be: `swift://ACCOUNT/CONTAINER/OBJECT`. */
  readonly resultUrl?: string;
  readonly headers: Headers;
  /** What the programs printed, or a report; errors are those of the nodes. Read once. */
  body(): AsyncIterable<Uint8Array>;
}

const CONTENT_TYPES: Readonly<Record<JobKind, string>> = {
  job: "application/json",
  tar: "application/x-tar",
  "tar.gz": "application/x-gzip",
  script: "text/x-script",
};

/** A longer text is no URL of a result. */
const URL_BYTES_MAX = 8192;

/** Has a server run a job. What a program answered with is no error, whatever its status is. */
export async function execute(session: Session, request: ExecuteRequest): Promise<Execution> {
  const { target, deferred, signal, body } = request;
  const place = target === undefined ? "" : encodePath(target.container, target.object ?? "");
  const path = place + queryOf({ format: request.report === true ? "json" : undefined });
  const source =
    request.kind === "stored"
      ? { "X-Zerovm-Source": encodeURI(request.source), "Content-Type": "application/octet-stream" }
      : { "Content-Type": CONTENT_TYPES[request.kind] };
  const headers = {
    "X-Zerovm-Execute": "1.0",
    ...source,
    ...(deferred !== undefined && { "X-Zerovm-Deferred": deferred }),
  };
  const method = "POST";
  const sent = body === undefined ? {} : { body };
  const answer = await session.request({ method, path, headers, ...sent, signal, takes: ALL });
  return await judged(session, { method, path }, answer, deferred !== undefined);
}

/** Every status can be one that a program set: then it is told what became of the nodes. */
const ALL: readonly number[] = Array.from({ length: 200 }, (_, index) => 400 + index).filter(
  (status) => status !== 401 && status !== 503,
);

async function judged(
  session: Session,
  request: { readonly method: string; readonly path: string },
  answer: Answer,
  isDeferred: boolean,
): Promise<Execution> {
  const { status, headers } = answer;
  const told = parseJobHeaders(headers);
  if (status >= 300 && told.nodes.length === 0) await session.refuse(request, answer);
  const jobId = headers["x-zerovm-job"];
  const ranges = failureRanges(headers["x-zerovm-failure-ranges"]);
  const execution = {
    ...told,
    status,
    contentType: headers["content-type"] ?? "",
    ...(jobId !== undefined && { jobId }),
    headers,
  };
  if (!isDeferred || told.nodes.length > 0) {
    return { ...execution, body: () => withoutRanges(answer.body, ranges) };
  }
  const text = Buffer.from(await readAll(answer, URL_BYTES_MAX))
    .toString()
    .trim();
  const resultUrl = text.startsWith("swift://") ? { resultUrl: text } : {};
  return { ...execution, ...resultUrl, body: () => onePiece(text) };
}

async function* onePiece(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

/** What a server tells of a job that it runs, or ran; what else it tells is in `details`. */
export interface JobStatus {
  readonly id: string;
  /** A word of the server's, as `running` or `done`. */
  readonly state: string;
  readonly details: Readonly<Record<string, unknown>>;
}

const STATUS_BYTES_MAX = 16 * 2 ** 20;

/** @param id of a job; undefined for all of them */
export async function jobStatus(
  session: Session,
  id: string | undefined,
  signal?: AbortSignal,
): Promise<JobStatus[]> {
  const path = await jobsUrl(session, id);
  const headers = { Accept: "application/json" };
  const answer = await session.request({ method: "GET", path, headers, signal });
  const value = jsonOf(Buffer.from(await readAll(answer, STATUS_BYTES_MAX)).toString());
  const listed = isObject(value) && Array.isArray(value["jobs"]) ? value["jobs"] : value;
  const items: unknown[] = Array.isArray(listed) ? listed : [listed];
  return items.map((item) => {
    const found = isObject(item) ? item : {};
    const { id: told = id, state } = found;
    if (typeof told === "string" && typeof state === "string") {
      return { id: told, state, details: found };
    }
    throw malformed({ method: "GET", url: path }, "names no job with its state");
  });
}

/** Asks a server to end a job. */
export async function cancelJob(session: Session, id: string, signal?: AbortSignal): Promise<void> {
  const path = await jobsUrl(session, id);
  const answer = await session.request({ method: "DELETE", path, signal });
  answer.body.resume();
}

/** Jobs are no objects: they stand beside the version of the API. */
async function jobsUrl(session: Session, id: string | undefined): Promise<string> {
  const { storageUrl } = await session.access();
  const root = new URL("/jobs", storageUrl).toString();
  return id === undefined ? root : `${root}/${encodeURIComponent(id)}`;
}

/** Metadata that makes a stored application answer the requests of a container. */
export function endpointHeaders(applicationUrl: string, isPublic: boolean): Headers {
  const endpoint = metaHeaders("Container", { "Rest-Endpoint": applicationUrl });
  const anyone = isPublic ? { "X-Container-Meta-Zerovm-Suid": ".r:*,.rlistings" } : {};
  return { ...endpoint, ...anyone };
}
