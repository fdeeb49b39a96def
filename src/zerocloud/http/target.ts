import { refuse } from "../exchange/index.ts";

/** What of the store a path names. */
export type Target =
  | { readonly kind: "account"; readonly account: string }
  | { readonly kind: "container"; readonly account: string; readonly container: string }
  | {
      readonly kind: "object";
      readonly account: string;
      readonly container: string;
      readonly object: string;
    };

/** A name as it stands in a path of a header or a listing. */
export function encodePath(name: string): string {
  return Buffer.from(name)
    .toString("latin1")
    .replace(/[^A-Za-z0-9_.~/-]/g, (sign) => {
      return `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
    });
}

const VERSIONS: readonly string[] = ["v1", "v1.0"];

/**
 * What a path of the object API names: `/v1/ACCOUNT[/CONTAINER[/OBJECT]]`, decoded first, since a
 * slash of an object's name may come escaped.
 * @throws ZvmError ZVM_HTTP_PRECONDITION, _REQUEST, _NOT_FOUND
 */
export function parseTarget(path: string): Target {
  const [, version = "", account = "", container, object] =
    /^\/([^/]*)(?:\/([^/]*)(?:\/([^/]*)(?:\/(.*))?)?)?$/s.exec(path) ?? [];
  if (account === "" && !container) refuse("ZVM_HTTP_PRECONDITION", "Bad URL");
  if (!VERSIONS.includes(version)) refuse("ZVM_HTTP_REQUEST", "Invalid path: the version is v1");
  if (account === "") refuse("ZVM_HTTP_NOT_FOUND", "The path names no account");
  if (!container) {
    if (object) refuse("ZVM_HTTP_NOT_FOUND", "The path names no container");
    return { kind: "account", account };
  }
  if (!object) return { kind: "container", account, container };
  return { kind: "object", account, container, object };
}
