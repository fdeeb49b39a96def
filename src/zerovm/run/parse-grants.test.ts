import { describe, expect, test } from "vitest";
import { parseFileGrant, parseFolderGrant, parseImageGrant } from "./parse-grants.ts";
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

test.each([
  [["a", "d/a"], "Cannot grant the folder d/a as /a: this is at the place of a"],
  [["a:/x", "b:/x/"], "Cannot grant the folder b as /x: this is at the place of a"],
  [["a:/x:rw", "b:/x/y"], "Cannot grant the folder b as /x/y: this is inside the place of a"],
  [["b:/x/y", "a:/x:rw"], "Cannot grant the folder b as /x/y: this is inside the place of a"],
  [["a:/:rw", "b"], "Cannot grant the folder b as /b: this is inside the place of a"],
])("%j are refused together", (texts, message) => {
  const settle = () => settleFolders(texts.map(parseFolderGrant));
  expect(settle).toThrow(`${message}; name another, as in '--dir `);
  expect(settle).toThrow(expect.objectContaining({ code: "ZVM_ALIAS_CLASH" }));
});

test("a folder inside one that does not come back is none of our concern", () => {
  const settled = settleFolders(["a:/x:ro", "b:/x/y:rw", "c:/xy:rw"].map(parseFolderGrant));
  expect(settled.map(({ guest }) => guest)).toEqual(["/x", "/x/y", "/xy"]);
});

describe("parseFileGrant", () => {
  test.each([
    ["a.csv", { path: "a.csv" }],
    ["dir/a.csv=in", { path: "dir/a.csv", alias: "in" }],
    ["a=b=c", { path: "a=b", alias: "c" }],
    ["a:b,c", { path: "a:b,c" }],
    ["a=/dev/in/x", { path: "a", alias: "/dev/in/x" }],
  ])("%s", (text, grant) => {
    expect(parseFileGrant(text)).toEqual(grant);
  });

  test.each(["", "=", "a=", "=a"])("%j is refused", (text) => {
    expect(() => parseFileGrant(text)).toThrow(`A grant is PATH or PATH=ALIAS, not '${text}'`);
  });
});

describe("parseImageGrant", () => {
  test.each([
    ["a.tar", { path: "a.tar", mountpoint: "/", mode: "cow" }],
    ["a.tar:ro", { path: "a.tar", mountpoint: "/", mode: "ro" }],
    ["a.tar:/m", { path: "a.tar", mountpoint: "/m", mode: "cow" }],
    ["a.tar:/m:cow", { path: "a.tar", mountpoint: "/m", mode: "cow" }],
    ["out.tar:/out:export", { path: "out.tar", mountpoint: "/out", mode: "export" }],
    ["a:b.tar:/m:ro", { path: "a:b.tar", mountpoint: "/m", mode: "ro" }],
  ])("%s", (text, grant) => {
    expect(parseImageGrant(text)).toEqual(grant);
  });

  test.each(["", ":/m", "a.tar:m", "a.tar:rw", "a.tar:/m:rw"])("%j is refused", (text) => {
    expect(() => parseImageGrant(text)).toThrow(`with an absolute MOUNT, not '${text}'`);
  });
});
