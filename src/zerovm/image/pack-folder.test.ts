import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { ZvmError } from "../../base/index.ts";
import { writeEntries } from "./entry.ts";
import { HostTree } from "./host-tree.ts";
import { type OpenedImage, packFolder } from "./index.ts";
import { floorSeconds, scanFolder } from "./scan-folder.ts";

const newFolder = temporaryFolders();

function bytesIn(image: OpenedImage): Buffer {
  const bytes = Buffer.alloc(image.sizeBytes);
  image.source.read(0, bytes);
  return bytes;
}

async function refusal(calls: () => unknown): Promise<string> {
  try {
    await calls();
  } catch (error) {
    if (error instanceof ZvmError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
}

/** Files there say 4096 bytes and hold less, like one that shrinks while it is packed. */
const SHRINKING = "/sys/kernel/mm/transparent_hugepage";

describe("packFolder()", () => {
  // The file is one of Linux's own.
  test.runIf(existsSync(SHRINKING))(
    "contents that end early are an error with a name",
    async () => {
      expect(await refusal(() => packFolder(SHRINKING))).toMatch(
        /^ZVM_FILE: Cannot pack the folder \/sys\/.*: .* ended after \d+ of 4096 bytes$/,
      );
    },
  );

  test("keeps order, modes, times, links and contents", async () => {
    const folder = newFolder();
    makeTree(folder, { "b/x": "1", "b.txt": "22", "a/": "", s: "-> ../../outside", empty: "" });
    chmodSync(join(folder, "b.txt"), 0o4751);
    chmodSync(join(folder, "a"), 0o500);
    utimesSync(join(folder, "b.txt"), 1000, 1234.75);
    lutimesSync(join(folder, "s"), 5, 6);
    utimesSync(folder, 7, 8);
    const image = await packFolder(folder);
    expect(image.members).toMatchObject([
      { path: "", kind: "directory", mtimeSeconds: 8, mode: 0o700 },
      { path: "a", kind: "directory", mode: 0o500 },
      { path: "b.txt", kind: "file", mode: 0o4751, mtimeSeconds: 1234, sizeBytes: 2 },
      { path: "b", kind: "directory" },
      { path: "b/x", kind: "file", sizeBytes: 1 },
      { path: "empty", kind: "file", sizeBytes: 0 },
      { path: "s", kind: "symlink", link: "../../outside", mtimeSeconds: 6 },
    ]);
    const { dataOffset = 0 } = image.members[2] ?? {};
    expect(
      bytesIn(image)
        .subarray(dataOffset, dataOffset + 2)
        .toString(),
    ).toBe("22");
    image.close();
  });

  test("its archive is what GNU tar calls one, sorted by bytes", async () => {
    const folder = newFolder();
    makeTree(folder, { "b/x": "1", "b.txt": "2", "B/": "", [`${"n".repeat(150)}/y`]: "3" });
    const image = await packFolder(folder);
    const input = bytesIn(image);
    image.close();
    const names = execFileSync("tar", ["-tf", "-"], { input }).toString();
    const sorted = execFileSync("sort", { input: names, env: { LC_ALL: "C" } }).toString();
    expect(names).toBe(sorted);
    expect(names).toContain(`${"n".repeat(150)}/y\n`);
    expect(execFileSync("tar", ["-xOf", "-", "b/x"], { input }).toString()).toBe("1");
  });

  test("the same folder gives the same bytes", async () => {
    const [one, two] = [newFolder(), newFolder()];
    for (const [folder, tree] of [
      [one, { "a/1": "x", "b/2": "y", c: "z" }],
      [two, { c: "z", "b/2": "y", "a/1": "x" }],
    ] as const) {
      makeTree(folder, tree);
      for (const path of ["a/1", "b/2", "c", "a", "b", "."]) utimesSync(join(folder, path), 9, 9);
    }
    const [left, right] = [await packFolder(one), await packFolder(two)];
    expect(bytesIn(left).equals(bytesIn(right))).toBe(true);
    left.close();
    right.close();
  });

  test("several names of a file stay one file", async () => {
    const folder = newFolder();
    makeTree(folder, { "z/first": "same" });
    linkSync(join(folder, "z/first"), join(folder, "m"));
    linkSync(join(folder, "m"), join(folder, "b"));
    const image = await packFolder(folder);
    image.close();
    expect(image.members.slice(1)).toMatchObject([
      { path: "b", kind: "file", sizeBytes: 4 },
      { path: "m", kind: "hardlink", link: "b" },
      { path: "z", kind: "directory" },
      { path: "z/first", kind: "hardlink", link: "b" },
    ]);
  });

  test("names are bytes", async () => {
    const folder = newFolder();
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0xfe, 0x0a)]), "x");
    const image = await packFolder(folder);
    image.close();
    expect(image.members[1]?.path).toBe("\xff\xfe\n");
  });

  test("links are never followed, not even to folders", async () => {
    const [folder, outside] = [newFolder(), newFolder()];
    makeTree(outside, { secret: "key" });
    makeTree(folder, { d: `-> ${outside}`, f: `-> ${outside}/secret`, loop: "-> ." });
    const image = await packFolder(folder);
    image.close();
    expect(image.members.map(({ path, kind }) => `${path} ${kind}`)).toEqual([
      " directory",
      "d symlink",
      "f symlink",
      "loop symlink",
    ]);
    expect(bytesIn({ ...image, ...(await packFolder(folder)) }).includes("key")).toBe(false);
  });

  test("a link as the folder itself is followed", async () => {
    const folder = newFolder();
    makeTree(folder, { "real/x": "1", link: "-> real" });
    const image = await packFolder(join(folder, "link"));
    image.close();
    expect(image.members.map(({ path }) => path)).toEqual(["", "x"]);
  });

  test("pipes and their like are left out, with a warning each", async () => {
    const folder = newFolder();
    makeTree(folder, { a: "1" });
    execFileSync("mkfifo", [join(folder, "pipe\n")]);
    const image = await packFolder(folder);
    image.close();
    expect(image.members.map(({ path }) => path)).toEqual(["", "a"]);
    expect(image.warnings).toEqual([`${folder}/pipe\\n is left out: it is a named pipe`]);
  });

  test("what cannot be packed is named, and nothing stays open", async () => {
    const folder = newFolder();
    makeTree(folder, { a: "1".repeat(5000), b: "2" });
    const before = readdirSync("/proc/self/fd").length;
    expect(await refusal(() => packFolder(join(folder, "none")))).toBe(
      `ZVM_FILE: Cannot pack the folder ${folder}/none: no such file or directory`,
    );
    expect(await refusal(() => packFolder(join(folder, "a")))).toContain("not a directory");
    expect(await refusal(() => packFolder(folder, { membersMax: 2 }))).toBe(
      `ZVM_FILE: Cannot pack ${folder}: it holds more than 2 files and folders`,
    );
    expect(await refusal(() => packFolder(folder, { imageBytes: 3000 }))).toMatch(
      /^ZVM_FILE: Cannot pack the folder .*: it needs more than 3000 bytes; raise the limit/,
    );
    expect(readdirSync("/proc/self/fd").length).toBe(before);
  });

  test("holes cost nothing, wherever they are, and are zeros", async () => {
    const folder = newFolder();
    const fd = openSync(join(folder, "sparse"), "w");
    ftruncateSync(fd, 96 * 2 ** 20);
    writeSync(fd, "begin", 0);
    writeSync(fd, "middle", 50_000_001);
    closeSync(fd);
    writeFileSync(join(folder, "zeros"), new Uint8Array(300_000));
    const image = await packFolder(folder);
    expect(fstatSync(image.fd).size).toBe(image.sizeBytes);
    expect(fstatSync(image.fd).blocks * 512).toBeLessThan(2 ** 20);
    const input = bytesIn(image);
    image.close();
    expect(input.length).toBeGreaterThan(96 * 2 ** 20);
    const unpacked = newFolder();
    execFileSync("tar", ["-xf", "-", "-C", unpacked], { input });
    execFileSync("cmp", [join(folder, "sparse"), join(unpacked, "sparse")]);
    execFileSync("cmp", [join(folder, "zeros"), join(unpacked, "zeros")]);
  });

  test("an interruption is heard in the middle of a file, and leaves nothing", async () => {
    const [folder, temporaryFolder] = [newFolder(), newFolder()];
    const fd = openSync(join(folder, "large"), "w");
    ftruncateSync(fd, 2 ** 40);
    closeSync(fd);
    const before = readdirSync("/proc/self/fd").length;
    const control = new AbortController();
    const options = { temporaryFolder, imageBytes: 2 ** 41, signal: control.signal };
    const packed = packFolder(folder, options);
    const reason = new Error("stop");
    setTimeout(() => control.abort(reason), 50);
    await expect(packed).rejects.toBe(reason);
    expect(readdirSync("/proc/self/fd").length).toBe(before);
    expect(readdirSync(temporaryFolder)).toEqual([]);
  });

  // Nothing is unreadable for root.
  test.skipIf(process.getuid?.() === 0)("an unreadable file is named", async () => {
    const folder = newFolder();
    makeTree(folder, { a: "1" });
    chmodSync(join(folder, "a"), 0);
    expect(await refusal(() => packFolder(folder))).toBe(
      `ZVM_FILE: Cannot pack ${folder}/a: permission denied`,
    );
  });

  test("folders deeper than the limit are refused", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "d/".repeat(258)), { recursive: true });
    expect(await refusal(() => packFolder(folder))).toContain("nested more than 256 deep");
  });

  test("what changes between the look and the reading cannot lead elsewhere", async () => {
    const [folder, outside] = [newFolder(), newFolder()];
    makeTree(outside, { f: "secret", g: "secret" });
    makeTree(folder, { "d/f": "1", "e/g": "2", h: "3" });
    const changes: [string, () => void, RegExp][] = [
      ["h becomes a link", () => replace(folder, "h", outside), /too many symbolic links/],
      ["e becomes a link", () => replace(folder, "e", outside), /not a directory|symbolic links/],
      ["d/f goes", () => unlinkSync(join(folder, "d/f")), /d\/f: no such file/],
    ];
    for (const [name, change, reason] of changes) {
      const tree = new HostTree(folder);
      const options = { hostPath: folder, prefix: "", membersMax: 99 };
      const { entries } = scanFolder(tree, options);
      tree.forget();
      change();
      let written = "";
      const write = (bytes: Uint8Array): void => {
        written += Buffer.from(bytes).toString("latin1");
      };
      const verdict = await refusal(() => [...writeEntries(entries, { write })]);
      expect(verdict, name).toMatch(reason);
      expect(written.includes("secret")).toBe(false);
      tree.close();
    }
  });

  test("a file that becomes a pipe is refused without waiting for it", async () => {
    const folder = newFolder();
    makeTree(folder, { f: "1" });
    const tree = new HostTree(folder);
    const { entries } = scanFolder(tree, { hostPath: folder, prefix: "", membersMax: 99 });
    unlinkSync(join(folder, "f"));
    execFileSync("mkfifo", [join(folder, "f")]);
    const pack = (): unknown => [...writeEntries(entries, { write: () => {} })];
    expect(await refusal(pack)).toContain(`Cannot pack ${folder}/f: it was a file, and changed`);
    tree.close();
  });
});

function replace(folder: string, name: string, target: string): void {
  renameSync(join(folder, name), join(folder, `${name}.old`));
  symlinkSync(target, join(folder, name));
}

test.each([
  [1_500_000_000n, 1],
  [-1n, -1],
  [-1_000_000_000n, -1],
  [0n, 0],
])("floorSeconds(%d) is %d", (nanos, seconds) => {
  expect(floorSeconds(nanos)).toBe(seconds);
});
