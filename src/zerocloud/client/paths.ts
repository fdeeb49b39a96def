import { ZvmError } from "../../base/index.ts";

/** An object or container of an account; `~` is the own one. */
export interface Address {
  readonly account: string;
  readonly container: string;
  /** Empty for a container. */
  readonly object: string;
}

const SWIFT = "swift://";

/**
 * Reads `CONTAINER`, `CONTAINER/OBJECT` or `swift://ACCOUNT/CONTAINER/OBJECT`.
 * @throws ZvmError ZVM_USAGE for what names no container
 */
export function parseAddress(text: string): Address {
  const isUrl = text.startsWith(SWIFT);
  const path = isUrl ? text.slice(SWIFT.length) : `~/${text}`;
  const [account = "", container = "", ...rest] = path.split("/");
  const isText = !/\p{Surrogate}|\0/u.test(text);
  if (account !== "" && container !== "" && isText) {
    return { account: account === "." ? "~" : account, container, object: rest.join("/") };
  }
  const form = "CONTAINER, CONTAINER/OBJECT or swift://ACCOUNT/CONTAINER/OBJECT";
  throw new ZvmError("ZVM_USAGE", `${JSON.stringify(text)} is not of the form ${form}`);
}

/** The path of a URL below its account, every byte of the names as it is. */
export function encodePath(container: string, object = ""): string {
  const path = `/${encodeURIComponent(container)}`;
  return object === "" ? path : `${path}/${object.split("/").map(encodeURIComponent).join("/")}`;
}

export function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
  const parts = Object.entries(parameters).flatMap(([name, value]) => {
    return value === undefined ? [] : [`${name}=${encodeURIComponent(String(value))}`];
  });
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** Headers of user metadata. @throws ZvmError ZVM_USAGE for a name or value that cannot be sent */
export function metaHeaders(
  kind: "Account" | "Container" | "Object",
  meta: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(meta).map(([name, value]) => {
    if (/^[!#$%&'*+.^`|~\w-]+$/.test(name) && !/[\p{Cc}]/u.test(value)) {
      // A header holds bytes: Node writes them of Latin-1.
      return [`X-${kind}-Meta-${name}`, Buffer.from(value).toString("latin1")];
    }
    throw new ZvmError("ZVM_USAGE", `The metadata ${JSON.stringify(name)} cannot be a header`);
  });
  return Object.fromEntries(entries);
}
