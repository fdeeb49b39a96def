import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedBytes } from "../../../test/support/changed-bytes.ts";
import { hasErrors, parseJob } from "../job/index.ts";
import { deployedJob, parseZapp, pathPattern, shellWords, templateFiles } from "./index.ts";

const encoder = new TextEncoder();

/** What must hold for any bytes at all. */
function survives(bytes: Uint8Array): void {
  const { zapp, findings } = parseZapp(bytes);
  const errors = findings.filter(({ severity }) => severity === "error");
  expect(zapp === undefined).toBe(errors.length > 0);
  expect(findings.length).toBeLessThanOrEqual(401);
  for (const { message, line, column } of findings) {
    expect(message.length).toBeLessThan(1000);
    expect(/[\p{Cc}\p{Cf}\p{Surrogate}]/u.test(message)).toBe(false);
    expect(Math.min(line, column)).toBeGreaterThan(0);
  }
  if (zapp === undefined) return;
  expect(hasErrors(parseJob(zapp.jobText).findings)).toBe(false);
  expect(hasErrors(parseJob(deployedJob(zapp.jobText, "swift://a/c/z")).findings)).toBe(false);
}

const word = fc.oneof(
  fc.constantFrom(
    ..."[]{},:\"'\\ \n-&*!|>%@`#?\t".split(""),
    ...["\n  ", "- ", ": ", "meta", "name", "execution", "groups", "path", "args", "devices"],
    ...["<<: ", "!!binary ", "&a ", "*a", "---\n", "...", "file://image:p", "~", "1e999", "0x1f"],
  ),
  fc.string({ unit: "binary" }),
);

describe("parseZapp() with hostile input", () => {
  it("survives any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), survives), { numRuns: 100 });
  });

  it("survives text made of the marks of YAML", () => {
    const texts = fc.array(word, { maxLength: 60 }).map((words) => words.join(""));
    fc.assert(
      fc.property(texts, (text) => survives(encoder.encode(text))),
      { numRuns: 200 },
    );
  });

  it.each(["hello", "filter", "rest"] as const)("survives a changed %s", (name) => {
    const good = encoder.encode(new Map(templateFiles(name, "a")).get("zapp.yaml"));
    fc.assert(fc.property(changedBytes(good, 4), survives), { numRuns: 100 });
  });

  it.each([
    ["brackets", "[".repeat(65_000)],
    ["lists in lists", "- ".repeat(30_000)],
    ["explicit keys", "? ".repeat(30_000)],
    [
      "anchors",
      Array.from({ length: 3000 }, (_, at) => `k${at}: &a${at} [*a${at - 1}]`).join("\n"),
    ],
    ["keys", Array.from({ length: 8000 }, (_, at) => `k${at}:`).join("\n")],
    ["one key", `meta: {name: a}\n${"x:\n".repeat(20_000)}`],
    ["quotes", `meta: "${"\\".repeat(60_001)}`],
    ["indents", Array.from({ length: 340 }, (_, at) => `${" ".repeat(at)}a:`).join("\n")],
    ["a long line", `meta: {name: ${"a ".repeat(30_000)}}`],
    ["documents", "---\n".repeat(15_000)],
    ["tags", "!!str ".repeat(10_000)],
    ["directives", "%YAML 1.2\n".repeat(6000)],
  ])("takes %s in bounded time", (_name, text) => {
    const start = process.cpuUsage().user;
    survives(encoder.encode(text));
    expect(process.cpuUsage().user - start).toBeLessThan(20_000_000);
  });

  it("splits any line, and matches any path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string(), (text, path) => {
        const split = shellWords(text);
        expect("words" in split || "open" in split).toBe(true);
        const made = pathPattern(text);
        if ("fault" in made) return;
        expect(typeof made.matches(path.split("/"))).toBe("boolean");
      }),
      { numRuns: 200 },
    );
  });
});
