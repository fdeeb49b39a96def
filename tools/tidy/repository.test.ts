import { expect, it } from "vitest";
import { formatFinding, lineOf } from "./finding.ts";
import { describeFile, plantedRepository, readRepository } from "./repository.ts";

it("readRepository reads what git has, and leaves out what it ignores", () => {
  const repository = readRepository(process.cwd());
  expect(repository.has("package.json")).toBe(true);
  expect(repository.text("package.json")).toContain('"name": "zerovm"');
  expect(repository.hasFolder("node_modules")).toBe(false);
});

it("a planted repository answers as a real one", () => {
  const repository = plantedRepository({ "b/c.md": "# C\n", "a.ts": "x" });
  expect(repository.files.map((file) => file.path)).toEqual(["a.ts", "b/c.md"]);
  expect(repository.hasFolder("b")).toBe(true);
  expect(repository.hasFolder("c")).toBe(false);
  expect(repository.text("none")).toBe("");
  expect(repository.matching(/\.md$/).map((file) => file.text)).toEqual(["# C\n"]);
});

it.each([
  ["zero bytes", [0x61, 0]],
  ["bytes that are no UTF-8", [0xff, 0xfe]],
])("%s are no text", (_what, bytes) => {
  expect(describeFile("x", Uint8Array.from(bytes))).toMatchObject({
    sizeBytes: 2,
    text: undefined,
  });
});

it("findings name their place", () => {
  expect(formatFinding({ path: "a.ts", line: 3, message: "is odd" })).toBe("a.ts:3: is odd");
  expect(formatFinding({ path: "a.ts", message: "is odd" })).toBe("a.ts: is odd");
  expect([0, 1, 2, 3].map((offset) => lineOf("a\nb\n", offset))).toEqual([1, 1, 2, 2]);
});
