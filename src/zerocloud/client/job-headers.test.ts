import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accountOf,
  environmentCredentials,
  parseAddress,
  parseCdrLine,
  parseJobHeaders,
} from "./index.ts";

describe("parseJobHeaders()", () => {
  it("reads the lists of the original", () => {
    const told = parseJobHeaders({
      "x-nexe-system": "hi",
      "x-nexe-status": "ok.",
      "x-nexe-retcode": "0",
      "x-nexe-validation": "0",
      "x-nexe-etag": "/dev/stdout 5d41402abc4b2a76b9719d911017c592",
      "x-nexe-cdr-line": "0.218, 0.187, 0.01 0.05 0 0 1 5 0 0 0 0",
      "x-nexe-policy": "zero",
      "x-nexe-colocated": "0",
      "x-zerovm-device": "stdout",
      "x-chain-total-time": "0.218",
    });
    expect(told).toEqual({
      nodes: [
        {
          name: "hi",
          status: "ok.",
          exitCode: 0,
          validation: 0,
          etags: [{ device: "stdout", hex: "5d41402abc4b2a76b9719d911017c592" }],
          accounting: {
            seconds: 0.187,
            systemSeconds: 0.01,
            userSeconds: 0.05,
            local: { reads: 0, readBytes: 0, writes: 1, writtenBytes: 5 },
            network: { reads: 0, readBytes: 0, writes: 0, writtenBytes: 0 },
          },
          policy: "zero",
          colocated: "0",
        },
      ],
      seconds: 0.218,
      chainSeconds: 0.218,
      device: "stdout",
      isCached: false,
    });
  });

  it("leaves out lists that cannot be told to belong to the nodes", () => {
    const told = parseJobHeaders({
      "x-nexe-system": "a,b%2Cc",
      "x-nexe-status": "ok.",
      "x-nexe-retcode": "1,-",
      "x-nexe-etag": "-,mem /dev/a%20b ff /dev/x",
      "x-nexe-cdr-line": "1, 0 0 0 0 0 0 0 0 0 0",
      "x-nexe-cached": "true",
    });
    expect(told).toEqual({
      nodes: [
        { name: "a", exitCode: 1, etags: [] },
        { name: "b,c", etags: [{ device: "a b", hex: "ff" }] },
      ],
      seconds: 1,
      isCached: true,
    });
    expect(parseJobHeaders({})).toEqual({ nodes: [], isCached: false });
  });

  it("survives anything", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.constantFrom(",", " ", "0", "1.5", "-", "%", "/dev/", "ok.", "ff"), {
          maxLength: 30,
        })
        .map((words) => words.join("")),
    );
    const names = ["system", "status", "retcode", "etag", "cdr-line", "error"];
    fc.assert(
      fc.property(fc.array(text, { minLength: 6, maxLength: 6 }), (values) => {
        const entries = names.map((name, at) => [`x-nexe-${name}`, values[at] ?? ""]);
        const { nodes } = parseJobHeaders(Object.fromEntries(entries));
        for (const { exitCode = 0 } of nodes) expect(Number.isFinite(exitCode)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe("parseCdrLine()", () => {
  const TEN = "1 2 3 4 5 6 7 8 9 10";

  it("takes nodes that never ran, without their seconds", () => {
    const line = parseCdrLine(`2.0, ${TEN},0.5, ${TEN}`);
    expect(line?.nodes.map(({ seconds }) => seconds)).toEqual([undefined, 0.5]);
    expect(line?.nodes[1]?.network).toEqual({
      reads: 7,
      readBytes: 8,
      writes: 9,
      writtenBytes: 10,
    });
  });

  it.each(["", "x", "1, 2", "1, 2, 3, 4", `1, ${TEN} 11`, `1, 2, ${TEN},`, "1, 1 2 3"])(
    "%j is none",
    (text) => expect(parseCdrLine(text)).toBeUndefined(),
  );
});

describe("parseAddress()", () => {
  it.each([
    ["c", { account: "~", container: "c", object: "" }],
    ["c/o/p/", { account: "~", container: "c", object: "o/p/" }],
    ["swift://./c/o", { account: "~", container: "c", object: "o" }],
    ["swift://AUTH_a/c/ü", { account: "AUTH_a", container: "c", object: "ü" }],
  ])("%s", (text, address) => expect(parseAddress(text)).toEqual(address));

  it.each(["", "/c", "swift://", "swift://a", "swift:///c/o", "c/\0"])("%j is none", (text) => {
    expect(() => parseAddress(text)).toThrow(/is not of the form CONTAINER/);
  });
});

describe("environmentCredentials()", () => {
  const V1 = { ST_AUTH: "http://h/auth/v1.0", ST_USER: "a:u", ST_KEY: "k" };
  const TOKEN = { OS_STORAGE_URL: "http://h/v1/a/", OS_AUTH_TOKEN: "t" };

  it("prefers a whole sign-in to a token", () => {
    expect(environmentCredentials({ ...V1, ...TOKEN })).toMatchObject({ kind: "v1", key: "k" });
    expect(environmentCredentials(TOKEN)).toEqual({
      kind: "token",
      storageUrl: "http://h/v1/a",
      token: "t",
    });
    expect(environmentCredentials({ ...V1, ST_KEY: "", ...TOKEN })).toMatchObject({
      kind: "token",
    });
    expect(environmentCredentials({})).toBeUndefined();
    expect(environmentCredentials({ ST_AUTH: "x" })).toBeUndefined();
    expect(() => environmentCredentials({ ...V1, ST_KEY: undefined })).toThrow(/has no ST_KEY/);
  });

  it("reads the account of a URL", () => {
    expect(accountOf("http://h/v1/AUTH_%C3%BC")).toBe("AUTH_ü");
    expect(accountOf("http://h/swift/v1/a/")).toBe("a");
    expect(() => accountOf("http://h/")).toThrow(/is no URL of an account/);
  });
});
