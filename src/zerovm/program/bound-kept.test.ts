import { mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { boundKept } from "./bound-kept.ts";

const newFolder = temporaryFolders();

test("the oldest files go where all have more bytes than they may", () => {
  const folder = newFolder();
  for (const [at, name] of ["old", "middle", "new"].entries()) {
    writeFileSync(join(folder, name), "x".repeat(10));
    utimesSync(join(folder, name), at, at);
  }
  mkdirSync(join(folder, "folder"));
  boundKept(folder, 30);
  expect(readdirSync(folder)).toHaveLength(4);
  boundKept(folder, 29);
  expect(readdirSync(folder).sort()).toEqual(["folder", "middle", "new"]);
});

test("a folder that is not there is no matter", () => {
  expect(() => boundKept(join(newFolder(), "none"))).not.toThrow();
});
