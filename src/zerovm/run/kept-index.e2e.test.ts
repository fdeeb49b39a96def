import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { type CraftedMember, craftedTar } from "../../../test/support/crafted-tar.ts";
import { showingGuest } from "../../../test/support/guests.ts";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { type RunResult, run } from "./index.ts";

const newFolder = temporaryFolders();
afterEach(() => vi.restoreAllMocks());

const FILES: readonly CraftedMember[] = Array.from({ length: 300 }, (_, index) => {
  return { name: `lib/${index % 7}/file-${index}`, contents: `contents ${index}` };
});
const LINKS: readonly CraftedMember[] = [
  { name: "lib/link", type: "2", link: "0/file-7" },
  { name: "top", type: "2", link: "/m/lib" },
];

interface Place {
  readonly folder: string;
  readonly cache: string;
}

/** A folder with a program that shows a file, and an archive that is old enough to be known. */
function placeWith(members: readonly CraftedMember[]): Place {
  const folder = newFolder();
  writeFileSync(join(folder, "p.wasm"), showingGuest("m/lib/0/file-7"));
  writeFileSync(join(folder, "i.tar"), craftedTar(members));
  makeTree(folder, { "d/f": "1" });
  const now = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => now + 3_600_000);
  return { folder, cache: join(folder, "cache") };
}

/** A session that shows a file of the image, and exports all of it. */
function session({ folder, cache }: Place, mountpoint = "/m"): Promise<RunResult> {
  return run({
    program: join(folder, "p.wasm"),
    images: [
      { path: join(folder, "i.tar"), mountpoint, mode: "cow" },
      { path: join(folder, "out.tar"), mountpoint, mode: "export" },
    ],
    runtimes: { env: { ZEROVM_CACHE: cache } },
  });
}

const entries = ({ cache }: Place): string[] =>
  existsSync(cache) ? readdirSync(join(cache, "images")) : [];

/** The export of the session before, which is taken away. */
function exported({ folder }: Place): Buffer {
  const bytes = readFileSync(join(folder, "out.tar"));
  rmSync(join(folder, "out.tar"));
  return bytes;
}

test.each([
  ["a simple tree", [...FILES, ...LINKS]],
  [
    "a tree that needs deciding",
    [...FILES, ...LINKS, { name: "hard", type: "1", link: "lib/1/file-8" }, ...FILES.slice(0, 9)],
  ],
])("a session with a kept index of %s is the same as without", async (_, members) => {
  const place = placeWith(members);
  const none = { ...place, cache: "no absolute path: nothing is kept" };
  const { report, stdout } = await session(none);
  const bytes = exported(place);
  expect(report.outcome).toMatchObject({ kind: "exited", code: 0 });
  expect(Buffer.from(stdout).toString()).toBe("contents 7");
  for (const _time of ["first", "second"]) {
    const other = await session(place);
    expect(entries(place)).toHaveLength(1);
    expect(other.stdout).toEqual(stdout);
    expect(other.report.traceHash).toBe(report.traceHash);
    expect(other.report.warnings).toEqual(report.warnings);
    expect(exported(place).equals(bytes)).toBe(true);
  }
});

test("a session that is refused with a kept index is refused with the same words", async () => {
  const place = placeWith([...FILES, ...LINKS, { name: "dev/x", contents: "x" }]);
  const refusal = (at: Place, mountpoint: string): Promise<string> =>
    session(at, mountpoint).then(
      ({ report }) => report.outcome.kind,
      (error) => `${error.code}: ${error.message}`,
    );
  await session(place);
  expect(entries(place)).toHaveLength(1);
  for (const mountpoint of ["/", "/z"]) {
    const uncached = await refusal({ ...place, cache: "none" }, mountpoint);
    expect(uncached).toMatch(/^ZVM_TAR: /);
    expect(await refusal(place, mountpoint)).toBe(uncached);
  }
});

test("a folder that comes back is judged by a kept index as well", async () => {
  const place = placeWith([...FILES, ...LINKS]);
  const { folder, cache } = place;
  const refusal = (env: Record<string, string>): Promise<string> =>
    run({
      program: join(folder, "p.wasm"),
      images: [{ path: join(folder, "i.tar"), mountpoint: "/m", mode: "cow" }],
      folders: [{ host: join(folder, "d"), guest: "/m/lib/3", mode: "rw" }],
      runtimes: { env },
    }).then(
      () => "accepted",
      (error) => error.message,
    );
  const uncached = await refusal({ ZEROVM_CACHE: "none" });
  expect(uncached).toContain("holds 'lib/3/file-3' there");
  await session(place);
  expect(await refusal({ ZEROVM_CACHE: cache })).toBe(uncached);
});
