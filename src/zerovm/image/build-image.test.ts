import { execFileSync } from "node:child_process";
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { makeTree, type Tree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { ZvmError } from "../../base/index.ts";
import { addToImage, buildImage, listImage, type Progress, parsePart } from "./index.ts";

const newFolder = temporaryFolders();

function folderWith(tree: Tree): string {
  const folder = newFolder();
  makeTree(folder, tree);
  return folder;
}

async function paths(image: string): Promise<string[]> {
  const { members } = await listImage(image);
  return members.map(({ path, kind, link }) => `${path} ${kind}${link ? ` ${link}` : ""}`);
}

function textIn(image: string, name: string): string {
  return execFileSync("tar", ["-xOf", image, name]).toString();
}

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "accepted",
    (error) => {
      if (error instanceof ZvmError) return `${error.code}: ${error.message}`;
      throw error;
    },
  );
}

describe("buildImage()", () => {
  test("puts folders at the root, files by their names, named parts at their places", async () => {
    const folder = folderWith({ "lib/a": "1", top: "2" });
    const other = folderWith({ "lib/b": "3", "one.txt": "4", "deep/c": "5" });
    const out = join(newFolder(), "out.tar");
    const built = await buildImage(
      [
        { hostPath: folder },
        { hostPath: `${other}/lib`, name: "lib" },
        { hostPath: `${other}/one.txt` },
        parsePart(`${other}/one.txt=/etc//two.txt`),
        { hostPath: `${other}/deep`, name: "x/y" },
      ],
      out,
    );
    expect(await paths(out)).toEqual([
      "etc/two.txt file",
      "lib directory",
      "lib/a file",
      "lib/b file",
      "one.txt file",
      "top file",
      "x/y directory",
      "x/y/c file",
    ]);
    expect(built).toEqual({ sizeBytes: statSync(out).size, members: 8, warnings: [] });
    expect(textIn(out, "etc/two.txt")).toBe("4");
  });

  test("the same inputs give the same bytes, compressed too", async () => {
    const folder = folderWith({ "a/x": "text ".repeat(100), b: "2" });
    const [one, two] = [join(newFolder(), "1.tar.gz"), join(newFolder(), "two.tgz")];
    await buildImage([{ hostPath: folder }], one);
    await buildImage([{ hostPath: folder }], two);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
    expect([...readFileSync(one).subarray(0, 10)]).toEqual([
      0x1f,
      0x8b,
      8,
      0,
      0,
      0,
      0,
      0,
      expect.any(Number),
      255,
    ]);
    const plain = join(newFolder(), "plain.tar");
    await buildImage([{ hostPath: folder }], plain);
    expect(gunzipSync(readFileSync(one)).equals(readFileSync(plain))).toBe(true);
    await buildImage([{ hostPath: folder }], plain, { gzip: true });
    expect(await listImage(plain)).toMatchObject({ compressed: true });
  });

  test("times stay, unless one is asked for", async () => {
    const folder = folderWith({ a: "1" });
    utimesSync(join(folder, "a"), 1, 77);
    const out = join(newFolder(), "out.tar");
    await buildImage([{ hostPath: folder }], out);
    expect((await listImage(out)).members[0]?.mtimeSeconds).toBe(77);
    await buildImage([{ hostPath: folder }], out, { mtimeSeconds: 0 });
    expect((await listImage(out)).members[0]?.mtimeSeconds).toBe(0);
  });

  test("tells how far it is", async () => {
    const folder = folderWith({ a: "12345", "d/b": "6" });
    const seen: Progress[] = [];
    const onProgress = (progress: Progress): void => void seen.push(progress);
    await buildImage([{ hostPath: folder }], join(newFolder(), "o.tar"), { onProgress });
    expect(seen).toEqual([
      { members: 1, membersTotal: 3, bytes: 5, bytesTotal: 6 },
      { members: 2, membersTotal: 3, bytes: 5, bytesTotal: 6 },
      { members: 3, membersTotal: 3, bytes: 6, bytesTotal: 6 },
    ]);
  });

  test("writes into a folder that it packs, and leaves itself out", async () => {
    const folder = folderWith({ a: "1", "o.tar": "old" });
    const out = join(folder, "o.tar");
    chmodSync(out, 0o640);
    const { warnings } = await buildImage([{ hostPath: folder }], out);
    expect(warnings).toEqual([`${out} is left out: it is the image that is being written`]);
    expect(await paths(out)).toEqual(["a file"]);
    expect(readdirSync(folder)).toEqual(["a", "o.tar"]);
    expect(statSync(out).mode & 0o777).toBe(0o640);
  });

  test("a part that is a link is followed; the image that a link names is replaced", async () => {
    const folder = folderWith({ real: "1", link: "-> real", "real.tar": "old" });
    symlinkSync("real.tar", join(folder, "link.tar"));
    await buildImage([{ hostPath: join(folder, "link") }], join(folder, "link.tar"));
    expect(await paths(join(folder, "real.tar"))).toEqual(["link file"]);
    expect(textIn(join(folder, "real.tar"), "link")).toBe("1");
  });

  test("hard links are kept across parts", async () => {
    const folder = folderWith({ "a/1": "same" });
    mkdirSync(join(folder, "b"));
    linkSync(join(folder, "a/1"), join(folder, "b/2"));
    const out = join(newFolder(), "o.tar");
    const parts = ["b", "a", "a/1"].map((name) => ({ hostPath: join(folder, name) }));
    await buildImage([...parts.slice(0, 2), { hostPath: `${folder}/a/1`, name: "0" }], out);
    expect(await paths(out)).toEqual(["0 file", "1 hardlink 0", "2 hardlink 0"]);
  });

  test("failures leave the old file and nothing else", async () => {
    const folder = folderWith({ "d/a": "1", f: "2", a: "3", big: "x".repeat(20_000) });
    const home = newFolder();
    const out = join(home, "o.tar");
    writeFileSync(out, "old");
    const part = (name: string): { hostPath: string } => ({ hostPath: join(folder, name) });
    const aborted = AbortSignal.abort();
    const cases: [Promise<unknown>, RegExp][] = [
      [buildImage([part("none")], out), /^ZVM_FILE: Cannot pack .*none: no such file/],
      [buildImage([{ hostPath: "/dev/null" }], out), /neither a file nor a folder/],
      [buildImage([part("d"), part("a")], out), /^ZVM_USAGE: Cannot put 'a' .*both give it/],
      [
        buildImage([part("f"), { ...part("a"), name: "f/b" }], out),
        /^ZVM_USAGE: Cannot put 'f\/b' .* which is no folder; name another place with PATH=NAME/,
      ],
      [buildImage([part("")], out, { membersMax: 2 }), /more than 2 files and folders/],
      [buildImage([part("big")], out, { imageBytes: 15_000 }), /^ZVM_FILE: .*raise the limit/],
    ];
    for (const [work, reason] of cases) expect(await refusal(work)).toMatch(reason);
    await expect(buildImage([part("")], out, { signal: aborted })).rejects.toThrow("aborted");
    await expect(buildImage([part("")], `${out}.gz`, { signal: aborted })).rejects.toThrow(
      "aborted",
    );
    expect(readdirSync(home)).toEqual(["o.tar"]);
    expect(readFileSync(out, "utf8")).toBe("old");
  });

  test("writes over regular files alone", async () => {
    const folder = folderWith({ a: "1" });
    const parts = [{ hostPath: folder }];
    expect(await refusal(buildImage(parts, folder))).toContain("it is no regular file");
    expect(await refusal(buildImage(parts, "/dev/null"))).toContain("it is no regular file");
    expect(await refusal(buildImage(parts, join(folder, "no/o.tar")))).toContain("no such file");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
  });
});

describe("addToImage()", () => {
  test("adds under the name of a part or another, replaces files, merges folders", async () => {
    const folder = folderWith({ "lib/a": "old", "lib/keep": "k", f: "f" });
    const more = folderWith({ "lib/a": "new", "lib/b": "b", s: "-> lib", f: "f2" });
    const out = join(newFolder(), "o.tar");
    await buildImage([{ hostPath: folder }], out);
    chmodSync(out, 0o600);
    const parts = ["lib", "s", "f"].map((name) => join(more, name));
    const added = await addToImage(out, [
      ...parts.map((hostPath) => ({ hostPath })),
      parsePart(`${more}/f=g`),
    ]);
    expect(added.members).toBe(7 + 2);
    expect(await paths(out)).toEqual([
      "f file",
      "g file",
      "lib directory",
      "lib/a file",
      "lib/b file",
      "lib/keep file",
      "s directory",
      "s/a file",
      "s/b file",
    ]);
    expect(["lib/a", "lib/keep", "f", "g"].map((name) => textIn(out, name))).toEqual([
      "new",
      "k",
      "f2",
      "f2",
    ]);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  test("a replaced file leaves its other names with what they had", async () => {
    const out = join(newFolder(), "o.tar");
    const image = craftedTar([
      { name: "a", contents: "old" },
      { name: "z", type: "1", link: "a" },
      { name: "y", type: "1", link: "z" },
      { name: "s", type: "2", link: "../../kept" },
      { name: "twice", contents: "1" },
      { name: "twice", contents: "2" },
    ]);
    writeFileSync(out, image);
    await addToImage(out, [{ hostPath: join(folderWith({ a: "new" }), "a") }]);
    expect(await paths(out)).toEqual([
      "a file",
      "s symlink ../../kept",
      "twice file",
      "y file",
      "z hardlink y",
    ]);
    expect(["a", "y", "twice"].map((name) => textIn(out, name)).join()).toBe("new,old,2");
  });

  test("a compressed image stays compressed", async () => {
    const folder = folderWith({ a: "1", b: "2" });
    const out = join(newFolder(), "image");
    await buildImage([{ hostPath: join(folder, "a") }], out, { gzip: true });
    await addToImage(out, [{ hostPath: join(folder, "b") }]);
    expect(await listImage(out)).toMatchObject({
      compressed: true,
      members: [{ path: "a" }, { path: "b" }],
    });
  });

  test("clashes and bad images change nothing", async () => {
    const folder = folderWith({ "d/x": "1", f: "2" });
    const out = join(newFolder(), "o.tar");
    await buildImage([{ hostPath: folder }], out);
    const bytes = readFileSync(out);
    const file = { hostPath: join(folder, "f") };
    expect(await refusal(addToImage(out, [{ ...file, name: "d" }]))).toContain("both give it");
    expect(await refusal(addToImage(out, [{ ...file, name: "f/x" }]))).toContain("is no folder");
    expect(await refusal(addToImage(out, [file, file]))).toContain("both give it");
    expect(readFileSync(out).equals(bytes)).toBe(true);
    expect(await refusal(addToImage(`${out}.none`, [file]))).toContain("no such file");
    expect(await refusal(listImage(file.hostPath))).toContain("ZVM_TAR");
  });
});

describe("parsePart()", () => {
  test.each([
    ["a/b", { hostPath: "a/b" }],
    ["a=b", { hostPath: "a", name: "b" }],
    ["a=b=/c/./d/", { hostPath: "a=b", name: "c/d" }],
    ["a=", { hostPath: "a", name: "" }],
    ["a=ä", { hostPath: "a", name: "\xc3\xa4" }],
  ])("%j", (argument, part) => {
    expect(parsePart(argument)).toEqual(part);
  });

  test("a name that leads out is refused", () => {
    expect(() => parsePart("a=../b")).toThrow("Cannot use the name in a=../b: its name holds '..'");
  });
});
