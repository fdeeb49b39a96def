import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeHostFolder } from "./host-folders.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "host-folder-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("makes what is missing above, and takes what is there", () => {
  const path = join(folder, "a/b/c");
  makeHostFolder(path, 0o700);
  makeHostFolder(path, 0o700);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(join(folder, "a")).isDirectory()).toBe(true);
});

test("ends with the host's error where nothing can be made", () => {
  expect(() => makeHostFolder("/proc/none/zerovm")).toThrow(/ENOENT/);
});
