import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatNvram, parseNvram } from "./index.ts";

const encoder = new TextEncoder();

/** What must hold for any bytes at all. */
function survives(bytes: Uint8Array): void {
  const { config, diagnostics } = parseNvram(bytes);
  expect(config.args.length).toBeGreaterThan(0);
  const lineCount = bytes.filter((byte) => byte === 10).length + 1;
  let lastLine = 0;
  for (const { line = 0, column = 1, message, severity } of diagnostics) {
    expect(line).toBeGreaterThanOrEqual(lastLine);
    expect(line).toBeLessThanOrEqual(lineCount);
    expect(column).toBeGreaterThan(0);
    expect(message.length).toBeLessThan(300);
    expect(/[\p{Cc}\p{Cf}]/u.test(message)).toBe(false);
    expect(severity).toBe(bytes.length > 10_240 ? "error" : "warning");
    lastLine = line;
  }
  // Whatever was read can be written and read again, if only its escapes leave room.
  let text: Uint8Array;
  try {
    text = formatNvram(config);
  } catch (error) {
    expect(error).toMatchObject({ message: expect.stringContaining("it has room for 10240") });
    return;
  }
  expect(parseNvram(text).config).toEqual(config);
}

const word = fc.oneof(
  fc.constantFrom("[args]\n", "[env]\n", "[fstab]\n", "[mapping]\n", "[time]\n", "[debug]\n"),
  fc.constantFrom("args=", "name=", "value=", "channel=", "mountpoint=", "access=ro", "mode=file"),
  fc.constantFrom("truncate=yes", "removable=yes", "meta=classic", "seconds=", "verbosity="),
  fc.constantFrom(",", "=", "\n", "\r\n", " ", "\t", '"', "#", "\\x", "\\x2c", "\\x00", "[", "]"),
  fc.string(),
);

describe("parseNvram with hostile input", () => {
  it("survives any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), survives), { numRuns: 500 });
  });

  it("survives text made of the words of the language", () => {
    const texts = fc.array(word, { maxLength: 120 }).map((words) => words.join(""));
    fc.assert(
      fc.property(texts, (text) => survives(encoder.encode(text))),
      { numRuns: 1000 },
    );
  });

  it.each([
    ["quotes", `[args]\nargs=${'"'.repeat(10_000)}`],
    ["blanks", `[args]\nargs=${" ".repeat(10_000)}`],
    ["backslashes", `[args]\nargs=${"\\x".repeat(5_000)}`],
    ["commas", `[env]\n${",".repeat(10_000)}`],
    ["brackets", "[\n".repeat(5_000)],
    ["sections", "[]\n".repeat(3_400)],
    ["a huge text", `[args]\nargs=${"a".repeat(10_000_000)}`],
  ])("takes %s in bounded time", (_name, text) => {
    survives(encoder.encode(text));
  });
});
