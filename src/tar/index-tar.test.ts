import { describe, expect, test } from "vitest";
import {
  type CraftedMember,
  craftedHeader,
  craftedLongName,
  craftedPax,
  craftedTar,
  GNU,
  joined,
} from "../../test/support/crafted-tar.ts";
import { byteStringOfText, bytesOf, memorySource, ZvmError } from "../base/index.ts";
import { type IndexOptions, indexTar, type Member } from "./index.ts";

const OPTIONS: IndexOptions = { name: "root.tar", membersMax: 1000, links: "contained" };

function index(members: readonly CraftedMember[], options: Partial<IndexOptions> = {}): Member[] {
  return indexTar(memorySource(craftedTar(members)), { ...OPTIONS, ...options });
}

function refusal(bytes: Uint8Array, options: Partial<IndexOptions> = {}): string {
  try {
    indexTar(memorySource(bytes), { ...OPTIONS, ...options });
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_TAR") return error.message;
    throw error;
  }
  return "accepted";
}

describe("indexTar() reads headers", () => {
  test("a file: kind, bits, time, size, place of its contents", () => {
    expect(
      index([
        { name: "a/b.txt", mode: "0100754\0", mtime: "00000000017\0", contents: "hello" },
        { name: "c", contents: "x".repeat(513) },
        { name: "d", contents: "" },
      ]),
    ).toEqual([
      {
        path: "a/b.txt",
        kind: "file",
        mode: 0o754,
        mtimeSeconds: 15,
        mtimeNanos: 0,
        sizeBytes: 5,
        dataOffset: 512,
      },
      expect.objectContaining({ path: "c", sizeBytes: 513, dataOffset: 1536 }),
      expect.objectContaining({ path: "d", sizeBytes: 0, dataOffset: 3072 }),
    ]);
  });

  test.each([
    ["0", "f", "file"],
    ["\0", "f", "file"],
    ["7", "f", "file"],
    ["5", "f", "directory"],
    ["0", "f/", "directory"],
    ["\0", "f/", "directory"],
    ["2", "f", "symlink"],
  ])("type %j with name %j is a %s", (type, name, kind) => {
    const [member] = index([{ type, name, link: type === "2" ? "t" : "" }]);
    expect(member).toMatchObject({ path: "f", kind, sizeBytes: 0 });
  });

  test("a size in the header of a directory or link means no contents", () => {
    const size = "00000000777\0";
    const members = index([
      { name: "a" },
      { name: "d/", type: "5", size },
      { name: "s", type: "2", link: "a", size },
      { name: "h", type: "1", link: "a", size },
      { name: "z" },
    ]);
    expect(members.map(({ path, sizeBytes }) => [path, sizeBytes])).toEqual(
      ["a", "d", "s", "h", "z"].map((path) => [path, 0]),
    );
  });

  test.each([
    ["V7", "", ["name"]],
    ["old GNU, whose prefix field holds times", GNU, ["name"]],
    ["ustar", "ustar\x0000", ["long/folder/name"]],
    ["ustar with another version", "ustar\0  ", ["long/folder/name"]],
  ])("the prefix field in %s", (_, magic, paths) => {
    const members = index([{ magic, prefix: "long/folder", name: "name" }]);
    expect(members.map(({ path }) => path)).toEqual(paths);
  });

  test("star's prefix ends before its times", () => {
    const prefix = `${"p".repeat(131)}00000000001 00000000002 `;
    const [member] = index([{ prefix, name: "n", trailer: "tar\0" }]);
    expect(member?.path).toBe(`${"p".repeat(131)}/n`);
  });

  test("names and prefixes that fill their field have no NUL", () => {
    const name = "n".repeat(100);
    const prefix = `${"p".repeat(77)}/${"q".repeat(77)}`;
    expect(index([{ name }])[0]?.path).toBe(name);
    expect(index([{ name, prefix }])[0]?.path).toBe(`${prefix}/${name}`);
    const link = "l".repeat(100);
    expect(index([{ type: "2", link }])[0]?.link).toBe(link);
  });

  test("checksums of signed bytes", () => {
    const name = "\xc3\xa4";
    expect(index([{ name, checksum: "signed" }])[0]?.path).toBe(name);
    expect(index([{ name, checksum: "unsigned" }])[0]?.path).toBe(name);
  });

  test("number fields with spaces, without terminators, and empty", () => {
    const members = index([
      { name: "a", contents: "12345678", size: "        10 \0", mode: "   644 \0" },
      { name: "b", contents: "12345678", size: "000000000010", mtime: " ".repeat(12) },
      { name: "c", size: "\0".repeat(12), mode: "\0".repeat(8) },
      { name: "d", size: "00000000000\0", mtime: "77777777777\0" },
    ]);
    expect(members.map(({ sizeBytes }) => sizeBytes)).toEqual([8, 8, 0, 0]);
    expect(members.map(({ mode }) => mode)).toEqual([0o644, 0o644, 0, 0o644]);
    expect(members[3]?.mtimeSeconds).toBe(8 ** 11 - 1);
  });

  test("base 256: sizes, and times before 1970", () => {
    const size = `\x80${"\0".repeat(9)}\x02\x01`;
    const contents = "y".repeat(513);
    const mtime = `${"\xff".repeat(11)}\xfe`;
    expect(index([{ name: "big", size, contents, mtime }, { name: "next" }])).toMatchObject([
      { path: "big", sizeBytes: 513, mtimeSeconds: -2 },
      { path: "next" },
    ]);
  });

  test("contents over 8 GiB are skipped, not read", () => {
    const sizeBytes = 2 ** 40;
    const header = craftedHeader({
      name: "huge",
      size: `\x80${"\0".repeat(5)}\x01${"\0".repeat(5)}`,
    });
    const next = craftedTar([{ name: "next" }]);
    let bytesRead = 0;
    const source = {
      sizeBytes: 512 + sizeBytes + next.length,
      read(offset: number, into: Uint8Array): number {
        const got =
          offset < 512 + sizeBytes
            ? memorySource(header).read(offset, into) || into.fill(0x78).length
            : memorySource(next).read(offset - 512 - sizeBytes, into);
        bytesRead += got;
        return got;
      },
    };
    const members = indexTar(source, OPTIONS);
    expect(members).toMatchObject([{ path: "huge", sizeBytes }, { path: "next" }]);
    expect(members[1]?.dataOffset).toBe(sizeBytes + 1024);
    expect(bytesRead).toBeLessThan(100_000);
  });
});

describe("indexTar() reads extended headers", () => {
  const mtimes: [string, number, number][] = [
    ["12.5", 12, 500_000_000],
    ["12", 12, 0],
    ["12.", 12, 0],
    ["0.0000000019", 0, 1],
    ["-1.25", -2, 750_000_000],
    ["-3", -3, 0],
    ["-0", 0, 0],
  ];
  test.each(mtimes)("pax mtime %s", (mtime, mtimeSeconds, mtimeNanos) => {
    expect(index([craftedPax({ mtime }), { name: "a" }])).toMatchObject([
      { mtimeSeconds, mtimeNanos },
    ]);
  });

  test("pax path, size and linkpath win over the header; other keys do nothing", () => {
    const path = byteStringOfText(`täter/${"long".repeat(40)}`);
    const members = index([
      craftedPax({ path, size: "3", uid: "7", comment: "\0\n=", "SCHILY.xattr.a": "b" }),
      { name: "short", size: "00000000000\0", contents: "abc", prefix: "unused" },
      craftedPax({ linkpath: path.replace("long", "LONG") }),
      { name: "s", type: "2", link: "no" },
      { name: "plain" },
    ]);
    expect(members).toMatchObject([
      { path, sizeBytes: 3 },
      { path: "s", link: path.replace("long", "LONG") },
      { path: "plain" },
    ]);
  });

  test("pax globals hold for all that follow, until they are taken back", () => {
    const members = index([
      { name: "a" },
      craftedPax({ mtime: "5" }, "g"),
      { name: "b" },
      craftedPax({ mtime: "6" }),
      { name: "c" },
      craftedPax({ mtime: "" }),
      { name: "d" },
      { name: "e" },
      craftedPax({ mtime: "" }, "g"),
      { name: "f" },
    ]);
    expect(members.map(({ mtimeSeconds }) => mtimeSeconds)).toEqual([0, 5, 6, 0, 5, 0]);
  });

  test("GNU long names and long link names", () => {
    const name = `/${"d".repeat(200)}/f`;
    const target = "t".repeat(150);
    const members = index([
      craftedLongName(target, "K"),
      craftedLongName(name),
      { name: "cut", type: "2", link: "cut", magic: GNU },
      { name: "after" },
    ]);
    expect(members).toMatchObject([
      { path: name.slice(1), kind: "symlink", link: target },
      { path: "after" },
    ]);
  });

  test("a volume's label is skipped", () => {
    expect(index([{ name: "label", type: "V" }, { name: "a" }])).toMatchObject([{ path: "a" }]);
  });

  test("an extended header larger than what is read at once", () => {
    const comment = "c".repeat(300_000);
    const members = index([craftedPax({ comment, path: "p" }), { name: "a" }, { name: "b" }]);
    expect(members.map(({ path }) => path)).toEqual(["p", "b"]);
  });
});

describe("indexTar() normalises names", () => {
  test.each([
    ["/etc/passwd", "etc/passwd"],
    ["///a", "a"],
    ["./a", "a"],
    ["a/./b//c", "a/b/c"],
    [".hidden/..b/c..", ".hidden/..b/c.."],
    ["a/", "a"],
    ["a///", "a"],
    [`${"x".repeat(255)}/y`, `${"x".repeat(255)}/y`],
  ])("%# %j becomes %j", (path, expected) => {
    const [member] = index([craftedPax({ path }), { type: "5" }]);
    expect(member?.path).toBe(expected);
  });

  test.each(["./", "/", ".", "././/"])("%j is the root of the archive", (name) => {
    expect(index([{ name, type: "5", mode: "0000711\0" }])).toMatchObject([
      { path: "", kind: "directory", mode: 0o711 },
    ]);
  });

  test.each([
    ["../a", "its name holds '..'"],
    ["a/../b", "its name holds '..'"],
    ["a/..", "its name holds '..'"],
    ["/..", "its name holds '..'"],
    ["a\0b", "its name holds a NUL byte"],
    ["x".repeat(256), "a part of its name is longer than 255 bytes"],
    [`a/${"x".repeat(256)}/b`, "a part of its name is longer than 255 bytes"],
    ["a/".repeat(2049), "its name is longer than 4096 bytes"],
  ])("%j is refused", (path, reason) => {
    expect(refusal(craftedTar([craftedPax({ path }), {}]))).toContain(reason);
  });

  test.each([
    ["", "it has no name"],
    ["./", "accepted"],
  ])("the name %j of a header", (name, reason) => {
    expect(refusal(craftedTar([{ name, type: "5" }]))).toContain(reason);
  });

  test("only a directory may be the root", () => {
    expect(refusal(craftedTar([{ name: ".", type: "0" }]))).toContain("only a directory");
  });

  test("names in messages are escaped, cut, and followed by the offset", () => {
    const name = "\x1b[31m/../\n";
    expect(refusal(craftedTar([{ name: "ok" }, { name }]))).toBe(
      "Cannot read the tar archive root.tar: its name holds '..', which could lead out of the " +
        "image (member '\\x1b[31m/../\\n', offset 0x200)",
    );
    const long = refusal(craftedTar([craftedPax({ path: "a/../".repeat(500) }), {}]));
    expect(long.length).toBeLessThan(400);
  });
});

describe("indexTar() checks links", () => {
  const symlink = (name: string, link: string): CraftedMember => ({ name, link, type: "2" });

  test.each([
    ["a", "b", "accepted"],
    ["d/a", "../b", "accepted"],
    ["d/e/a", "../../b/../c", "accepted"],
    ["a", "x/..", "accepted"],
    ["a", "..", "leads out of the image"],
    ["d/a", "../../b", "leads out of the image"],
    ["d/a", ".././..", "leads out of the image"],
    ["a", "x/../../y/z", "leads out of the image"],
    ["a", "/etc", "accepted"],
    ["a", "/../../etc", "accepted"],
    ["a", "", "without a target"],
    ["a", "t".repeat(4097), "target of the link is longer than 4096"],
    ["a", "t\0u", "target of the link holds a NUL"],
  ])("symbolic link %s to %.20s: %s", (name, link, verdict) => {
    const long = link.length > 100 || link.includes("\0");
    const carrier = long ? [craftedPax({ linkpath: link })] : [];
    expect(refusal(craftedTar([...carrier, symlink(name, long ? "" : link)]))).toContain(verdict);
  });

  test.each([
    ["/data", "/data/x", "accepted"],
    ["/data/", "/data", "accepted"],
    ["/data", "/data/../etc", "outside of the image's mountpoint"],
    ["/data", "/database", "outside of the image's mountpoint"],
    ["/data", "/", "outside of the image's mountpoint"],
    ["/", "/", "accepted"],
  ])("mounted at %s, a link to %s: %s", (mountpoint, link, verdict) => {
    expect(refusal(craftedTar([symlink("a", link)]), { mountpoint })).toContain(verdict);
  });

  test("with links kept, every target stands", () => {
    const targets = ["../../x", "/etc"];
    const members = index(
      targets.map((link) => symlink("a", link)),
      { links: "kept", mountpoint: "/data" },
    );
    expect(members.map(({ link }) => link)).toEqual(targets);
  });

  test("hard links lead to earlier files, by their normalised names", () => {
    const hardlink = (name: string, link: string): CraftedMember => ({ name, link, type: "1" });
    const members = index([
      { name: "f" },
      hardlink("g", "/./f"),
      hardlink("h", "g"),
      hardlink("f", "f"),
    ]);
    expect(members).toMatchObject([
      { path: "f", kind: "file" },
      { path: "g", kind: "hardlink", link: "f", sizeBytes: 0, dataOffset: 0 },
      { path: "h", link: "g" },
    ]);
    expect(members).toHaveLength(3);
    const bad = "hard link to something that is no earlier file";
    expect(refusal(craftedTar([hardlink("g", "f"), { name: "f" }]))).toContain(bad);
    expect(refusal(craftedTar([{ name: "d", type: "5" }, hardlink("g", "d")]))).toContain(bad);
    expect(refusal(craftedTar([symlink("s", "x"), hardlink("g", "s")]))).toContain(bad);
    const replaced = [{ name: "f" }, hardlink("g", "f"), symlink("f", "x"), hardlink("h", "f")];
    expect(refusal(craftedTar(replaced))).toContain(bad);
    expect(refusal(craftedTar([{ name: "f" }, hardlink("g", "../f")]))).toContain(
      "the target of the hard link: its name holds '..'",
    );
  });
});

describe("indexTar() refuses", () => {
  test.each([
    ["3", "character device"],
    ["4", "block device"],
    ["6", "named pipe"],
    ["S", "repack without --sparse"],
    ["D", "repack without --listed-incremental"],
    ["M", "repack without --multi-volume"],
    ["\x1b", "its type '\\x1b' is unknown"],
  ])("type %j", (type, reason) => {
    const message = refusal(craftedTar([{ name: "thing", type }]));
    expect(message).toContain(reason);
    expect(message).toContain("(member 'thing', offset 0x0)");
  });

  test.each([
    [{ "GNU.sparse.major": "1" }, "stored"],
    [{ "GNU.sparse.major": "1", "GNU.sparse.name": "real" }, "real"],
    [{ "GNU.sparse.name": "real", "GNU.sparse.map": "0,1" }, "real"],
  ])("sparse files of pax, by their real name: %j", (records, name) => {
    const message = refusal(craftedTar([craftedPax(records), { name: "stored" }]));
    expect(message).toContain(`repack without --sparse (member '${name}', offset 0x400)`);
  });

  test.each([
    ["size", { size: "0000000008z\0" }, "its size is no usable number"],
    ["size", { size: "-0000000001\0" }, "its size is no usable number"],
    ["size", { size: `${"\xff".repeat(12)}` }, "its size is negative"],
    ["size", { size: `\x80\x7f${"\xff".repeat(10)}` }, "its size is no usable number"],
    [
      "size",
      { size: "77777777777\0" },
      "8589934591 bytes of contents are announced, 1024 are left",
    ],
    ["mode", { mode: "rwxr-xr-" }, "its mode is no usable number"],
    ["time", { mtime: "yesterday\0" }, "its time is no usable number"],
    ["directory", { name: "d/", contents: "x" }, "a directory by its name, and has contents"],
  ])("a bad %s: %j", (_, member, reason) => {
    expect(refusal(craftedTar([member]))).toContain(reason);
  });

  test.each([
    ["99 path=x\n", "wrong length"],
    ["0 path=x\n", "wrong length"],
    ["path=x\n", "wrong length"],
    ["1 ", "wrong length"],
    ["2 ", "wrong length"],
    ["00000000000000000010 path=x\n", "wrong length"],
    ["99999999999999999999 path=x\n", "wrong length"],
    ["8 path=x\n", "does not end where its length says"],
    ["8 path=x\n\n", "does not end where its length says"],
    ["7 path\n", "has no '='"],
    ["8 path \n", "has no '='"],
    ["10 path=x\n\0\0", "wrong length"],
    ["11 size=-1\n", "no usable number: '-1'"],
    ["27 size=99999999999999999\n", "pax record"],
    ["12 mtime=1e\n", "no usable time: '1e'"],
    ["12 mtime=.5\n", "no usable time"],
    ["14 mtime=1.-5\n", "no usable time"],
  ])("the pax records %j", (contents, reason) => {
    const message = refusal(craftedTar([{ name: "ext", type: "x", contents }, {}]));
    expect(message).toContain(reason);
    expect(message).toContain("(member 'ext', offset 0x0)");
  });

  test("sizes beyond 2^53 in pax", () => {
    const message = refusal(craftedTar([craftedPax({ size: "9".repeat(17) }), {}]));
    expect(message).toContain("the pax record 'size' is no usable number");
  });

  test("extended headers that are huge, empty, alone or cut", () => {
    const size = "00010000000\0";
    const huge = joined([craftedHeader({ type: "x", size }), new Uint8Array(8 ** 7 + 1024)]);
    expect(refusal(huge)).toContain("an extended header is larger than 1048576 bytes");
    expect(refusal(craftedTar([{ type: "L", contents: "\0\0" }, {}]))).toContain("name is empty");
    expect(refusal(craftedTar([craftedLongName("n")]))).toContain("member that is not there");
    expect(refusal(craftedTar([craftedPax({ path: "x" })], false))).toContain("not there");
    const cut = craftedTar([craftedLongName("n".repeat(2000))]).subarray(0, 1024);
    expect(refusal(cut)).toContain("2001 bytes of contents are announced, 512 are left");
  });

  test("more members than allowed", () => {
    const members = ["a", "b", "c"].map((name) => ({ name }));
    expect(refusal(craftedTar(members), { membersMax: 3 })).toBe("accepted");
    expect(refusal(craftedTar(members), { membersMax: 2 })).toContain(
      "it holds more than 2 members (member 'c', offset 0x400)",
    );
  });

  test.each([
    ["", "it is empty"],
    ["hello", "it is no tar archive"],
    ["x".repeat(5000), "it is no tar archive"],
    ["\x1f\x8b\x08", "it is compressed with gzip"],
    [`\x1f\x8b\x08${"q".repeat(600)}`, "it is compressed with gzip"],
    ["BZh9", "bzip2"],
    ["\xfd7zXZ\0", "xz"],
    ["\x28\xb5\x2f\xfd", "zstd"],
    ["PK\x03\x04", "zip file"],
  ])("foreign bytes %j", (text, reason) => {
    expect(refusal(bytesOf(text))).toContain(reason);
  });

  test("a wrong checksum further on is damage", () => {
    const bytes = craftedTar([{ name: "a" }, { name: "b", checksum: "wrong" }]);
    expect(refusal(bytes)).toContain("damaged there (offset 0x200)");
  });
});
