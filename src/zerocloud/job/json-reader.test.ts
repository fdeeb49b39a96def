import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJson } from "./json-reader.ts";
import { type JsonValue, pointerOf } from "./json-value.ts";

const DEPTH_MAX = 32;

/** The value as `JSON.parse` gives it. */
function plain(value: JsonValue): unknown {
  if (value.kind === "object") {
    return Object.fromEntries([...value.members].map(([key, { value: one }]) => [key, plain(one)]));
  }
  if (value.kind === "array") return value.items.map(plain);
  if (value.kind === "string") return value.text;
  if (value.kind === "number") return Number(value.text);
  return value.kind === "boolean" ? value.value : null;
}

/** Values at places: each begins where its text does. */
function judgePlaces(text: string, value: JsonValue): void {
  const starts = {
    object: "{",
    array: "[",
    string: '"',
    number: /[-0-9]/,
    boolean: /[tf]/,
    null: "n",
  };
  expect(text[value.at]).toMatch(starts[value.kind]);
  const inner =
    value.kind === "object"
      ? [...value.members.values()].map((member) => member.value)
      : value.kind === "array"
        ? value.items
        : [];
  for (const one of inner) judgePlaces(text, one);
}

function parsed(text: string): unknown {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return "no JSON";
  }
}

/** `JSON.parse` takes a key twice, and any depth. */
const isComparable = (text: string) => {
  const { problems } = readJson(text, DEPTH_MAX);
  return problems.every(({ rule }) => rule === "json-syntax");
};

function judgeLikeEngine(text: string): void {
  if (!isComparable(text)) return;
  const { value } = readJson(text, DEPTH_MAX);
  expect(value === undefined ? "no JSON" : { value: plain(value) }).toEqual(parsed(text));
  if (value !== undefined) judgePlaces(text, value);
}

describe("readJson", () => {
  it("reads what the engine reads", () => {
    const texts = fc.tuple(fc.jsonValue({ maxDepth: 5 }), fc.constantFrom("", " ", "\n\t"));
    fc.assert(
      fc.property(texts, ([value, space]) => judgeLikeEngine(JSON.stringify(value, null, space))),
      { numRuns: 1000 },
    );
  });

  it("refuses what the engine refuses", () => {
    const pieces = fc.constantFrom(
      ...'[]{}:,"\\ \n0123456789-+.eEtruefalsn/b\u0001é\ud800',
      "\\u00e9",
      "null",
    );
    const texts = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(fc.property(texts, judgeLikeEngine), { numRuns: 5000 });
  });

  it("refuses changed texts as the engine does", () => {
    const good =
      '[{"name":"n","exec":{"path":"a\\n\\u00e9","env":{"A":-1.5e+3}},"b":[true,false,null]}]';
    const change = fc.tuple(
      fc.nat(good.length - 1),
      fc.constantFrom("", '"', ",", "0", "\\", "}", "e", "-"),
    );
    fc.assert(
      fc.property(change, ([at, piece]) =>
        judgeLikeEngine(good.slice(0, at) + piece + good.slice(at + 1)),
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["01", "json-syntax", 1],
    ["[1,]", "json-syntax", 3],
    ["NaN", "json-syntax", 0],
    ["\ufeff[]", "json-syntax", 0],
    ["'a'", "json-syntax", 0],
    ["[1] 2", "json-syntax", 4],
    ["", "json-syntax", 0],
    ['"a\nb"', "json-syntax", 2],
  ])("refuses %j at its place", (text, rule, at) => {
    expect(readJson(text, DEPTH_MAX).problems).toMatchObject([{ rule, at }]);
  });

  it("names the place of a key that comes twice, wherever it is, and goes on", () => {
    const text = '{"a":[{"k":1,"k":{"x":1,"x":2}}],"__proto__":1,"__proto__":2}';
    const { value, problems } = readJson(text, DEPTH_MAX);
    expect(problems.map(({ detail, steps }) => [detail, pointerOf(steps)])).toEqual([
      ["x", "/a/0/k"],
      ["k", "/a/0"],
      ["__proto__", ""],
    ]);
    expect(value?.kind).toBe("object");
  });

  it("reads no deeper than it may", () => {
    const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
    expect(readJson(nested(DEPTH_MAX), DEPTH_MAX).problems).toEqual([]);
    expect(readJson(nested(DEPTH_MAX + 1), DEPTH_MAX).problems).toMatchObject([
      { rule: "json-depth" },
    ]);
    expect(readJson("[".repeat(1e6), DEPTH_MAX).problems.length).toBe(1);
    expect(readJson('{"a":'.repeat(1e5), DEPTH_MAX).problems.length).toBe(1);
  });

  it("writes pointers as RFC 6901 has them", () => {
    expect(pointerOf(["a/b", 0, "~", ""])).toBe("/a~1b/0/~0/");
    expect(pointerOf([])).toBe("");
  });
});
