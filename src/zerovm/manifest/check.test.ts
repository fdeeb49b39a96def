import { describe, expect, it } from "vitest";
import { manifestText } from "./conformance-cases.ts";
import { checkSessionText, textKindOf } from "./index.ts";

const encoder = new TextEncoder();

describe("textKindOf", () => {
  it.each([
    ["Version = 20130611\n", "manifest"],
    ["", "manifest"],
    ["Channel = /a, [b], 0\n [x]\n", "manifest"],
    ["[args]\nargs=a\n", "nvram"],
    ["# comment\n\n[env]\n", "nvram"],
    ["[ env ] # x\r\n", "nvram"],
    ["[]", "job"],
    [' \n[\n {"name": "a"}]', "job"],
    ["[{", "job"],
    ['["a"]', "job"],
    ["[1]", "job"],
    ["[[", "job"],
    ["[\n", "job"],
    ['{"name": "a"}', "job"],
  ])("%j is a %s", (text, kind) => {
    expect(textKindOf(encoder.encode(text))).toBe(kind);
  });

  it("looks at a bounded part of the text", () => {
    const bytes = new Uint8Array(2 ** 21).fill(0x5b);
    expect(textKindOf(bytes)).toBe("job");
    expect(textKindOf(bytes.fill(0x20))).toBe("manifest");
  });
});

describe("checkSessionText", () => {
  const check = (text: string, kind: "manifest" | "nvram" = "manifest") =>
    checkSessionText(encoder.encode(text), kind);

  it("finds nothing in good texts", () => {
    expect(check(manifestText("/p"))).toEqual([]);
    expect(check("[args]\nargs=a b\n", "nvram")).toEqual([]);
  });

  it("takes the kind that it is told", () => {
    expect(check("[args]\nargs=a\n")).toMatchObject([
      { message: "Manifest has no Timeout" },
      { message: "Manifest has no Memory" },
      { message: "Manifest has no Program" },
      { message: "Manifest has no Version" },
      { message: "There are 0 channels; missing: /dev/stdin, /dev/stdout, /dev/stderr" },
      { severity: "warning", message: "Unknown keyword args: the line is ignored" },
    ]);
    expect(check("Version = 1\n", "nvram")).toMatchObject([
      { severity: "warning", line: 1, message: "Text before the first section is ignored" },
    ]);
  });

  it("shows what can be judged of a manifest with other errors", () => {
    const text = manifestText("/p", { Version: "1", Memory: "0, 0", Timeout: "0" }, [
      "/a, /dev/stdin, 9, 0, 1, 1, 0, 0",
      "a, /dev/stdin, 0, 0, 1, 1, 0, 0",
      "tcp:1:, /dev/n, 0, 0, 1, 1, 1, 1",
      "tcp:1:, /dev/m, 0, 5, 1, 1, 1, 1",
    ]);
    expect(check(text).map(({ line, message }) => [line, message])).toEqual([
      [2, "Manifest version is not known: 1"],
      [7, "Path is not absolute: a"],
      [9, "Etag of the channel is neither on nor off: 5"],
      [7, "Another channel on line 6 has the alias /dev/stdin"],
      [6, "Channel /dev/stdin has no valid type: 9"],
      [undefined, "Standard channels are missing: /dev/stdout, /dev/stderr"],
      [8, "Network channel /dev/n must have exactly one direction"],
      [4, "Memory is not valid: 0"],
      [5, "Timeout is not valid: 0"],
    ]);
  });

  it("says nothing about missing channels where a line has no alias", () => {
    const text = manifestText("/p", {}, ["/a"]);
    expect(check(text).map(({ message }) => message)).toEqual(["Channel has 1 fields, expected 8"]);
  });
});
