import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { readKept, writeKept } from "./kept-file.ts";

const newFolder = temporaryFolders();
const SIZE = 300_000;
const WRITERS = [1, 2, 3];

/** Writes the same file again and again, all of it with one byte. */
const WRITER = `
  import { writeKept } from ${JSON.stringify(join(import.meta.dirname, "kept-file.ts"))};
  const [place, byte] = process.argv.slice(2);
  const half = new Uint8Array(${SIZE / 2}).fill(Number(byte));
  for (let time = 0; time < 50; time++) {
    if (!writeKept(place, [half, half])) process.exitCode = 1;
  }
`;

test("readers see whole files, however many processes write at once", async () => {
  const folder = newFolder();
  const outfile = join(folder, "writer.mjs");
  const stdin = { contents: WRITER, resolveDir: import.meta.dirname, loader: "ts" } as const;
  await build({ stdin, outfile, bundle: true, platform: "node", format: "esm" });
  const place = join(folder, "cache", "deep", "file");
  const codes = WRITERS.map((byte) => {
    const writer = spawn(process.execPath, [outfile, place, String(byte)], { stdio: "inherit" });
    return new Promise((resolve) => writer.once("exit", resolve));
  });
  let isOver = false;
  const ended = Promise.all(codes).finally(() => {
    isOver = true;
  });
  const odd: unknown[] = [];
  while (!isOver) {
    const bytes = readKept(place, SIZE);
    const isWhole = bytes?.length === SIZE && bytes.every((byte) => byte === bytes[0]);
    if (bytes !== undefined && !isWhole) odd.push(bytes.length);
    await new Promise(setImmediate);
  }
  expect(await ended).toEqual([0, 0, 0]);
  expect(odd).toEqual([]);
  expect(WRITERS).toContain(readKept(place, SIZE)?.[0]);
  expect(readdirSync(join(folder, "cache", "deep"))).toEqual(["file"]);
});

test("what the host does not take leaves nothing behind", () => {
  const folder = newFolder();
  const place = join(folder, "taken");
  mkdirSync(place);
  expect(writeKept(place, [Uint8Array.of(1)])).toBe(false);
  expect(readdirSync(folder)).toEqual(["taken"]);
  writeFileSync(join(folder, "file"), "x");
  expect(writeKept(join(folder, "file", "below"), [Uint8Array.of(1)])).toBe(false);
  expect(readdirSync(folder).sort()).toEqual(["file", "taken"]);
});
