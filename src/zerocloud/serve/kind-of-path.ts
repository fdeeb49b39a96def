import type { RequestKind } from "../metrics/index.ts";

/** What a request is for, by its path; one that brings a job is told by more than that. */
export function kindOfPath(path: string): RequestKind {
  if (/^\/auth(\/|$)/.test(path)) return "auth";
  if (/^\/jobs(\/|$)/.test(path)) return "job";
  const [, , container, object] =
    /^\/v1(?:\.0)?\/([^/]+)(?:\/([^/]+)(?:\/(.+))?)?\/?$/s.exec(path) ?? [];
  if (object !== undefined) return "object";
  if (container !== undefined) return "container";
  return /^\/v1(?:\.0)?\/[^/]+\/?$/.test(path) ? "account" : "other";
}
