import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { expandArgument, scriptGrant } from "./arguments.ts";

const newFolder = temporaryFolders();
const LONG = "a".repeat(100_000);

describe("expandArgument", () => {
  test.each([
    ["plain", { text: "plain" }],
    ["a@b", { text: "a@b" }],
    ["", { text: "" }],
    ["@@", { text: "@" }],
    ["@@x", { text: "@x" }],
    ["@@@x", { text: "@@x" }],
    ["@+new", { text: "@+new", grant: { path: "new", access: "write" } }],
    [
      "@+/nowhere/new",
      { text: "@+/nowhere/new", grant: { path: "/nowhere/new", access: "write" } },
    ],
  ])("%j", (argument, expanded) => {
    expect(expandArgument(argument)).toEqual(expanded);
  });

  test("a file that exists is granted for reading", () => {
    const path = join(newFolder(), "a.csv");
    makeTree(path.slice(0, -6), { "a.csv": "" });
    expect(expandArgument(`@${path}`)).toEqual({
      text: `@${path}`,
      grant: { path, access: "read" },
    });
  });

  test.each(["@", "@+"])("%s names no file", (argument) => {
    expect(() => expandArgument(argument)).toThrow(
      `'${argument}' names no file; '@@' is a literal '@'`,
    );
  });

  test("a missing file is an error that names the ways out", () => {
    expect(() => expandArgument("@/nowhere/x")).toThrow(
      "Cannot grant '@/nowhere/x': there is no file /nowhere/x; " +
        "'@+' grants creating one, '@@' is a literal '@'",
    );
    expect(() => expandArgument("@/dev/null/x")).toThrow("there is no file /dev/null/x");
  });

  test("what is too long for a path is shown shortened", () => {
    expect(() => expandArgument(`@${LONG}`)).toThrow(/^.{300,700}$/);
  });
});

describe("scriptGrant", () => {
  test("a file, and nothing else", () => {
    const folder = newFolder();
    makeTree(folder, { "a.py": "", "d/": "" });
    const script = join(folder, "a.py");
    expect(scriptGrant(script)).toEqual({ path: script, access: "read" });
    for (const other of [undefined, "-c", "-", `@${script}`, join(folder, "d"), "nowhere", LONG]) {
      expect(scriptGrant(other)).toBeUndefined();
    }
  });

  test("the guest has its own standard streams", () => {
    expect(scriptGrant("/dev/stdin")).toBeUndefined();
  });
});
