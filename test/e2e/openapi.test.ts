import { connect } from "node:net";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMON_ANSWERS, OPERATIONS, openApiDocument } from "../../src/zerocloud/openapi/index.ts";
import { appCases, type Cases, storeApps } from "../support/app-cases.ts";
import { writingGuest } from "../support/guests.ts";
import { type CloudUser, READER, ServedCloud } from "../support/served-cloud.ts";

const ADMIN: CloudUser = { user: "admin:admin", key: "admin" };

let cloud: ServedCloud;
let base: string;
const tokens = { own: "", reader: "", admin: "" };

beforeAll(async () => {
  // Connections outlive the time that a busy machine takes to judge the document.
  cloud = await ServedCloud.start({ config: "limits: {objectBytes: 20000, idleSeconds: 600}\n" });
  const own = await cloud.signIn();
  base = own.storageUrl;
  tokens.own = own.token;
  tokens.reader = (await cloud.signIn(READER)).token;
  tokens.admin = (await cloud.signIn(ADMIN)).token;
  const read = { "X-Container-Read": ".r:*", "X-Container-Meta-Access-Control-Allow-Origin": "*" };
  await made("PUT", "/c", read);
  await made("PUT", "/full");
  await made("PUT", "/full/o", {}, "x");
  await made("PUT", "/c/o", {}, "0123456789");
  await made("PUT", "/c/s1", {}, "a");
  await made("PUT", "/c/s2", {}, "b");
  await made("PUT", "/c/large?multipart-manifest=put", {}, manifest("s1"));
  await made("PUT", "/c/broken?multipart-manifest=put", {}, manifest("s2"));
  await made("PUT", "/c/s2", {}, "changed");
  const body = Buffer.from(writingGuest("hello"));
  const stored = await fetch(`${base}/c/hello`, {
    method: "PUT",
    headers: { "X-Auth-Token": tokens.own },
    body,
  });
  expect(stored.status).toBe(201);
  await storeApps(ask);
});
afterAll(async () => {
  await cloud.stop();
});

type Headers = Readonly<Record<string, string>>;

/** Asks as the owner of the account; the path is one below it, or of the server behind `!`. */
async function ask(
  method: string,
  path: string,
  headers: Headers = {},
  body?: string,
  token = tokens.own,
): Promise<number> {
  const url = path.startsWith("!") ? cloud.url + path.slice(1) : base + path;
  const signed = token === "" ? {} : { "X-Auth-Token": token };
  const sent = body === undefined ? {} : { body };
  const answer = await fetch(url, { method, headers: { ...signed, ...headers }, ...sent });
  await answer.arrayBuffer();
  return answer.status;
}

async function made(...[method, path, headers, body]: Parameters<typeof ask>): Promise<void> {
  const status = await ask(method, path, headers, body);
  if (status !== 201) throw new Error(`${method} ${path}: ${status}`);
}

function manifest(segment: string): string {
  return JSON.stringify([{ path: `/c/${segment}` }]);
}

const HELLO = JSON.stringify([
  {
    name: "hello",
    exec: { path: "swift://~/c/hello" },
    devices: [{ name: "stdout" }],
  },
]);

async function runJob(path: string): Promise<{ readonly id: string; readonly status: number }> {
  const answer = await fetch(base + path, {
    method: "POST",
    headers: {
      "X-Auth-Token": tokens.own,
      "X-Zerovm-Execute": "1.0",
      "Content-Type": "application/json",
    },
    body: HELLO,
  });
  const { status } = answer;
  expect(await answer.text()).toBe("hello");
  return { id: answer.headers.get("x-zerovm-job") ?? "", status };
}

async function onJob(method: string, token?: string): Promise<number> {
  const { id } = await runJob("");
  return await ask(method, `!/jobs/${id}`, {}, undefined, token);
}

/** Sends a head as it is. */
function raw(head: string): Promise<number> {
  const { hostname, port } = new URL(cloud.url);
  return new Promise((done, failed) => {
    const socket = connect(Number(port), hostname, () => socket.write(head));
    socket.on("data", (bytes) => {
      socket.destroy();
      done(Number(/^HTTP\/1\.1 (\d+)/.exec(bytes.toString())?.[1]));
    });
    socket.on("error", failed);
  });
}

const FUTURE = "Fri, 01 Jan 2100 00:00:00 GMT";
const PAST = "Sat, 01 Jan 2000 00:00:00 GMT";
const LONG = { "X-Account-Meta-A": "x".repeat(2000) };

/** What nobody known may do, and a user without rights may not. */
function denied(method: string, path: string): Cases {
  return {
    401: () => ask(method, path, {}, undefined, ""),
    403: () => ask(method, path, {}, undefined, tokens.reader),
  };
}

function listing(path: string, empty: string): Cases {
  return {
    ...denied("GET", path.replace("/c", "/full")),
    200: () => ask("GET", path),
    204: () => ask("GET", empty),
    406: () => ask("GET", path, { Accept: "image/png" }),
    412: () => ask("GET", `${path}?limit=10001`),
  };
}

/** A request of the owner for what is not there. */
function missing(method: string, path: string): Cases {
  return { 404: () => ask(method, path) };
}

function options(path: string): Cases {
  const origin = { Origin: "http://a.example", "Access-Control-Request-Method": "GET" };
  return {
    200: () => ask("OPTIONS", path),
    401: () => ask("OPTIONS", path.replace("/c", "/full"), origin),
  };
}

const page = (method: string, path: string): Cases => ({ 200: () => ask(method, `!${path}`) });

async function wrongKeys(): Promise<number> {
  for (let count = 0; ; count += 1) {
    const headers = { "X-Auth-User": "other:tester", "X-Auth-Key": "wrong" };
    const status = await ask("GET", "!/auth/v1.0", headers, undefined, "");
    if (status !== 401 || count > 50) return status;
  }
}

const ACCOUNT = "/v1/{account}";
const CONTAINER = "/v1/{account}/{container}";
const OBJECT = "/v1/{account}/{container}/{object}";
const none = "!/v1/AUTH_none";
const asAdmin = (method: string, path: string) => ask(method, path, {}, undefined, tokens.admin);

const CASES: Readonly<Record<string, Cases>> = {
  "GET /auth/v1.0": {
    200: () => ask("GET", "!/auth/v1.0", { "X-Auth-User": "test:tester", "X-Auth-Key": "testing" }),
    401: () => ask("GET", "!/auth/v1.0", { "X-Auth-User": "test:tester", "X-Auth-Key": "no" }),
    429: wrongKeys,
  },
  ...Object.fromEntries(
    ["/", "/info", "/healthcheck", "/healthz", "/readyz", "/metrics", "/openapi.json"].flatMap(
      (path) => ["GET", "HEAD"].map((method) => [`${method} ${path}`, page(method, path)]),
    ),
  ),
  [`GET ${ACCOUNT}`]: listing("", "?prefix=none"),
  [`HEAD ${ACCOUNT}`]: { ...denied("HEAD", ""), 204: () => ask("HEAD", "") },
  [`POST ${ACCOUNT}`]: {
    ...denied("POST", ""),
    200: async () => (await runJob("")).status,
    204: () => ask("POST", "", { "X-Account-Meta-A": "1" }),
    400: () => ask("POST", "", LONG),
  },
  [`PUT ${ACCOUNT}`]: {
    ...denied("PUT", none),
    201: () => asAdmin("PUT", "!/v1/AUTH_made"),
    202: () => asAdmin("PUT", "!/v1/AUTH_test"),
  },
  [`DELETE ${ACCOUNT}`]: {
    ...denied("DELETE", none),
    204: async () => {
      await asAdmin("PUT", "!/v1/AUTH_gone");
      return await asAdmin("DELETE", "!/v1/AUTH_gone");
    },
    404: () => asAdmin("DELETE", none),
    409: () => asAdmin("DELETE", ""),
  },
  [`GET ${CONTAINER}`]: { ...listing("/c", "/c?prefix=none"), ...missing("GET", "/none") },
  [`HEAD ${CONTAINER}`]: {
    ...denied("HEAD", "/full"),
    ...missing("HEAD", "/none"),
    204: () => ask("HEAD", "/c"),
  },
  [`PUT ${CONTAINER}`]: {
    ...denied("PUT", "/new"),
    201: () => ask("PUT", "/new"),
    202: () => ask("PUT", "/c"),
    400: () => ask("PUT", "/c", { "X-Container-Read": ".r:" }),
  },
  [`POST ${CONTAINER}`]: {
    ...denied("POST", "/c"),
    ...missing("POST", "/none"),
    200: async () => (await runJob("/c")).status,
    204: () => ask("POST", "/c", { "X-Container-Meta-A": "1" }),
    400: () => ask("POST", "/c", { "X-Container-Read": ".r:" }),
  },
  [`DELETE ${CONTAINER}`]: {
    ...denied("DELETE", "/full"),
    ...missing("DELETE", "/none"),
    204: async () => {
      await ask("PUT", "/old");
      return await ask("DELETE", "/old");
    },
    409: () => ask("DELETE", "/full"),
  },
  [`GET ${OBJECT}`]: {
    ...denied("GET", "/full/o"),
    ...missing("GET", "/c/none"),
    200: () => ask("GET", "/c/o"),
    206: () => ask("GET", "/c/o", { Range: "bytes=1-2" }),
    304: () => ask("GET", "/c/o", { "If-Modified-Since": FUTURE }),
    409: () => ask("GET", "/c/broken"),
    412: () => ask("GET", "/c/o", { "If-Unmodified-Since": PAST }),
    416: () => ask("GET", "/c/o", { Range: "bytes=99-" }),
  },
  [`HEAD ${OBJECT}`]: {
    ...denied("HEAD", "/full/o"),
    ...missing("HEAD", "/c/none"),
    200: () => ask("HEAD", "/c/o"),
    304: () => ask("HEAD", "/c/o", { "If-None-Match": "*" }),
    412: () => ask("HEAD", "/c/o", { "If-Match": "other" }),
  },
  [`PUT ${OBJECT}`]: {
    ...denied("PUT", "/c/p"),
    ...missing("PUT", "/none/o"),
    201: () => ask("PUT", "/c/p", {}, "x"),
    400: () => ask("PUT", "/c/p?multipart-manifest=put", {}, "no list"),
    411: () =>
      raw(`PUT /v1/AUTH_test/c/p HTTP/1.1\r\nHost: a\r\nX-Auth-Token: ${tokens.own}\r\n\r\n`),
    412: () => ask("PUT", "/c/o", { "If-None-Match": "*" }, "x"),
    413: () => ask("PUT", "/c/p", {}, "x".repeat(20001)),
    422: () => ask("PUT", "/c/p", { ETag: "0".repeat(32) }, "x"),
  },
  [`COPY ${OBJECT}`]: {
    401: () => ask("COPY", "/c/o", { Destination: "c/copy" }, undefined, ""),
    403: () => ask("COPY", "/c/o", { Destination: "c/copy" }, undefined, tokens.reader),
    404: () => ask("COPY", "/c/none", { Destination: "c/copy" }),
    201: () => ask("COPY", "/c/o", { Destination: "c/copy" }),
    412: () => ask("COPY", "/c/o", { Destination: "c" }),
  },
  [`POST ${OBJECT}`]: {
    ...denied("POST", "/c/o"),
    ...missing("POST", "/c/none"),
    200: async () => (await runJob("/c/o")).status,
    202: () => ask("POST", "/c/o", { "X-Object-Meta-A": "1" }),
    400: () => ask("POST", "/c/o", { "X-Object-Meta-A": "x".repeat(2000) }),
  },
  [`DELETE ${OBJECT}`]: {
    ...denied("DELETE", "/full/o"),
    ...missing("DELETE", "/c/none"),
    200: () => ask("DELETE", "/c/large?multipart-manifest=delete"),
    204: async () => {
      await ask("PUT", "/c/brief", {}, "x");
      return await ask("DELETE", "/c/brief");
    },
    400: () => ask("DELETE", "/c/o", { "X-If-Delete-At": "soon" }),
    412: () => ask("DELETE", "/c/o", { "X-If-Delete-At": "1" }),
  },
  "GET /jobs": {
    200: () => ask("GET", "!/jobs"),
    401: () => ask("GET", "!/jobs", {}, undefined, ""),
  },
  "GET /jobs/{job}": {
    200: () => onJob("GET"),
    401: () => onJob("GET", ""),
    404: () => onJob("GET", tokens.reader),
  },
  "DELETE /jobs/{job}": {
    204: () => onJob("DELETE"),
    401: () => onJob("DELETE", ""),
    404: () => ask("DELETE", "!/jobs/none"),
  },
  [`OPTIONS ${ACCOUNT}`]: options("/c".slice(2)),
  [`OPTIONS ${CONTAINER}`]: options("/c"),
  [`OPTIONS ${OBJECT}`]: options("/c/o"),
  ...appCases(ask, () => tokens.reader),
};

/** How to get the answers that every request can get, as far as a client can. */
const COMMON: Cases = {
  400: () => raw("GET /v1/AUTH_test HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
  405: () => ask("PATCH", "/c/o"),
  412: () => ask("GET", "/c/%ff"),
  414: () => ask("GET", `/c/${"x".repeat(9000)}`),
  431: () =>
    raw(`GET / HTTP/1.1\r\nHost: a\r\n${"A: b".padEnd(8000, "x").concat("\r\n").repeat(12)}\r\n`),
  501: () => ask("PUT", "/c/o?symlink=put", { "X-Symlink-Target": "c/p" }, ""),
};

describe("the description of the HTTP interface", () => {
  test("is one of OpenAPI 3.1, and what the server gives", async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(openApiDocument()));
    expect(errors).toBeUndefined();
    expect(valid).toBe(true);
    const served: unknown = await (await fetch(`${cloud.url}/openapi.json`)).json();
    expect(served).toEqual(openApiDocument());
  });

  test("has a request for each of its answers, and no other", () => {
    const described = OPERATIONS.map(({ method, path, answers }) => [
      `${method} ${path}`,
      Object.keys(answers).sort(),
    ]);
    const tried = Object.entries(CASES).map(([call, cases]) => [call, Object.keys(cases).sort()]);
    expect(Object.fromEntries(tried)).toEqual(Object.fromEntries(described));
  });

  test.each(Object.keys(CASES))("%s is answered as described", async (call) => {
    const got: [string, number][] = [];
    for (const [status, request] of Object.entries(CASES[call] ?? {})) {
      got.push([status, await request()]);
    }
    expect(got).toEqual(got.map(([status]) => [status, Number(status)]));
  });

  test.each(Object.keys(COMMON))("any request may be answered with %s", async (status) => {
    expect(Object.keys(COMMON_ANSWERS)).toContain(status);
    expect(await COMMON[status]?.()).toBe(Number(status));
  });
});
