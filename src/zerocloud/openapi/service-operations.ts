import type { Operation } from "./operations.ts";

/** GET and HEAD of a page that everybody may read. */
function page(
  path: string,
  summary: string,
  what: string,
  type: string,
  schema?: string,
): readonly Operation[] {
  const both = { path, tag: "service", summary, answers: { 200: what }, isOpen: true } as const;
  const typed = { types: [type], ...(schema !== undefined && { schema }) };
  return [
    { ...both, method: "GET", ...typed },
    { ...both, method: "HEAD", summary: `${summary}, without the body` },
  ];
}

/** The calls beside the object API. */
export const SERVICE_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/auth/v1.0",
    tag: "service",
    summary: "Gives a token for a user and a key",
    answers: {
      200: "X-Auth-Token, X-Storage-Url, and the seconds of X-Auth-Token-Expires",
      401: "The user or the key is wrong",
      429: "Too many wrong keys; Retry-After says when to try again",
    },
    parameters: ["X-Auth-User", "X-Auth-Key"],
    isOpen: true,
  },
  ...page("/", "Tells what the server is", "Name, version and paths", "application/json"),
  ...page("/info", "Tells the limits that hold", "Sections by name", "application/json", "Info"),
  ...page("/healthcheck", "Answers as Swift does", "The text OK", "text/plain"),
  ...page("/healthz", "Tells that the server lives", "Its state", "application/json", "State"),
  ...page("/readyz", "Tells that it takes requests", "Its state", "application/json", "State"),
  ...page("/metrics", "Tells the figures of the server", "As Prometheus reads them", "text/plain"),
  ...page("/openapi.json", "Gives this document", "The document", "application/json"),
];

const UNKNOWN = { 401: "Without a valid token" };
const FOREIGN = { 404: "There is no such job, or it is of somebody else" };

/** The calls for jobs that are there. */
export const JOB_OPERATIONS: readonly Operation[] = [
  {
    method: "GET",
    path: "/jobs",
    tag: "jobs",
    summary: "Lists the jobs of the accounts of whoever asks, the newest first",
    answers: { 200: "Those under way, and the last that ended", ...UNKNOWN },
    types: ["application/json"],
    schema: "Jobs",
  },
  {
    method: "GET",
    path: "/jobs/{job}",
    tag: "jobs",
    summary: "Tells of one job, with its report when it has ended",
    answers: { 200: "The job", ...UNKNOWN, ...FOREIGN },
    types: ["application/json"],
    schema: "Job",
  },
  {
    method: "DELETE",
    path: "/jobs/{job}",
    tag: "jobs",
    summary: "Ends a job, or forgets one that has ended",
    answers: { 204: "It is done", ...UNKNOWN, ...FOREIGN },
  },
];
