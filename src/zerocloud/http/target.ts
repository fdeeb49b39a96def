import { percentDecoded } from "../../base/index.ts";
import { textOfLatin1 } from "./header-text.ts";
import { refuse } from "./refusal.ts";

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

/**
 * A path or a part of one as text.
 * @throws ZvmError ZVM_HTTP_PRECONDITION where it is no UTF-8 or has a zero byte
 */
export function decodePath(latin1: string): string {
  const text = textOfLatin1(percentDecoded(latin1));
  return text === undefined || text.includes("\0") ? refuseText() : text;
}

function refuseText(): never {
  refuse("ZVM_HTTP_PRECONDITION", "Invalid UTF8 or contains NULL");
}

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

/** Parameters of a query, decoded; of several with one name the first counts. */
export class Query {
  readonly #values = new Map<string, string>();

  /**
   * @param latin1 what stands behind the `?`
   * @throws ZvmError ZVM_HTTP_PRECONDITION where it is no UTF-8
   */
  constructor(latin1: string) {
    for (const pair of latin1.split("&")) {
      if (pair === "") continue;
      const cut = pair.indexOf("=");
      const [name, value] = cut < 0 ? [pair, ""] : [pair.slice(0, cut), pair.slice(cut + 1)];
      const key = decodeParameter(name);
      if (this.#values.has(key)) continue;
      this.#values.set(key, MARKERS.includes(key) ? decodeMarker(value) : decodeParameter(value));
    }
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

function decodeParameter(latin1: string): string {
  return decodePath(latin1.replaceAll("+", " "));
}

const MARKERS: readonly string[] = ["marker", "end_marker"];

/** Names are only compared with a marker: one with a zero byte is the place just behind a name. */
function decodeMarker(latin1: string): string {
  return textOfLatin1(percentDecoded(latin1.replaceAll("+", " "))) ?? refuseText();
}
