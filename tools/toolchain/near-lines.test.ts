import { describe, expect, it } from "vitest";
import { areNearLines } from "./near-lines.ts";

describe("areNearLines()", () => {
  it("takes neighbours for the same, also across powers of two", () => {
    expect(areNearLines("fsin 3fff.8000000000000001", "fsin 3fff.8000000000000002")).toBe(true);
    expect(areNearLines("bffe.ffffffffffffffff", "bfff.8000000000000000")).toBe(true);
    expect(areNearLines("0000.7fffffffffffffff x", "0001.8000000000000000 x")).toBe(true);
  });

  it("takes nothing else for the same", () => {
    expect(areNearLines("3fff.8000000000000001", "3fff.8000000000000003")).toBe(false);
    expect(areNearLines("3fff.8000000000000001", "bfff.8000000000000001")).toBe(false);
    expect(areNearLines("a 4100", "a 4101")).toBe(false);
    expect(areNearLines("a b", "a")).toBe(false);
    expect(areNearLines("a", undefined)).toBe(false);
  });
});
