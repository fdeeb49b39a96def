import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../result/index.ts";
import {
  type Address,
  deferralOf,
  ENDPOINT_HEADER,
  type HeaderTable,
  inputRangeOf,
  parseQuery,
  readEndpoint,
  readSource,
  SUID_HEADER,
  sourceFailure,
  spanOf,
  suidList,
  takesMultipart,
  timeoutOf,
  wantsReport,
} from "./index.ts";

function shown(answer: unknown): unknown {
  return isRefusal(answer) ? `${answer.status} ${answer.text}` : answer;
}

describe("X-Zerovm-Source", () => {
  const FORMAT = "412 X-Zerovm-Source format is swift://account/container/object";

  it.each([
    ["swift://b/c/o/p", { account: "b", container: "c", object: "o/p" }],
    ["swift://~/c/o", { account: "a", container: "c", object: "o" }],
    ["swift://./c/o", { account: "a", container: "c", object: "o" }],
    ["swift://b/c/%C3%A4%2520", { account: "b", container: "c", object: "ä%20" }],
    ["swift://b/c/\xc3\xa4", { account: "b", container: "c", object: "ä" }],
    ["", FORMAT],
    ["/b/c/o", FORMAT],
    ["http://b/c/o", FORMAT],
    ["swift://b/c", FORMAT],
    ["swift://b/c/", FORMAT],
    ["swift://b/c/*", FORMAT],
    ["swift://b/c/%ff", FORMAT],
    ["swift://b/c/%0a", FORMAT],
    ["swift://b/c/../d", FORMAT],
  ])("%j: %j", (value, expected) => {
    expect(shown(readSource(value, "a"))).toEqual(expected);
  });

  it("names the object that could not be read, with its own status", () => {
    const item = { account: "b", container: "c", object: "o" };
    expect(shown(sourceFailure(item, 404, "Not Found"))).toBe(
      "404 Error 404 while fetching swift://b/c/o: Not Found",
    );
  });
});

describe("the app of a container", () => {
  const app = { account: "b", container: "apps", object: "shop.tar" };
  const NONE = "404 No API endpoint configured for container api";
  const NO_URL = `${NONE}; its X-Container-Meta-Rest-Endpoint is no swift:// URL of a program or job`;

  it.each([
    [{ [ENDPOINT_HEADER]: "swift://b/apps/shop.tar" }, app],
    [{ [ENDPOINT_HEADER]: "swift%3A//b/apps/shop%2Etar" }, app],
    [{}, NONE],
    [undefined, NONE],
    [{ [ENDPOINT_HEADER]: "" }, NONE],
    [{ [ENDPOINT_HEADER]: "swift://~/apps/shop.tar" }, NO_URL],
    [{ [ENDPOINT_HEADER]: "swift://./apps/shop.tar" }, NO_URL],
    [{ [ENDPOINT_HEADER]: "swift://b/apps/*" }, NO_URL],
    [{ [ENDPOINT_HEADER]: "swift://b/apps" }, NO_URL],
    [{ [ENDPOINT_HEADER]: "apps/shop.tar" }, NO_URL],
  ] as [HeaderTable | undefined, unknown][])("of %j: %j", (metadata, expected) => {
    expect(shown(readEndpoint("api", metadata))).toEqual(expected);
  });

  const metadata = {
    [ENDPOINT_HEADER]: "swift://b/apps/shop%2Etar",
    [SUID_HEADER]: ".r:*,.rlistings",
  };
  const container = { account: "b", metadata };

  it("opens a container to those that it lists, through its own app", () => {
    expect(suidList(container, app, "b")).toBe(".r:*,.rlistings");
  });

  it.each([
    ["no app asks", container, undefined, "b"],
    ["another object asks", container, { ...app, object: "other.tar" }, "b"],
    ["one of another account asks", container, { ...app, account: "c" }, "b"],
    ["the job runs in another account", container, app, "c"],
    ["no list is given", { ...container, metadata: { ...metadata, [SUID_HEADER]: "" } }, app, "b"],
    ["no app is named", { ...container, metadata: { [SUID_HEADER]: ".r:*" } }, app, "b"],
  ])("opens nothing where %s", (_, given, asking, account) => {
    expect(suidList(given, asking, account)).toBeUndefined();
  });
});

describe("X-Zerovm-Deferred", () => {
  const whole: Address = { version: "v1", account: "a", container: "c", object: "o" };
  const defer = (word: string | undefined, address: Address = whole) =>
    shown(deferralOf({ "x-zerovm-deferred": word }, address, 10, () => "fresh"));

  it("waits for the job where it is not there", () => {
    expect(defer(undefined)).toBeUndefined();
  });

  it.each(["", "no", "true", "alwaysly", "\u001b[m", "x".repeat(99)])("refuses %j", (word) => {
    const shown = word.replace("\u001b", "\\x1b").replace(/^(x{80})x+/, "$1…");
    expect(defer(word)).toBe(`400 X-Zerovm-Deferred is always or auto, not "${shown}"`);
  });

  it("answers at once, or after a time", () => {
    expect(defer("Always")).toEqual({
      kind: "deferral",
      afterSeconds: 0,
      result: { account: "a", container: "c", object: "o" },
      headers: { account: "a", container: "c", object: "o.headers" },
      url: "swift://a/c/o",
    });
    expect(defer("AUTO")).toMatchObject({ afterSeconds: 11 });
  });

  it("finds a place where the request names none", () => {
    expect(defer("auto", { version: "v1", account: "a" })).toMatchObject({
      url: "swift://a/.zvm/job-fresh",
    });
    expect(defer("auto", { version: "v1", account: "a", container: "c" })).toMatchObject({
      url: "swift://a/c/job-fresh",
    });
  });

  it("refuses a name that has no room for its ending", () => {
    expect(defer("auto", { ...whole, object: "o".repeat(1016) })).toMatchObject({
      kind: "deferral",
    });
    expect(defer("auto", { ...whole, object: "o".repeat(1017) })).toMatch(/^400 .*1025 bytes/);
  });
});

describe("what an answer shall be", () => {
  it.each([
    ["multipart/mixed", true],
    ["text/html, Multipart/Mixed;q=0.5", true],
    ["multipart/mixed; q=0", false],
    ["multipart/mixed;q=0.0, */*", false],
    ["multipart/mixed;q=nonsense", false],
    ["*/*", false],
    ["multipart/*", false],
    ["multipart/mixedly", false],
    ["", false],
  ])("with Accept %j several parts: %s", (accept, expected) => {
    expect(takesMultipart({ accept })).toBe(expected);
  });

  it("is one part without Accept", () => {
    expect(takesMultipart({})).toBe(false);
  });

  it.each([
    ["format=json", true],
    ["a=b&format=json", true],
    ["format=xml&format=json", false],
    ["format=JSON", false],
    ["", false],
  ])("with ?%s a report: %s", (query, expected) => {
    expect(wantsReport(parseQuery(query))).toBe(expected);
  });
});

describe("X-Zerovm-Timeout", () => {
  const bad = (value: string): string =>
    "400 X-Zerovm-Timeout is seconds above 0, as 2 or 0.5, of which 10 are the most that count, " +
    `not "${value}"`;

  it.each([
    [undefined, 10],
    ["5", 5],
    ["0.25", 0.25],
    ["11", 10],
    ["999999999", 10],
    ["0", bad("0")],
    ["-1", bad("-1")],
    ["1e1", bad("1e1")],
    ["Infinity", bad("Infinity")],
    ["", bad("")],
    ["1".repeat(100), bad(`${"1".repeat(80)}…`)],
  ])("%j of at most 10: %s", (value, expected) => {
    expect(shown(timeoutOf({ "x-zerovm-timeout": value }, 10))).toBe(expected);
  });
});

describe("X-Zerovm-Range", () => {
  const span = (value: string, objectBytes: number): unknown => {
    const range = inputRangeOf({ "x-zerovm-range": value });
    if (range === undefined || isRefusal(range)) return shown(range);
    const found = spanOf(range, objectBytes);
    return isRefusal(found) ? shown(found) : [found.startBytes, found.sizeBytes];
  };

  it.each([
    ["bytes=0-9", 100, [0, 10]],
    ["bytes=10-10", 100, [10, 1]],
    ["bytes=90-", 100, [90, 10]],
    ["bytes=90-1000", 100, [90, 10]],
    ["bytes=-10", 100, [90, 10]],
    ["bytes=-1000", 100, [0, 100]],
    [" Bytes = 1 - 2 ", 100, [1, 2]],
    ["bytes=100-", 100, "416 The object has 100 bytes"],
    ["bytes=0-", 0, "416 The object has 0 bytes"],
    ["bytes=-0", 100, "416 The object has 100 bytes"],
    ["bytes=1-2,4-5", 100, "400 X-Zerovm-Range takes one range"],
    ["bytes=2-1", 100, "400 X-Zerovm-Range format is bytes=FROM-TO"],
    ["bytes=-", 100, "400 X-Zerovm-Range format is bytes=FROM-TO"],
    ["lines=1-2", 100, "400 X-Zerovm-Range format is bytes=FROM-TO"],
    ["", 100, "400 X-Zerovm-Range format is bytes=FROM-TO"],
  ])("%j of %i bytes: %j", (value, objectBytes, expected) => {
    expect(span(value, objectBytes)).toEqual(expected);
  });

  it("is all of the object without it", () => {
    expect(inputRangeOf({})).toBeUndefined();
  });

  it("always lies within the object", () => {
    const bound = fc.oneof(fc.constant(""), fc.nat().map(String), fc.maxSafeNat().map(String));
    fc.assert(
      fc.property(bound, bound, fc.nat(), (first, last, objectBytes) => {
        const found = span(`bytes=${first}-${last}`, objectBytes);
        if (!Array.isArray(found)) return;
        const [startBytes, sizeBytes] = found;
        expect(Math.min(startBytes + 1, sizeBytes)).toBeGreaterThan(0);
        expect(startBytes + sizeBytes).toBeLessThanOrEqual(objectBytes);
      }),
    );
  });
});
