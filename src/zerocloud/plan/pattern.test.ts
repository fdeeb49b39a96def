import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fillStars, Pattern } from "./index.ts";

/** What the pattern means, said with a regular expression: fine for short texts only. */
function byExpression(pattern: string, name: string, isOpen: boolean): string[] | undefined {
  const escaped = pattern.split("*").map((part) => part.replace(/[^a-z]/g, "\\$&"));
  const found = new RegExp(`^${escaped.join("([\\s\\S]*)")}${isOpen ? "" : "$"}`).exec(name);
  return found?.slice(1);
}

const letters = fc.constantFrom("a", "b", "/", "*");
const words = fc.array(letters, { maxLength: 9 }).map((parts) => parts.join(""));

describe("Pattern", () => {
  it("matches and captures as greedy groups of a regular expression do", () => {
    fc.assert(
      fc.property(words, words, fc.boolean(), (pattern, name, isOpen) => {
        const plain = name.replaceAll("*", "a");
        expect(new Pattern(pattern, isOpen).match(plain)).toEqual(
          byExpression(pattern, plain, isOpen),
        );
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ["many stars", "*a".repeat(500), `${"a".repeat(499)}b`],
    ["a long literal that nearly fits everywhere", `*${"a".repeat(500)}b*`, "a".repeat(1024)],
    [
      "stars between nearly equal parts",
      `*${"ab".repeat(100)}*${"ab".repeat(100)}c*`,
      "ab".repeat(500),
    ],
  ])("takes time in proportion to the texts: %s", (_name, text, name) => {
    const pattern = new Pattern(text);
    const start = process.cpuUsage().user;
    for (let turn = 0; turn < 2000; turn += 1) expect(pattern.match(name) === undefined).toBe(true);
    // A matcher that goes back takes longer than any test may, a linear one some milliseconds.
    expect(process.cpuUsage().user - start).toBeLessThan(5_000_000);
  });

  it("has what all names begin with as its prefix", () => {
    expect(new Pattern("a/b*c*").prefix).toBe("a/b");
    expect(new Pattern("a/b").prefix).toBe("a/b");
  });
});

describe("fillStars", () => {
  it("fills from left to right, leaves what is over, and takes texts as they are", () => {
    expect(fillStars("*-*", ["$&", "*"])).toBe("$&-*");
    expect(fillStars("x*", ["a", "b"])).toBe("xa");
    expect(fillStars("**", ["a"])).toBeUndefined();
    expect(fillStars("x", [])).toBe("x");
  });
});
