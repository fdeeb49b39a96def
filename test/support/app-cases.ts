/** For tests: apps in a store, and requests that get each of the answers that apps can have. */
import { archive } from "./archive.ts";

/** Sends a request; the path is one below the account, or of the server behind `!`. */
export type Ask = (
  method: string,
  path: string,
  headers?: Readonly<Record<string, string>>,
  body?: string,
  token?: string,
) => Promise<number>;

/** Requests by the statuses that they are to be answered with. */
export type Cases = Readonly<Record<string, () => Promise<number>>>;

const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE"] as const;
const OPEN = "/open/{account}/{container}/{object}";
const API = "/api/{account}/{container}";
const REST = "/api/{account}/{container}/{rest}";

const group = (path: string) => ({
  name: "hello",
  exec: { path },
  devices: [{ name: "stdout", content_type: "text/plain" }],
});

const appOf = (...groups: readonly unknown[]) =>
  archive([["boot/system.map", JSON.stringify(groups)]]).toString("latin1");

/** What each container that has an endpoint names. */
const ENDPOINTS = { site: "app", faulty: "faulty", damaged: "damaged", text: "note", gone: "none" };

/** Stores apps of the program `c/hello`, and containers that name them. */
export async function storeApps(ask: Ask): Promise<void> {
  const stored = async (path: string, type: string, body = ""): Promise<void> => {
    const status = await ask("PUT", path, { "Content-Type": type }, body);
    if (status !== 201) throw new Error(`PUT ${path}: ${status}`);
  };
  const tar = "application/x-tar";
  await ask("PUT", "/apps");
  await stored("/apps/app", tar, appOf(group("swift://~/c/hello")));
  await stored("/apps/faulty", tar, appOf(group("nowhere")));
  await stored("/apps/damaged", "application/x-gzip", "no archive");
  await stored("/apps/note", "text/plain", "words");
  for (const [container, object] of Object.entries(ENDPOINTS)) {
    const url = `swift://AUTH_test/apps/${object}`;
    await ask("PUT", `/${container}`, { "X-Container-Meta-Rest-Endpoint": url });
  }
}

/** @param reader a token of somebody without rights */
export function appCases(ask: Ask, reader: () => string): Readonly<Record<string, Cases>> {
  const cases: Record<string, Cases> = {};
  const at = (method: string, address: string, token?: string) => () => {
    const body = method === "PUT" || method === "POST" ? "" : undefined;
    return ask(method, `!${address}`, {}, body, token);
  };
  for (const method of METHODS) {
    const common = (path: (app: keyof typeof ENDPOINTS) => string): Cases => ({
      200: at(method, path("site")),
      400: at(method, path("faulty")),
      401: at(method, path("site"), ""),
      403: () => at(method, path("site"), reader())(),
      404: at(method, path("gone")),
      422: at(method, path("damaged")),
    });
    const noApp = (path: string): Cases => ({ 501: at(method, path) });
    cases[`${method} ${OPEN}`] = {
      ...common((app) => `/open/AUTH_test/apps/${ENDPOINTS[app]}`),
      ...(method === "GET" ? {} : noApp("/open/AUTH_test/apps/note")),
    };
    cases[`${method} ${API}`] = {
      ...common((app) => `/api/AUTH_test/${app}`),
      ...noApp("/api/AUTH_test/text"),
    };
    cases[`${method} ${REST}`] = {
      ...common((app) => `/api/AUTH_test/${app}/a/b`),
      ...(method === "GET" ? {} : noApp("/api/AUTH_test/text/a/b")),
    };
  }
  const origin = { Origin: "http://a.example", "Access-Control-Request-Method": "GET" };
  const preflights = { [OPEN]: "/open/AUTH_test/apps/app", [API]: "/api/AUTH_test/site" };
  for (const [path, address] of Object.entries({
    ...preflights,
    [REST]: "/api/AUTH_test/site/a",
  })) {
    cases[`OPTIONS ${path}`] = {
      200: () => ask("OPTIONS", `!${address}`),
      401: () => ask("OPTIONS", `!${address}`, origin),
    };
  }
  return cases;
}
