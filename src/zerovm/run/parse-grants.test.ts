import { describe, expect, test } from "vitest";
import { parseFolderGrant } from "./parse-grants.ts";
import { settleFolders } from "./settle-folders.ts";

describe("a grant of a folder", () => {
  test.each([
    ["project", { host: "project", mode: "cow" }],
    ["project:", { host: "project", mode: "cow" }],
    ["project:rw", { host: "project", mode: "rw" }],
    ["project:/src", { host: "project", guest: "/src", mode: "cow" }],
    ["project:/src:ro", { host: "project", guest: "/src", mode: "ro" }],
    ["a:b:/src:ro", { host: "a:b", guest: "/src", mode: "ro" }],
    ["project:work.dir", { host: "project", guest: "work.dir", mode: "cow" }],
    ["project:work.dir:rw", { host: "project", guest: "work.dir", mode: "rw" }],
    ["project:src:ro", { host: "project", guest: "src", mode: "ro" }],
  ])("%s", (text, expected) => {
    expect(parseFolderGrant(text)).toEqual(expected);
  });

  test.each(["", ":/src", ":ro", "project:wr", "project:RO", "project:x", "project:/src:wo"])(
    "'%s' is refused: nothing is granted under a name that was meant as a mode",
    (text) => {
      expect(() => parseFolderGrant(text)).toThrow(/A folder is HOST\[:GUEST\]\[:ro\|cow\|rw\]/u);
    },
  );
});

test("a relative name is that of the preopened directory, and has its place below /", () => {
  const grants = ["a:fs.dir:rw", "b:/x/", "c"].map(parseFolderGrant);
  const settled = settleFolders(grants).map(({ guest, preopen }) => [guest, preopen]);
  expect(settled).toEqual([
    ["/fs.dir", "fs.dir"],
    ["/x", "/x"],
    ["/c", "/c"],
  ]);
});
