import type { RequestKind } from "../metrics/index.ts";

/** The account that a path names, as far as it can be read. */
export function accountOfPath(path: string): string | undefined {
  const account = /^\/(?:v1|v1\.0|open|api)\/([^/]+)/.exec(path)?.[1];
  if (account === undefined) return undefined;
  try {
    return decodeURIComponent(account);
  } catch {
    return account;
  }
}

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
