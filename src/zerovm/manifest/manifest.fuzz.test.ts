import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changedBytes } from "../../../test/support/changed-bytes.ts";
import { manifestText } from "./conformance-cases.ts";
import { checkSessionText, judgeManifest, KEYWORDS, parseManifest } from "./index.ts";

const encoder = new TextEncoder();

/** What must hold for any bytes at all. */
function survives(bytes: Uint8Array): void {
  const { manifest, findings } = parseManifest(bytes);
  const errors = findings.filter(({ severity }) => severity === "error");
  expect(manifest === undefined).toBe(errors.length > 0);
  expect(findings.slice(0, errors.length)).toEqual(errors);
  const lineCount = bytes.filter((byte) => byte === 10).length + 1;
  for (const found of findings) {
    expect(found.message.length).toBeLessThan(400);
    expect(found.state.length).toBeLessThan(33_000);
    expect(/[\p{Cc}\p{Cf}]/u.test(found.message + found.state)).toBe(false);
    expect(found.code !== 0).toBe(found.severity === "error");
    expect(found.line ?? 1).toBeGreaterThan(0);
    expect(found.line ?? 1).toBeLessThanOrEqual(lineCount);
    expect(found.column ?? 1).toBeGreaterThan(0);
  }
  if (manifest !== undefined) judgeManifest(manifest, () => "regular");
  for (const kind of ["manifest", "nvram"] as const) checkSessionText(bytes, kind);
}

const word = fc.oneof(
  fc.constantFrom(...KEYWORDS, "tcp", "udp", "/dev/stdin", "/dev/null", "real", "20130611"),
  fc.constantFrom("=", ",", ";", ":", "\n", "\r\n", " ", "\t", "\0", "#", "-", "0x", "K", "."),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String),
  fc.string(),
);

describe("parseManifest with hostile input", () => {
  it("survives any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), survives), { numRuns: 500 });
  });

  it("survives text made of the words of the language", () => {
    const texts = fc.array(word, { maxLength: 80 }).map((words) => words.join(""));
    fc.assert(
      fc.property(texts, (text) => survives(encoder.encode(text))),
      { numRuns: 1000 },
    );
  });

  it("survives mutated manifests", () => {
    const good = encoder.encode(
      `${manifestText("/p", { Etag: "md5", Seed: "4", Limit: "fs-bytes, 4M", NameServer: "udp:1:1" })}`,
    );
    fc.assert(
      fc.property(changedBytes(good, 8), (bytes) => survives(bytes)),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["one long line of blanks", `Timeout =${" ".repeat(500_000)}x`],
    ["one long number", `Timeout = ${"9".repeat(500_000)}`],
    ["one long key", `${"k".repeat(500_000)} = 1`],
    ["only separators", `Channel = ${",;:".repeat(160_000)}`],
    ["only equals signs", "=".repeat(500_000)],
    ["only line feeds", "\n".repeat(500_000)],
    ["errors on every line", "Channel = a;b;c;d, x, y, z, 1\n".repeat(15_000)],
    ["keywords on every line", "Node = x\n".repeat(50_000)],
    ["blanks around every part", `Channel = ${"; ".repeat(20)}${" \t".repeat(200_000)}, a`],
  ])("takes %s in bounded time", (_name, text) => {
    const { findings } = parseManifest(text);
    expect(findings.length).toBeLessThan(100_000);
  });
});
