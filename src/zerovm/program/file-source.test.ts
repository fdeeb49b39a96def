import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HostIoError } from "../../base/index.ts";
import { fileSource } from "./file-source.ts";

const folder = mkdtempSync(join(tmpdir(), "zerovm-source-"));
const path = join(folder, "file");
let fd = -1;
beforeAll(() => {
  writeFileSync(path, "0123456789");
  fd = openSync(path, "r");
});
afterAll(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

describe("fileSource()", () => {
  const cases: readonly [offset: number, size: number, text: string][] = [
    [0, 4, "0123"],
    [8, 4, "89"],
    [10, 4, ""],
    [99, 1, ""],
    [3, 0, ""],
  ];
  test.each(cases)("reads at %i %i bytes: %s", (offset, size, text) => {
    const into = new Uint8Array(size);
    const got = fileSource(fd, 10, path).read(offset, into);
    expect(new TextDecoder().decode(into.subarray(0, got))).toBe(text);
  });

  test("a failing host ends the session, with its code", () => {
    const directory = openSync(folder, "r");
    try {
      const read = () => fileSource(directory, 10, "it").read(0, new Uint8Array(1));
      expect(read).toThrow(HostIoError);
      expect(read).toThrow("Cannot read it: EISDIR");
    } finally {
      closeSync(directory);
    }
  });
});
