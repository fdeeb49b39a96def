import type { RequestFacts } from "../cgi/index.ts";
import type { Exchange } from "../http/index.ts";
import type { Address, HeaderTable } from "../request/index.ts";
import type { Identity } from "../store/index.ts";

/** Headers of a request: a character for each byte, those that came several times joined. */
export function headerTable({ request }: Exchange): HeaderTable {
  const entries = Object.entries(request.headers).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.join(", ") : value] as const;
  });
  return Object.fromEntries(entries);
}

/** What stands behind the `?` of a request, as it was sent. */
export function queryOf({ request }: Exchange): string {
  const target = request.url ?? "";
  const cut = target.indexOf("?");
  return cut < 0 ? "" : target.slice(cut + 1);
}

/**
 * What programs may learn of a request.
 * @param namesAll whether `PATH_INFO` has container and rest too, as for apps and sources
 */
export function factsOf(
  exchange: Exchange,
  { account, container, object }: Address,
  sender: Identity,
  namesAll: boolean,
): RequestFacts {
  const { method, request } = exchange;
  const rest = namesAll ? [container, object].filter((part) => part !== undefined) : [];
  const remoteUser = userName(sender);
  return {
    method,
    protocol: `HTTP/${request.httpVersion}`,
    target: request.url ?? "",
    query: queryOf(exchange),
    pathInfo: `/${[account, ...rest].join("/")}`,
    headers: headerTable(exchange),
    ...(remoteUser !== undefined && { remoteUser }),
  };
}

/** `ACCOUNT:USER` of somebody who has signed in. */
export function userName({ names }: Identity): string | undefined {
  return names.find((name) => name.includes(":"));
}
