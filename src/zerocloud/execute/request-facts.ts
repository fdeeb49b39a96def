import type { RequestFacts } from "../cgi/index.ts";
import type { Exchange } from "../exchange/index.ts";
import type { Address, HeaderTable } from "../request/index.ts";

/** Headers of a request: a character for each byte, those that came several times joined. */
export function headerTable({ request }: Exchange): HeaderTable {
  const entries = Object.entries(request.headers).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.join(", ") : value] as const;
  });
  return Object.fromEntries(entries);
}

/** What stands behind the `?` of a request, as it was sent. */
export function queryOf({ rawQuery }: Exchange): string {
  return rawQuery;
}

/**
 * What programs may learn of a request.
 * @param remoteUser who asks, by the name that programs know
 * @param namesAll whether `PATH_INFO` has container and rest too, as for apps and sources
 */
export function factsOf(
  exchange: Exchange,
  { account, container, object }: Address,
  remoteUser: string | undefined,
  namesAll: boolean,
): RequestFacts {
  const { method, request } = exchange;
  const rest = namesAll ? [container, object].filter((part) => part !== undefined) : [];
  return {
    method,
    protocol: `HTTP/${request.httpVersion}`,
    target: exchange.target,
    query: queryOf(exchange),
    pathInfo: `/${[account, ...rest].join("/")}`,
    headers: headerTable(exchange),
    ...(remoteUser !== undefined && { remoteUser }),
  };
}
