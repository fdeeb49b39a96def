import { describe, expect, it } from "vitest";
import { pathPattern, shellWords } from "./index.ts";

function compiled(text: string) {
  const made = pathPattern(text);
  if ("fault" in made) throw new Error(made.fault);
  return made;
}

describe("pathPattern()", () => {
  it.each([
    ["*.py", ["a.py", "é🦆.py"], ["a.pyc", "d/a.py", ".a.py", "py"]],
    ["./a//", [], []],
    ["bin/", ["bin"], ["bin/x"]],
    ["d/?[a-c]x", ["d/1ax", "d/.bx".replace(".", "-")], ["d/1dx", "d/ax", "d/.ax"]],
    ["[!a]b", ["xb"], ["ab", ".b"]],
    ["[]a]", ["]", "a"], ["b"]],
    ["[a", ["[a"], ["a"]],
    [".*", [".git"], ["git"]],
    ["**/*.js", ["a.js", "x/y/a.js"], ["x/.y/a.js", ".a.js"]],
    ["a/**", ["a", "a/b", "a/b/c"], ["b", "a/.b"]],
    ["a/**/z/*.c", ["a/z/1.c", "a/b/z/z/1.c"], ["a/z/b/1.c"]],
    ["**", ["a", "a/b"], [".a"]],
  ])("%s", (text, yes, no) => {
    if (text === "./a//") {
      expect(pathPattern(text)).toEqual({ fault: "has an empty part" });
      return;
    }
    const { matches } = compiled(text);
    for (const path of yes) expect([path, matches(path.split("/"))]).toEqual([path, true]);
    for (const path of no) expect([path, matches(path.split("/"))]).toEqual([path, false]);
  });

  it("knows which folders can hold what is meant", () => {
    const { reaches } = compiled("src/*/x.c");
    expect([["src"], ["src", "a"], ["other"], ["src", "a", "b"]].map(reaches)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(compiled("**/x").reaches(["a", "b"])).toBe(true);
    expect(compiled("**/x").reaches([".git"])).toBe(false);
  });

  it.each(["", "/a", "a/../b", "..", "a/./b", "a//b", "a\nb", "x".repeat(2000)])(
    "refuses %j",
    (text) => expect(pathPattern(text)).toHaveProperty("fault"),
  );

  it("takes its time for no pattern", () => {
    const { matches } = compiled(`${"*a".repeat(500)}b`);
    const start = process.cpuUsage().user;
    expect(matches(["a".repeat(5000)])).toBe(false);
    expect(compiled(`${"**/a/".repeat(150)}b`).matches(Array(2000).fill("a"))).toBe(false);
    expect(process.cpuUsage().user - start).toBeLessThan(5_000_000);
  });
});

describe("shellWords()", () => {
  it.each([
    ["a  b\tc", ["a", "b", "c"]],
    [`'a b' "c \\" d" e\\ f`, ["a b", 'c " d', "e f"]],
    [`""x '' ""`, ["x", "", ""]],
    [`"\\n\\$" '\\'`, ["\\n$", "\\"]],
    ["a\\\nb #c", ["ab", "#c"]],
    ["", []],
  ])("%j", (line, words) => expect(shellWords(line)).toEqual({ words }));

  it.each([
    ["'a", "single quote"],
    ['a "b', "double quote"],
    ["a\\", "backslash"],
  ])("%j is open", (line, open) => expect(shellWords(line)).toEqual({ open }));
});
