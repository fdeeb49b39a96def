import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRefusal } from "../result/index.ts";
import { classify, type HeaderTable } from "./index.ts";

const JOB = { "x-zerovm-execute": "1.0" };

/** `STATUS TEXT` of a refusal, else its kind, and what is done where there is no app. */
function shown(method: string, path: string, headers: HeaderTable = {}): string {
  const found = classify(method, path, headers);
  if (found.kind === "refusal") return `${found.status} ${found.text}`;
  return "otherwise" in found ? `${found.kind} or ${found.otherwise}` : found.kind;
}

describe("whether a request is ours", () => {
  it.each([
    ["/v1/a/c/o", {}, "pass"],
    ["/v1/a", {}, "pass"],
    ["/v1", JOB, "pass"],
    ["/v1/", JOB, "pass"],
    ["/open", {}, "pass"],
    ["/open/", {}, "pass"],
    ["/info", {}, "pass"],
    ["/v1/a", JOB, "job"],
    ["/v1/a", { "x-zerovm-execute": "" }, "job"],
    ["/v1/a", { "x-zerovm-execute": "2.7" }, "job"],
    ["/v1/a/c", { "x-zerovm-execute": "banana" }, "job"],
    ["/v1/a/c/o/p", { "x-zerovm-execute": "open/2.0" }, "job"],
    ["/open/a/c/o", {}, "open or refuse"],
    ["/v1/a/c/o", { "x-zerovm-execute": "open/1.0" }, "open or refuse"],
    ["/api/a/c", {}, "api or refuse"],
    ["/api/a/c/any/path/", {}, "api or refuse"],
    ["/v1/a/c", { "x-zerovm-execute": "api/1.0" }, "api or refuse"],
    ["/open/a/c/o", JOB, "job"],
    ["/api/a", JOB, "job"],
    ["/api/a/c/o", { "x-zerovm-execute": "open/1.0" }, "open or refuse"],
    ["", {}, "404 Not Found"],
    ["/", JOB, "404 Not Found"],
    ["//a", JOB, "404 Not Found"],
    ["v1/a", JOB, "404 Not Found"],
    ["/v1/a", { ...JOB, "content-length": "-1" }, "400 Invalid Content-Length"],
    ["/v1/a", { ...JOB, "content-length": "1e3" }, "400 Invalid Content-Length"],
    ["/v1/a", { "content-length": "-1" }, "pass"],
    ["/v1/%ff", JOB, "412 Invalid UTF8"],
    ["/v1/a/c/%00", JOB, "412 Invalid UTF8"],
    ["/v1/a/\xff", JOB, "412 Invalid UTF8"],
    ["/v1/%ff", {}, "pass"],
    ["/open/a", {}, "412 Bad URL"],
    ["/open/a/c", {}, "412 Bad URL"],
    ["/open/a/c/", {}, "412 Bad URL"],
    ["/open/a//o", {}, "412 Bad URL"],
    ["/v1/a/c", { "x-zerovm-execute": "open/1.0" }, "412 Bad URL"],
    ["/api/a", {}, "412 Bad URL"],
    ["/v1/a", { "x-zerovm-execute": "api/1.0" }, "412 Bad URL"],
    // Headers that only servers send each other make nothing of a request.
    ["/v1/a/c/o", { "x-zerovm-daemon": "/etc/passwd", "x-nexe-colocated": "1" }, "pass"],
  ] as [string, HeaderTable, string][])("POST %s with %j: %s", (path, headers, expected) => {
    expect(shown("POST", path, headers)).toBe(expected);
  });

  it.each([
    ["POST", "job", "open or refuse", "api or refuse", "api or refuse"],
    ["GET", "501 Not Implemented", "open or association", "api or refuse", "api or association"],
    ["HEAD", "501 Not Implemented", "open or refuse", "api or refuse", "api or refuse"],
    ["PUT", "501 Not Implemented", "open or refuse", "api or refuse", "api or refuse"],
    ["DELETE", "501 Not Implemented", "open or refuse", "api or refuse", "api or refuse"],
    ["OPTIONS", "preflight", "preflight", "preflight", "preflight"],
    ["PATCH", ...Array(4).fill("412 Bad HTTP method")],
    ["post", ...Array(4).fill("412 Bad HTTP method")],
    ["COPY", ...Array(4).fill("412 Destination header required")],
  ])("%s: a job %s; open %s; api of a container %s, of a path %s", (method, ...expected) => {
    expect([
      shown(method, "/v1/a/c/o", JOB),
      shown(method, "/open/a/c/o"),
      shown(method, "/api/a/c"),
      shown(method, "/api/a/c/items/7"),
    ]).toEqual(expected);
  });

  it("leaves a copy with a destination to the store", () => {
    expect(shown("COPY", "/open/a/c/o", { destination: "c/p" })).toBe("pass");
  });

  it("decodes the path once, before it is cut", () => {
    expect(classify("POST", "/v1/%C3%A4/c%2Fo%2520/p", JOB)).toEqual({
      kind: "job",
      address: { version: "v1", account: "ä", container: "c", object: "o%20/p" },
    });
    expect(classify("POST", "/v1/a/%zz%", JOB)).toMatchObject({ address: { container: "%zz%" } });
    expect(classify("POST", "/v1/\xc3\xa4", JOB)).toMatchObject({ address: { account: "ä" } });
  });
});

describe("a program over one object", () => {
  const run = { "x-zerovm-run": "swift://~/bin/gray" };

  it.each([
    ["GET", "/v1/a/c/o", run, "run"],
    ["PUT", "/v1/a/c/o", run, "run"],
    ["COPY", "/v1/a/c/o", run, "run"],
    ["OPTIONS", "/v1/a/c/o", run, "preflight"],
    ["POST", "/v1/a/c/o", run, "501 Not Implemented"],
    ["HEAD", "/v1/a/c/o", run, "501 Not Implemented"],
    ["DELETE", "/v1/a/c/o", run, "501 Not Implemented"],
    ["PATCH", "/v1/a/c/o", run, "412 Bad HTTP method"],
    ["GET", "/v1/a/c", run, "412 Bad URL"],
    ["GET", "/v1/a", run, "412 Bad URL"],
    ["GET", "/v1", run, "pass"],
    ["GET", "/v1/a/c/o", { ...run, ...JOB }, "400 X-Zerovm-Run goes with no job"],
    ["GET", "/open/a/c/o", run, "400 X-Zerovm-Run goes with no job"],
  ])("%s %s with %j: %s", (method, path, headers, expected) => {
    expect(shown(method, path, headers)).toBe(expected);
  });
});

const METHODS = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "COPY", "PATCH", "brew", ""];
const NAMES = ["x-zerovm-execute", "x-zerovm-run", "content-length", "destination"];

describe("classify with hostile requests", () => {
  it("says one thing of every request", () => {
    const path = fc
      .array(
        fc.oneof(fc.constantFrom("/", "/v1", "/open", "/api", "%2f", "%", "%ff", "*"), fc.string()),
      )
      .map((parts) => parts.join(""));
    const headers = fc.dictionary(
      fc.constantFrom(...NAMES),
      fc.oneof(fc.constantFrom("open/1.0", "api/1.0", "1.0", "", "-1"), fc.string()),
    );
    fc.assert(
      fc.property(fc.constantFrom(...METHODS), path, headers, (method, target, table) => {
        const found = classify(method, target, table);
        if (isRefusal(found)) {
          expect([400, 404, 412, 501]).toContain(found.status);
          return;
        }
        if (found.kind === "pass") return;
        const { address } = found;
        expect(address.account).not.toBe("");
        expect(JSON.stringify(address)).not.toMatch(/\\u0000|\\ud[89a-f]/);
        if (found.kind === "open") expect(address.object).toBeDefined();
      }),
      { numRuns: 500 },
    );
  });
});
