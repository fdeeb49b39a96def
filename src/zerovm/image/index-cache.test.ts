import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { type CraftedMember, craftedTar } from "../../../test/support/crafted-tar.ts";
import { openDescriptors } from "../../../test/support/sessions.ts";
import { temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { Member } from "../../tar/index.ts";
import { encodeMembers } from "../cell/index.ts";
import { type OpenImageOptions, openImage } from "./index.ts";
import { INDEX_FORM } from "./index-cache.ts";

const HOUR_NS = 3_600_000_000_000n;
const later = (): bigint => BigInt(Date.now()) * 1_000_000n + HOUR_NS;
const newFolder = temporaryFolders();

const FILES = Array.from({ length: 300 }, (_, index) => {
  return { name: `lib/file-${String(index).padStart(4, "0")}`, contents: "hello" };
});
const LINK: CraftedMember = { name: "lib/link", type: "2", link: "/lib/file-0007" };

let folder = "";
let cache = "";
let tar = "";
beforeEach(() => {
  folder = newFolder();
  cache = join(folder, "cache");
  tar = join(folder, "root.tar");
  writeFileSync(tar, craftedTar(FILES));
});

async function membersOf(
  path: string,
  options: OpenImageOptions = { cache: { folder: cache, nowNs: later } },
): Promise<readonly Member[]> {
  const image = await openImage(path, options);
  try {
    return image.members;
  } finally {
    image.close();
  }
}

const refusal = (options: OpenImageOptions): Promise<string> =>
  membersOf(tar, options).then(
    () => "accepted",
    (error) => error.message,
  );

const entries = (): string[] => (existsSync(cache) ? readdirSync(join(cache, "images")) : []);

/** The one entry in the cache. */
function entryPath(): string {
  const [name, ...more] = entries();
  expect(more).toEqual([]);
  return join(cache, "images", name ?? "");
}

const DIGEST_AT = 56;
const BLOCK_AT = 120;

/** Changes the entry, and makes its digest that of what it holds then. */
function forge(change: (entry: Buffer) => Buffer | undefined): void {
  const bytes = readFileSync(entryPath());
  const entry = change(bytes) ?? bytes;
  const hash = createHash("sha256");
  hash.update(entry.subarray(0, DIGEST_AT)).update(entry.subarray(BLOCK_AT));
  entry.write(hash.digest("hex"), DIGEST_AT, "latin1");
  writeFileSync(entryPath(), entry);
}

/** Gives a member another name in the entry, so that it shows when that is used. */
function rename(): void {
  forge((entry) => {
    entry.write("FORGED", entry.indexOf("file-0007"), "latin1");
    return undefined;
  });
}

const isForged = (members: readonly Member[]): boolean =>
  members.some(({ path }) => path.includes("FORGED"));

describe("the index of an archive", () => {
  test("is kept, and read back as it was", async () => {
    writeFileSync(tar, craftedTar([...FILES, LINK, { name: "empty/", type: "5" }]));
    const known = await membersOf(tar, {});
    expect(await membersOf(tar)).toEqual(known);
    const before = openDescriptors();
    const image = await openImage(tar, { cache: { folder: cache, nowNs: later } });
    const plain = await openImage(tar);
    expect(image.members).toEqual(known);
    expect(image.table.outline).toEqual(plain.table.outline);
    expect(encodeMembers(image.table)).toEqual(encodeMembers(plain.table));
    image.close();
    plain.close();
    expect(openDescriptors()).toEqual(before);
    rename();
    expect(isForged(await membersOf(tar))).toBe(true);
  });

  test("is made anew when the file was changed, and its size and time put back", async () => {
    utimesSync(tar, 1000, 1000);
    await membersOf(tar);
    writeFileSync(tar, craftedTar([{ name: "new", contents: "HELLO" }, ...FILES.slice(1)]));
    utimesSync(tar, 1000, 1000);
    expect((await membersOf(tar))[0]?.path).toBe("new");
    rename();
    expect(isForged(await membersOf(tar))).toBe(true);
  });

  test("follows a file to another name, and is not that of the file now there", async () => {
    await membersOf(tar);
    renameSync(tar, join(folder, "old.tar"));
    writeFileSync(tar, craftedTar([{ name: "other", contents: "x" }]));
    expect((await membersOf(tar)).map(({ path }) => path)).toEqual(["other"]);
  });

  test.each([
    ["of few members", (): void => writeFileSync(tar, craftedTar(FILES.slice(0, 255)))],
    [
      "of few members and many bytes",
      (): void => writeFileSync(tar, craftedTar([{ name: "a", contents: "x".repeat(300_000) }])),
    ],
    ["compressed with gzip", (): void => writeFileSync(tar, gzipSync(craftedTar(FILES)))],
    [
      "compressed without a gain",
      (): void => writeFileSync(tar, gzipSync(craftedTar(FILES), { level: 0 })),
    ],
  ])("of an archive %s is not kept", async (_, write) => {
    write();
    await membersOf(tar);
    expect(entries()).toEqual([]);
  });

  test("of a file that was written a moment ago is not kept", async () => {
    await membersOf(tar, { cache: { folder: cache } });
    utimesSync(tar, 1000, 1000);
    // The change time is still that of a moment ago.
    await membersOf(tar, { cache: { folder: cache } });
    expect(entries()).toEqual([]);
  });

  test("of an archive that is refused is not kept", async () => {
    writeFileSync(tar, craftedTar([...FILES, { name: "../x" }]));
    expect(await refusal({ cache: { folder: cache, nowNs: later } })).toContain("holds '..'");
    expect(entries()).toEqual([]);
  });
});

describe("a kept index", () => {
  test.each<[string, OpenImageOptions, string]>([
    ["links lead out of", { mountpoint: "/z" }, "outside of the image's mountpoint"],
    ["too many members are in", { membersMax: 300 }, "more than 300 members"],
    ["too many bytes are in", { imageBytes: 1000 }, "more than 1000 bytes"],
  ])("does not hide that %s the archive", async (_, options, message) => {
    writeFileSync(tar, craftedTar([...FILES, LINK]));
    const uncached = await refusal(options);
    expect(uncached).toContain(message);
    const kept = { cache: { folder: cache, nowNs: later } };
    expect(await refusal({ ...kept, links: "kept", mountpoint: "/z" })).toBe("accepted");
    expect(await refusal({ ...kept, ...options })).toBe(uncached);
    expect(await refusal(kept)).toBe("accepted");
  });

  test("counts what the limit counts: a name of a file for itself too", async () => {
    const name = FILES[0]?.name ?? "";
    const itself: CraftedMember = { name, type: "1", link: name };
    writeFileSync(tar, craftedTar([...FILES, itself]));
    await membersOf(tar);
    expect(await refusal({ cache: { folder: cache, nowNs: later }, membersMax: 300 })).toContain(
      "more than 300 members",
    );
  });

  const damages: readonly [text: string, damage: (place: string) => void][] = [
    ["is empty", (place) => writeFileSync(place, "")],
    ["ends in its head", (place) => truncateSync(place, 100)],
    ["ends behind its head", (place) => truncateSync(place, BLOCK_AT)],
    ["lacks its last byte", (place) => truncateSync(place, statSync(place).size - 1)],
    ["is longer", (place) => writeFileSync(place, Buffer.alloc(8), { flag: "a" })],
    ["is huge", (place) => truncateSync(place, 2 ** 40)],
    ["may be written by others", (place) => chmodSync(place, 0o666)],
    [
      "has another form",
      () => forge((entry) => void entry.writeUInt32LE(entry.readUInt32LE(4) + 1, 4)),
    ],
    ["counts more members than it has", () => forge((entry) => void entry.writeInt32LE(301, 48))],
    ["counts members without end", () => forge((entry) => void entry.fill(0x7f, 48, DIGEST_AT))],
    ["counts less than none", () => forge((entry) => void entry.fill(0xff, 48, DIGEST_AT))],
    ["holds noise", () => forge((entry) => void entry.fill(0xa5, BLOCK_AT))],
    ["holds nothing", () => forge((entry) => entry.subarray(0, BLOCK_AT))],
    [
      "is a link",
      (place) => {
        copyFileSync(place, join(folder, "forged"));
        rmSync(place);
        symlinkSync(join(folder, "forged"), place);
      },
    ],
    [
      "is a folder",
      (place) => {
        rmSync(place);
        mkdirSync(place);
      },
    ],
    [
      "is a pipe that nobody writes",
      (place) => {
        rmSync(place);
        execFileSync("mkfifo", ["-m", "600", place]);
      },
    ],
  ];
  test.each(damages)("is made anew when the entry %s", async (_, damage) => {
    const known = await membersOf(tar);
    rename();
    damage(entryPath());
    const before = openDescriptors();
    expect(await membersOf(tar)).toEqual(known);
    expect(openDescriptors()).toEqual(before);
    expect(await membersOf(tar)).toEqual(known);
  });

  test("is made anew whatever byte of the entry is another", async () => {
    const known = await membersOf(tar);
    const place = entryPath();
    const whole = readFileSync(place);
    const step = Math.ceil((whole.length - BLOCK_AT) / 50);
    const heads = Array.from({ length: BLOCK_AT }, (_, at) => at);
    const others = Array.from({ length: 50 }, (_, at) => BLOCK_AT + at * step);
    for (const at of [...heads, ...others.filter((at) => at < whole.length)]) {
      const entry = Buffer.from(whole);
      entry[at] = (entry[at] ?? 0) ^ 0x20;
      writeFileSync(place, entry);
      expect(await membersOf(tar), `byte ${at}`).toEqual(known);
      // It was put right at the same time.
      expect(readFileSync(place).equals(whole), `byte ${at}`).toBe(true);
    }
  });

  test("of another file is made anew", async () => {
    await membersOf(tar);
    rename();
    const first = entryPath();
    const other = join(folder, "other.tar");
    writeFileSync(other, craftedTar(FILES));
    await membersOf(other);
    const second = entries().map((name) => join(cache, "images", name));
    for (const place of second) if (place !== first) copyFileSync(first, place);
    expect(isForged(await membersOf(other))).toBe(false);
  });
});

describe("the folder of kept indexes", () => {
  test.each([
    ["has a file in its place", (): void => writeFileSync(cache, "x")],
    [
      "has a link to nowhere in its place",
      (): void => symlinkSync(join(folder, "gone", "far"), cache),
    ],
    [
      "cannot be written",
      (): void => {
        cache = "/proc/zerovm";
      },
    ],
  ])("is not needed: it %s", async (_, spoil) => {
    spoil();
    const known = await membersOf(tar, {});
    expect(await membersOf(tar)).toEqual(known);
    expect(await membersOf(tar)).toEqual(known);
  });

  test("is the user's alone", async () => {
    await membersOf(tar);
    expect(statSync(join(cache, "images")).mode & 0o777).toBe(0o700);
    expect(statSync(entryPath()).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["entries", { entryBytes: 2 ** 20, entries: 2, totalBytes: 2 ** 30 }],
    ["bytes", { entryBytes: 2 ** 20, entries: 100, totalBytes: 40_000 }],
  ])("holds so many %s: the oldest go", async (_, bounds) => {
    const sizes: number[] = [];
    for (const [index, name] of ["a", "b", "c"].entries()) {
      const path = join(folder, name);
      writeFileSync(path, craftedTar(FILES));
      await membersOf(path, { cache: { folder: cache, nowNs: later, bounds } });
      const place = join(cache, "images", `${statSync(path).dev}-${statSync(path).ino}.members`);
      sizes.push(statSync(place).size);
      utimesSync(place, index, index);
    }
    expect(2 * Math.max(...sizes)).toBeLessThan(40_000);
    expect(3 * Math.min(...sizes)).toBeGreaterThan(40_000);
    const left = ["b", "c"].map((name) => `${statSync(join(folder, name)).ino}`);
    expect(
      entries()
        .map((name) => /-(\d+)/.exec(name)?.[1])
        .sort(),
    ).toEqual(left.sort());
  });

  test("takes no entry that is too large", async () => {
    const bounds = { entryBytes: 5000, entries: 9, totalBytes: 2 ** 20 };
    await membersOf(tar, { cache: { folder: cache, nowNs: later, bounds } });
    expect(entries()).toEqual([]);
  });

  test("keeps what others are writing, and not what nobody writes any more", async () => {
    const images = join(cache, "images");
    mkdirSync(images, { recursive: true });
    for (const name of ["1-2.members.7-x.draft", "1-2.members.8-y.draft", "unknown"]) {
      writeFileSync(join(images, name), "x");
    }
    utimesSync(join(images, "1-2.members.7-x.draft"), 1000, 1000);
    utimesSync(join(images, "unknown"), 1000, 1000);
    await membersOf(tar);
    const { dev, ino } = statSync(tar);
    expect(entries().sort()).toEqual(
      [`${dev}-${ino}.members`, "1-2.members.8-y.draft", "unknown"].sort(),
    );
  });
});

test("raise INDEX_FORM with what blocks are made of", async () => {
  writeFileSync(tar, craftedTar([...FILES, LINK, { name: "top/", type: "5", mode: "0000700\0" }]));
  const image = await openImage(tar);
  const digest = createHash("sha256").update(encodeMembers(image.table)).digest("hex");
  image.close();
  expect([INDEX_FORM, digest]).toEqual([
    1,
    "b53221ce4607533353e38e9d25fc5f6087ddbeea37acccb862b237943e7281dc",
  ]);
});
