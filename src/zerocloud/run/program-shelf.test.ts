import { createHash } from "node:crypto";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { exitingGuest } from "../../../test/support/guests.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { sessionBase } from "./node-manifest.ts";
import { ProgramShelf } from "./program-shelf.ts";

const newFolder = temporaryFolders();
const { manifest } = sessionBase({ id: 1 }, { memoryBytes: 2 ** 20 });

/** Programs by the codes that they exit with, taken from a shelf with places for two. */
function shelf() {
  const folder = newFolder();
  const programs = new ProgramShelf({ programsMax: 2 });
  return {
    programs,
    /** @returns the verdict, the same one as long as it is kept */
    take: async (code: number, use: "run" | "judge", account = "a"): Promise<unknown> => {
      const bytes = exitingGuest(code);
      const path = join(folder, `${code}.wasm`);
      writeFileSync(path, bytes);
      const fd = openSync(path, "r");
      const piece = { fd, startBytes: 0, sizeBytes: bytes.length, isWholeFile: true };
      const open = async () => ({ pieces: [piece] });
      const taken = await programs.take({ url: path, open }, manifest, { account, use });
      closeSync(fd);
      taken.release();
      return taken.verdict;
    },
  };
}

test("programs that were run last are kept", async () => {
  const { programs, take } = shelf();
  const [one, two] = [await take(1, "run"), await take(2, "run")];
  expect(await take(1, "run")).toBe(one);
  await take(3, "run");
  expect(await take(1, "run")).toBe(one);
  expect(await take(2, "run")).not.toBe(two);
  programs.close();
});

test("nobody hears what others call a program that is refused", async () => {
  const programs = new ProgramShelf();
  const path = join(newFolder(), "program");
  writeFileSync(path, "no program");
  const saidTo = async (url: string, sha256?: string): Promise<string> => {
    const fd = openSync(path, "r");
    const piece = { fd, startBytes: 0, sizeBytes: 10, isWholeFile: true };
    const open = async () => ({ pieces: [piece] });
    const file = { url, open, ...(sha256 !== undefined && { sha256 }) };
    const { verdict, release } = await programs.take(file, manifest);
    closeSync(fd);
    release();
    return JSON.stringify(verdict);
  };
  const sha256 = createHash("sha256").update("no program").digest("hex");
  const said = [await saidTo("swift://a/secret/x"), await saidTo("swift://b/c/y")];
  said.push(await saidTo("swift://b/c/z", sha256));
  expect(said.map((text) => /swift:[^ "]*/g.exec(text)?.[0])).toEqual([
    "swift://a/secret/x",
    "swift://b/c/y",
    "swift://b/c/z",
  ]);
  expect(said.slice(1).join("")).not.toContain("secret");
  programs.close();
});

test("what was judged only is kept where there is room, and takes no place of what runs", async () => {
  const { programs, take } = shelf();
  const one = await take(1, "run");
  const two = await take(2, "judge");
  expect(await take(2, "run")).toBe(two);
  for (const code of [3, 4, 5]) await take(code, "judge");
  expect([await take(1, "run"), await take(2, "run")]).toEqual([one, two]);
  expect(await take(1, "judge")).toBe(one);
  await take(6, "run");
  expect(await take(1, "judge")).not.toBe(one);
  programs.close();
});

test("an account that runs many programs takes no place of one that runs few", async () => {
  const { programs, take } = shelf();
  const one = await take(1, "run", "b");
  for (const code of [2, 3, 4, 5]) await take(code, "run", "a");
  expect(await take(1, "run", "b")).toBe(one);
  programs.close();
});
