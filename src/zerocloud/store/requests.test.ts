/** What requests say, as pure values: ranges, conditions, access. */
import { describe, expect, it } from "vitest";
import { mayAccess, parseAccessList } from "../access/index.ts";
import { judgeConditions, parseRange } from "./index.ts";

describe("a Range header", () => {
  it.each([
    ["bytes=0-0", [[0, 1]]],
    ["bytes=2-4", [[2, 3]]],
    ["bytes=7-", [[7, 3]]],
    ["bytes=-3", [[7, 3]]],
    ["bytes=-20", [[0, 10]]],
    ["bytes=5-100", [[5, 5]]],
    [
      "Bytes = 0-1 , 20-30, -1",
      [
        [0, 2],
        [9, 1],
      ],
    ],
    [
      "bytes=0-0,,3-3",
      [
        [0, 1],
        [3, 1],
      ],
    ],
  ])("%s names parts", (header, parts) => {
    const expected = parts.map(([offset, length]) => ({ offset, length }));
    expect(parseRange(header, 10)).toEqual({ kind: "parts", parts: expected });
  });

  it.each(["bytes=10-", "bytes=-0", "bytes=11-12,13-", `bytes=${"0-0,".repeat(51)}`])(
    "%s cannot be satisfied",
    (header) => {
      expect(parseRange(header, 10)).toEqual({ kind: "unsatisfiable" });
    },
  );

  it.each([
    undefined,
    "",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=-",
    "bytes=4-2",
    "lines=1-2",
    "bytes=a-b",
  ])("%s means the whole object", (header) => {
    expect(parseRange(header, 10)).toEqual({ kind: "whole" });
  });

  it("has no parts of an empty object", () => {
    expect(parseRange("bytes=0-", 0)).toEqual({ kind: "unsatisfiable" });
    expect(parseRange("bytes=-1", 0)).toEqual({ kind: "unsatisfiable" });
  });
});

describe("conditions", () => {
  const stat = { etag: "e1", modifiedAt: 1_700_000_000_50000 };
  const second = "Tue, 14 Nov 2023 22:13:20 GMT";
  const next = "Tue, 14 Nov 2023 22:13:21 GMT";

  it.each([
    [{}, "met"],
    [{ ifMatch: '"e0", "e1"' }, "met"],
    [{ ifMatch: "*" }, "met"],
    [{ ifMatch: '"e0"' }, "failed"],
    [{ ifNoneMatch: 'W/"e1"' }, "not-modified"],
    [{ ifNoneMatch: "*" }, "not-modified"],
    [{ ifNoneMatch: '"e0"' }, "met"],
    [{ ifModifiedSince: next }, "not-modified"],
    [{ ifModifiedSince: second }, "met"],
    [{ ifModifiedSince: "nonsense" }, "met"],
    [{ ifNoneMatch: '"e0"', ifModifiedSince: next }, "met"],
    [{ ifUnmodifiedSince: next }, "met"],
    [{ ifUnmodifiedSince: second }, "failed"],
    [{ ifMatch: '"e1"', ifUnmodifiedSince: second }, "met"],
  ])("%o are judged as %s", (conditions, verdict) => {
    expect(judgeConditions(stat, conditions)).toBe(verdict);
  });

  it.each([
    [{ ifMatch: "*" }, "failed"],
    [{ ifNoneMatch: "*" }, "met"],
    [{ ifModifiedSince: next }, "met"],
    [{ ifUnmodifiedSince: second }, "met"],
  ])("%o of an object that is not there are judged as %s", (conditions, verdict) => {
    expect(judgeConditions(undefined, conditions)).toBe(verdict);
  });
});

describe("access", () => {
  const container = (read: string, write = "") => ({
    account: "a",
    metadata: { "x-container-read": read, "x-container-write": write },
  });
  const user = { names: ["b", "b:joe"], owns: "b" };
  const nobody = { names: [] };

  it("is the owner's", () => {
    for (const action of ["read", "list", "write"] as const) {
      expect(mayAccess({ names: [], owns: "a" }, action, container(""))).toBe(true);
      expect(mayAccess(user, action, { account: "a", metadata: {} })).toBe(false);
    }
  });

  it.each([
    ["b", true],
    ["b:joe", true],
    ["*:joe", true],
    ["x, b:joe ,y", true],
    ["b:jo", false],
    ["*:jo", false],
    ["*", false],
    ["", false],
    [".nonsense,b", false],
  ])("by the names %s is %s", (list, may) => {
    expect(mayAccess(user, "read", container(list))).toBe(may);
    expect(mayAccess(user, "list", container(list))).toBe(may);
    expect(mayAccess(user, "write", container("", list))).toBe(may);
    expect(mayAccess(user, "write", container(list))).toBe(false);
  });

  it.each([
    [".r:*", undefined, true],
    [".referrer:*", "https://x.example", true],
    [".r:.example.com", "https://www.example.com/page", true],
    [".r:*.example.com", "https://www.example.com/page", true],
    [".r:.example.com", "https://example.com.evil.org/", false],
    [".r:www.example.com", "https://www.example.com:8080/", true],
    [".r:*,.r:-.evil.org", "https://www.evil.org/", false],
    [".r:-.evil.org,.r:*", "https://www.evil.org/", true],
    [".r:www.example.com", undefined, false],
  ])("by %s from %s is %s", (list, referrer, may) => {
    const identity = { ...nobody, referrer };
    expect(mayAccess(identity, "read", container(list))).toBe(may);
    expect(mayAccess(identity, "list", container(list))).toBe(false);
    expect(mayAccess(identity, "list", container(`${list},.rlistings`))).toBe(may);
  });

  it("lists name what they cannot have", () => {
    const refused = { code: "ZVM_STORE_METADATA" };
    for (const text of [".r:", ".r:-", ".x:*", ".rlistings:no"]) {
      expect(() => parseAccessList(text, "x-container-read")).toThrow(
        expect.objectContaining(refused),
      );
    }
    expect(() => parseAccessList(".r:*", "x-container-write")).toThrow(
      expect.objectContaining(refused),
    );
  });
});
