import { describe, expect, it } from "vitest";
import { parseLimit } from "./added-keywords.ts";
import { manifestText } from "./conformance-cases.ts";
import { parseManifest } from "./index.ts";
import { parseCount, parseNumber, parseSize } from "./number.ts";

describe("parseNumber", () => {
  it.each([
    ["", 0n],
    ["0", 0n],
    ["-0", 0n],
    ["10", 10n],
    ["+10", 10n],
    ["-10", -10n],
    ["0x1F", 31n],
    ["0X1f", 31n],
    ["-0x10", -16n],
    ["010", 8n],
    ["00", 0n],
    [`${"0".repeat(5000)}7`, 7n],
    ["9223372036854775807", 2n ** 63n - 1n],
    ["-9223372036854775808", -(2n ** 63n)],
    ["0777777777777777777777", 2n ** 63n - 1n],
    ["0x7fffffffffffffff", 2n ** 63n - 1n],
  ])("reads %j", (text, value) => {
    expect(parseNumber(text)).toEqual({ kind: "number", value });
  });

  it.each([
    ["0xZZ", "xZZ"],
    ["0x", "x"],
    ["08", "8"],
    ["12ab", "ab"],
    ["1 2", " 2"],
    ["0, 5", ", 5"],
    ["1.5", ".5"],
    ["x", "x"],
    ["-", "-"],
    ["- 5", "- 5"],
    ["--5", "--5"],
    ["9223372036854775808", ""],
    ["-9223372036854775809", ""],
    ["99999999999999999999", ""],
    ["99999999999999999999x", "x"],
    ["0xffffffffffffffff", ""],
    ["9".repeat(400_000), ""],
  ])("stops in %j", (text, tail) => {
    expect(parseNumber(text)).toMatchObject({ kind: "bad", tail });
  });
});

describe("parseSize, parseCount and parseLimit", () => {
  it.each([
    ["0", 0n],
    ["1000", 1000n],
    ["1K", 1024n],
    ["2k", 2048n],
    ["3M", 3n << 20n],
    ["4G", 4n << 30n],
    ["0x10 T", 16n << 40n],
  ])("reads the size %j", (text, value) => {
    expect(parseSize(text)).toBe(value);
  });

  it.each(["", "K", " K", "-1", "-1K", "1KK", "1.5M", "1MB", "x", "0xT"])("refuses %j", (text) => {
    expect(parseSize(text)).toBeUndefined();
  });

  it("refuses a count that is empty or negative", () => {
    expect([parseCount(""), parseCount("-1"), parseCount("7")]).toEqual([undefined, undefined, 7n]);
  });

  it("takes suffixes where the unit is bytes, and no more than the maximum", () => {
    expect(parseLimit("fs-bytes", "64M")).toBe(64 * 2 ** 20);
    expect(parseLimit("fs-bytes", "1T")).toBe(2 ** 40);
    expect(parseLimit("fs-bytes", "2T")).toBeUndefined();
    expect(parseLimit("open-files", "64")).toBe(64);
    expect(parseLimit("open-files", "0x1F")).toBe(31);
    expect(parseLimit("open-files", "1K")).toBeUndefined();
    expect(parseLimit("open-files", "65537")).toBeUndefined();
  });
});

describe("numbers in a manifest", () => {
  const state = (changes: Record<string, string>, channel?: string): string | undefined =>
    parseManifest(
      manifestText("/p", changes, channel === undefined ? undefined : [channel]),
    ).findings.find((found) => found.severity === "error")?.state;

  it.each([
    [{ Memory: "33554432, 0, 5" }, "MANIFEST 4: invalid numeric value ', 5'"],
    [{ Memory: "99999999999999999999, 0" }, "MANIFEST 4: invalid numeric value ''"],
    [{ Memory: "0xZZ, 0" }, "MANIFEST 4: invalid numeric value 'xZZ'"],
    [{ Memory: "1, x" }, "MANIFEST 4: invalid numeric value 'x'"],
    [{ Memory: "1," }, undefined],
    [{ Memory: "" }, "MANIFEST 4: invalid memory token"],
    [{ Memory: "1, 4294967297" }, undefined],
    [{ Timeout: "1x" }, "MANIFEST 5: invalid numeric value 'x'"],
  ])("%j gives %j", (changes, expected) => {
    expect(state(changes)).toBe(expected);
  });

  it.each([
    ["/a, /dev/a, x, 0, 0, 0, 0, 0", "MANIFEST 6: invalid numeric value 'x'"],
    ["/a, /dev/a, 0, 2, 0, 0, 0, 0", "MANIFEST 6: invalid channel numeric token"],
    ["/a, /dev/a, 0, -1, 0, 0, 0, 0", "MANIFEST 6: invalid channel numeric token"],
    ["/a, /dev/a, 0, y, 0, 0, 0, 0", "MANIFEST 6: invalid numeric value 'y'"],
    ["/a, /dev/a, 0, 4294967297, 0, 0, 0, 0", undefined],
    ["/a, /dev/a, 0, 0, 0, 0, 0, 9223372036854775808", "MANIFEST 6: invalid numeric value ''"],
    ["/a, /dev/a, 0, 0, 0, 0, 0, 9223372036854775807", undefined],
    ["/a, /dev/a, , , , , ,", undefined],
    ["", "MANIFEST 6: invalid channel tokens number"],
    ["/a, /dev/a, x, 0, 0, 0, 0", "MANIFEST 6: invalid channel tokens number"],
  ])("the channel %j gives %j", (channel, expected) => {
    expect(state({}, channel)).toBe(expected);
  });

  it("cuts numbers as the original did, and warns", () => {
    const text = manifestText("/p", { Timeout: "4294967297", Node: "-4294967295" });
    const { manifest, findings } = parseManifest(text);
    expect(manifest).toMatchObject({ timeoutSeconds: 1, node: 1 });
    expect(findings).toMatchObject([
      { severity: "warning", message: "Timeout 4294967297 is cut to 32 bits: 1", line: 5 },
      { severity: "warning", message: "Node -4294967295 is cut to 32 bits: 1", line: 6 },
    ]);
  });
});
