import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteStringOfText } from "../../base/index.ts";
import { configWith, formatNvram, parseNvram } from "../../zrt/nvram/index.ts";
import { isRefusal } from "../result/index.ts";
import {
  environmentOf,
  isToldHeader,
  type LocalFacts,
  localEnvironment,
  type RequestFacts,
  type Variable,
} from "./index.ts";

const REQUEST: RequestFacts = {
  method: "GET",
  protocol: "HTTP/1.1",
  target: "/api/a/c/items/7?full=1",
  query: "full=1",
  pathInfo: "/a/c/items/7",
  headers: {},
};

const PROGRAM = { name: "shop", url: "swift://~/apps/shop.nexe" };

function variables(fields: Partial<RequestFacts>): Record<string, string> {
  const environment = environmentOf({ ...REQUEST, ...fields }, PROGRAM);
  if (isRefusal(environment)) throw new Error(environment.text);
  expect(new Set(environment.map(([name]) => name)).size).toBe(environment.length);
  return Object.fromEntries(environment);
}

describe("environmentOf", () => {
  it("says what CGI says of a request", () => {
    const headers = {
      host: "example.org:8080",
      accept: "text/html",
      "x-zerovm-execute": "api/1.0",
      "content-type": "text/csv",
      "content-length": "12",
    };
    expect(variables({ headers, remoteUser: "a:user,a" })).toEqual({
      GATEWAY_INTERFACE: "CGI/1.1",
      SERVER_SOFTWARE: "zerocloud",
      SERVER_NAME: "example.org",
      SERVER_PORT: "8080",
      SERVER_PROTOCOL: "HTTP/1.1",
      REQUEST_METHOD: "GET",
      REQUEST_URI: "/api/a/c/items/7?full=1",
      QUERY_STRING: "full=1",
      PATH_INFO: "/a/c/items/7",
      CONTENT_TYPE: "text/csv",
      CONTENT_LENGTH: "12",
      REMOTE_USER: "a:user,a",
      SCRIPT_NAME: "shop",
      SCRIPT_FILENAME: "swift://~/apps/shop.nexe",
      HTTP_HOST: "example.org:8080",
      HTTP_ACCEPT: "text/html",
      HTTP_X_ZEROVM_EXECUTE: "api/1.0",
    });
  });

  it("leaves out that a body waits to be asked for: it was", () => {
    expect(variables({ headers: { expect: "100-continue" } })).not.toHaveProperty("HTTP_EXPECT");
  });

  it("leaves out what is empty or not known", () => {
    const names = Object.keys(variables({ query: "" }));
    for (const name of ["QUERY_STRING", "REMOTE_USER", "CONTENT_TYPE", "CONTENT_LENGTH"]) {
      expect(names).not.toContain(name);
    }
  });

  it.each([
    ["example.org", "example.org", "80"],
    ["[::1]:8080", "[::1]", "8080"],
    ["[::1]", "[::1]", "80"],
    ["1.2.3.4:1", "1.2.3.4", "1"],
  ])("finds name and port of %s", (host, name, port) => {
    expect(variables({ headers: { host } })).toMatchObject({
      SERVER_NAME: name,
      SERVER_PORT: port,
    });
  });

  it("has a name without Host", () => {
    expect(variables({})).toMatchObject({ SERVER_NAME: "localhost", SERVER_PORT: "80" });
    expect(variables({ serverName: "s:81" })).toMatchObject({
      SERVER_NAME: "s",
      SERVER_PORT: "81",
    });
  });

  it.each([
    "authorization",
    "proxy-authorization",
    "cookie",
    "cookie2",
    "proxy",
    "x-auth-token",
    "x-auth-user",
    "x-auth-key",
    "x-service-token",
    "x-storage-token",
    "x-subject-token",
    "x-forwarded-for",
    "x-forwarded-host",
    "forwarded",
    "x-real-ip",
    "via",
    "x-backend-storage-policy-index",
    "x-container-sysmeta-x",
    "x-object-transient-sysmeta-crypto-meta",
    "x-zerovm-daemon",
    "x-nexe-colocated",
    "content-type",
    "content-length",
    "transfer-encoding",
    "x_forwarded_for",
    "bad name",
    "",
  ])("never tells of %s", (header) => {
    expect(isToldHeader(header)).toBe(false);
    expect(isToldHeader(header.toUpperCase())).toBe(false);
    const told = Object.keys(variables({ headers: { [header]: "1" } }));
    expect(told.filter((name) => name.startsWith("HTTP_"))).toEqual([]);
  });

  it("decodes values as UTF-8, and leaves out what is none or has a line break", () => {
    const headers = { "x-a": "\xc3\xa4", "x-b": "\xff", "x-c": "a\nname=EVIL", "x-d": "a,b" };
    const found = variables({ headers });
    expect(found["HTTP_X_A"]).toBe("ä");
    expect(found["HTTP_X_D"]).toBe("a,b");
    expect(found).not.toHaveProperty("HTTP_X_B");
    expect(found).not.toHaveProperty("HTTP_X_C");
  });

  it("refuses a request that does not fit into a session", () => {
    const headers = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [`x-${at}`, "v".repeat(1000)]),
    );
    expect(environmentOf({ ...REQUEST, headers }, PROGRAM)).toMatchObject({ status: 431 });
    expect(environmentOf(REQUEST, PROGRAM, 10)).toMatchObject({ status: 431 });
  });

  it("can be written down for a guest, and is read as it was", () => {
    const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
    const text = fc.string({ unit: byte });
    fc.assert(
      fc.property(fc.dictionary(text, text), text, fc.string(), (headers, target, pathInfo) => {
        const given = { ...REQUEST, headers, target, query: target, pathInfo };
        const environment = environmentOf(given, PROGRAM);
        if (isRefusal(environment)) return;
        const env = environment.map(([name, value]): Variable => {
          return [byteStringOfText(name), byteStringOfText(value)];
        });
        expect(parseNvram(formatNvram(configWith({ env }))).config?.env).toEqual(env);
      }),
    );
  });
});

describe("localEnvironment", () => {
  const local: LocalFacts = {
    account: "a",
    container: "c",
    object: "o/p",
    device: "stdin",
    access: "read",
    contentType: "text/plain",
    sizeBytes: 0,
    etag: "6f59",
    timestamp: "1700000000.00000",
    meta: { "two-words": "x", "a.b": "y", bad: "1\n2" },
  };

  it("says what a node reads in place", () => {
    expect(Object.fromEntries(localEnvironment(local))).toEqual({
      LOCAL_OBJECT: "on",
      LOCAL_PATH_INFO: "/a/c/o/p",
      LOCAL_DOCUMENT_ROOT: "/dev/stdin",
      LOCAL_CONTENT_TYPE: "text/plain",
      LOCAL_CONTENT_LENGTH: "0",
      LOCAL_HTTP_ETAG: "6f59",
      LOCAL_HTTP_X_TIMESTAMP: "1700000000.00000",
      LOCAL_HTTP_X_OBJECT_META_TWO_WORDS: "x",
    });
  });

  it("says less of what it writes, and of a container", () => {
    const names = localEnvironment({ ...local, access: "write" }).map(([name]) => name);
    expect(names).not.toContain("LOCAL_CONTENT_LENGTH");
    expect(names).not.toContain("LOCAL_HTTP_ETAG");
    const { object: _, ...container } = local;
    expect(localEnvironment(container)).toContainEqual(["LOCAL_PATH_INFO", "/a/c"]);
  });
});
