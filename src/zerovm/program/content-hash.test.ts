import { createHash } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256OfPath } from "./content-hash.ts";

const HOUR_NS = 3_600_000_000_000n;
const later = (): bigint => BigInt(Date.now()) * 1_000_000n + HOUR_NS;

let folder = "";
let cacheFolder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "zerovm-hash-"));
  cacheFolder = join(folder, "cache");
  path = join(folder, "file");
  writeFileSync(path, "hello");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex");
const hash = (nowNs = later): string => sha256OfPath(path, { cacheFolder, nowNs });

/** The one entry in the cache. */
function entryPath(): string {
  const [name, ...more] = readdirSync(join(cacheFolder, "sha256"));
  expect(more).toEqual([]);
  return join(cacheFolder, "sha256", name ?? "");
}

/** Makes the remembered hash a wrong one, so that a hit shows. */
function forge(): void {
  const entry = JSON.parse(readFileSync(entryPath(), "utf8")) as { sha256: string };
  entry.sha256 = "0".repeat(64);
  writeFileSync(entryPath(), JSON.stringify(entry));
}

describe("sha256OfPath()", () => {
  test("is the SHA-256, of large files too", () => {
    expect(hash()).toBe(hashOf("hello"));
    const large = "0123456789".repeat(300_000);
    writeFileSync(path, large);
    expect(hash()).toBe(hashOf(large));
    writeFileSync(path, "");
    expect(hash()).toBe(hashOf(""));
  });

  test("is remembered for an unchanged file", () => {
    hash();
    forge();
    expect(hash()).toBe("0".repeat(64));
  });

  test("is not remembered for a file that was written a moment ago", () => {
    hash(() => BigInt(Date.now()) * 1_000_000n);
    expect(() => readdirSync(cacheFolder)).toThrow(/ENOENT/);
  });

  test("is taken anew when the contents were exchanged and size and time put back", () => {
    utimesSync(path, 1000, 1000);
    hash();
    writeFileSync(path, "HELLO");
    utimesSync(path, 1000, 1000);
    expect(hash()).toBe(hashOf("HELLO"));
    forge();
    expect(hash()).toBe("0".repeat(64));
  });

  const damages: readonly [text: string, damage: () => void][] = [
    ["is no JSON", () => writeFileSync(entryPath(), "{")],
    ["is empty", () => writeFileSync(entryPath(), "")],
    ["is null", () => writeFileSync(entryPath(), "null")],
    ["is huge", () => writeFileSync(entryPath(), " ".repeat(5000))],
    [
      "has no hash",
      () =>
        writeFileSync(
          entryPath(),
          readFileSync(entryPath(), "utf8").replace(/"sha256":"[^"]*"/u, '"sha256":"x"'),
        ),
    ],
    ["may be written by others", () => chmodSync(entryPath(), 0o666)],
    [
      "is a link",
      () => {
        const place = entryPath();
        writeFileSync(join(folder, "forged"), readFileSync(place));
        rmSync(place);
        symlinkSync(join(folder, "forged"), place);
      },
    ],
    [
      "is a folder",
      () => {
        const place = entryPath();
        rmSync(place);
        mkdirSync(place);
      },
    ],
  ];
  test.each(damages)("is taken anew when the entry %s", (_text, damage) => {
    hash();
    forge();
    damage();
    expect(hash()).toBe(hashOf("hello"));
  });

  test("needs no cache, nor one that can be written", () => {
    expect(sha256OfPath(path, { cacheFolder: undefined })).toBe(hashOf("hello"));
    writeFileSync(cacheFolder, "a file where the folder should be");
    expect(hash()).toBe(hashOf("hello"));
  });

  test("leaves no drafts behind", () => {
    hash();
    expect(entryPath()).toMatch(/\d+-\d+\.json$/);
  });
});
