import { describe, expect, test } from "vitest";
import {
  folderImage,
  OFLAGS,
  RESULT,
  RIGHTS,
  TestGuest,
  u32,
} from "../../../test/support/guest-harness.ts";

const TREE = { "a/": "", "a/b/": "", "a/f": "inner", f: "outer" };

/** A folder at `/w` that is also preopened as descriptor 4. */
function guestWithFolder(readonly = false): TestGuest {
  return new TestGuest({ images: [folderImage("/w", TREE, { readonly })], preopens: ["/w"] });
}

const NAMED = 4;

describe("path_open", () => {
  test("writes the lowest free descriptor", () => {
    const guest = guestWithFolder();
    const path = guest.place("w/f");
    const args = [3, 0, ...path, 0, RIGHTS.READ, 0n, 0, RESULT];
    expect(guest.call("path_open", args, [[RESULT, u32(5)]])).toBe("SUCCESS");
    expect(guest.call("unstable.path_open", args, [[RESULT, u32(6)]])).toBe("SUCCESS");
    guest.call("fd_close", [5]);
    expect(guest.call("path_open", args, [[RESULT, u32(5)]])).toBe("SUCCESS");
  });

  test.each([
    ["unknown open flags", 16, 0],
    ["many unknown open flags", -1, 0],
    ["unknown descriptor flags", 0, 32],
    ["a directory to be made", OFLAGS.CREAT | OFLAGS.DIRECTORY, 0],
  ])("%s are INVAL", (_name, oflags, fdflags) => {
    const guest = guestWithFolder();
    expect(guest.open("new", { oflags, fdflags })).toBe("INVAL");
    expect(guest.open("new")).toBe("NOENT");
  });

  test.each([
    ["f", 0, 0n, 5],
    ["f", 0, RIGHTS.BOTH, 5],
    ["f", OFLAGS.CREAT, RIGHTS.BOTH, 5],
    ["f", OFLAGS.CREAT | OFLAGS.EXCL, RIGHTS.BOTH, "EXIST"],
    ["f", OFLAGS.EXCL, RIGHTS.BOTH, 5],
    ["f", OFLAGS.DIRECTORY, RIGHTS.READ, "NOTDIR"],
    ["f/", 0, RIGHTS.READ, "NOTDIR"],
    ["f/x", OFLAGS.CREAT, RIGHTS.READ, "NOTDIR"],
    ["f/.", 0, RIGHTS.READ, "NOTDIR"],
    ["f/..", 0, RIGHTS.READ, "NOTDIR"],
    ["a", 0, 0n, 5],
    ["a", 0, RIGHTS.READ, 5],
    ["a", 0, RIGHTS.WRITE, "ISDIR"],
    ["a", OFLAGS.DIRECTORY, RIGHTS.READ, 5],
    ["a", OFLAGS.DIRECTORY, RIGHTS.BOTH, "ISDIR"],
    ["a", OFLAGS.TRUNC, RIGHTS.READ, "ISDIR"],
    ["a", OFLAGS.CREAT, RIGHTS.READ, "ISDIR"],
    ["a", OFLAGS.CREAT | OFLAGS.EXCL, RIGHTS.READ, "EXIST"],
    ["a/", OFLAGS.DIRECTORY, RIGHTS.READ, 5],
    ["a//", 0, RIGHTS.READ, 5],
    ["a/.", 0, RIGHTS.READ, 5],
    ["./a/../a/b/..//f", 0, RIGHTS.READ, 5],
    ["a/b/../../f", 0, RIGHTS.READ, 5],
    ["new", 0, RIGHTS.READ, "NOENT"],
    ["new", OFLAGS.TRUNC, RIGHTS.WRITE, "NOENT"],
    ["new", OFLAGS.CREAT, 0n, 5],
    ["new/", OFLAGS.CREAT, RIGHTS.WRITE, "ISDIR"],
    ["new/", 0, RIGHTS.READ, "NOENT"],
    ["no/new", OFLAGS.CREAT, RIGHTS.WRITE, "NOENT"],
    [".", OFLAGS.CREAT, RIGHTS.READ, "ISDIR"],
    ["", OFLAGS.CREAT, RIGHTS.READ, "NOENT"],
    ["f\0", 0, RIGHTS.READ, "INVAL"],
  ] as const)("%j with flags %i and rights %s gives %s", (path, oflags, rights, expected) => {
    const guest = guestWithFolder();
    expect(guest.open(path, { dir: NAMED, oflags, rights })).toBe(expected);
  });

  test("names are bytes: what is not UTF-8 can be made and found", () => {
    const guest = guestWithFolder();
    guest.file("w/\xe7\x77\xf0", "x");
    expect(guest.read(guest.opened("w/\xe7\x77\xf0"), 9)).toBe("x");
    expect(guest.open("w/\xe7\x77")).toBe("NOENT");
  });

  test.each([
    [255, "SUCCESS"],
    [256, "NAMETOOLONG"],
  ])("a name of %i bytes: %s", (size, errno) => {
    const guest = guestWithFolder();
    expect(guest.onPath("path_create_directory", "n".repeat(size))).toBe(errno);
    expect(guest.symlink("x", `w/${"m".repeat(size)}`)).toBe(errno);
  });

  test.each([
    [4095, "SUCCESS"],
    [4096, "NAMETOOLONG"],
    [8192, "NAMETOOLONG"],
    [8193, "NAMETOOLONG"],
  ])("a path of %i bytes: %s", (size, errno) => {
    const guest = guestWithFolder();
    const path = `${"./".repeat(size).slice(0, size - 4)}/w/f`;
    expect(path).toHaveLength(size);
    const answer = guest.unchecked("path_filestat_get", [3, 0, ...guest.place(path), RESULT]);
    expect(answer).toBe(errno);
  });
});

describe("where paths begin and how high they climb", () => {
  test.each([
    ["from the root", "/w/f", 3],
    ["from the root, relative", "w/f", 3],
    ["up from the root", "../../w/f", 3],
    ["up in the middle", "w/../../../w/f", 3],
  ])("%s everything is reached", (_name, path, dir) => {
    expect(guestWithFolder().open(path, { dir })).toBe(5);
  });

  test("a directory that was opened below the root is closed in itself, but for its links", () => {
    const guest = guestWithFolder();
    const dir = guest.opened("w/a", { oflags: OFLAGS.DIRECTORY });
    expect(guest.open("../f", { dir })).toBe("PERM");
    expect(guest.open("/w/f", { dir })).toBe("PERM");
    guest.symlink("../f", "w/a/up");
    expect(guest.open("up", { dir, follow: true })).toBe(dir + 1);
    expect(guest.symlink("/w/f", "abs", dir)).toBe("PERM");
  });

  test.each(["/w/f", "/", "..", "../w/f", "a/../../w/f", "a/b/../../../tmp"])(
    "out of a named preopen, %s is PERM",
    (path) => {
      const guest = guestWithFolder();
      expect(guest.open(path, { dir: NAMED })).toBe("PERM");
      expect(guest.onPath("path_unlink_file", path, NAMED)).toBe("PERM");
      expect(guest.onPath("path_create_directory", `${path}/new`, NAMED)).toBe("PERM");
      expect(guest.rename("f", path, NAMED)).toBe("PERM");
      expect(guest.link(path, "l", NAMED)).toBe("PERM");
    },
  );

  test("a directory below a named preopen is closed in itself", () => {
    const guest = guestWithFolder();
    const dir = guest.opened("a", { dir: NAMED, oflags: OFLAGS.DIRECTORY });
    expect(guest.open("b/../f", { dir })).toBe(dir + 1);
    expect(guest.open("../f", { dir })).toBe("PERM");
  });

  test("links lead where they lead; absolute ones are not made there", () => {
    const guest = guestWithFolder();
    guest.symlink("../tmp", "up", NAMED);
    guest.symlink("a/../f", "in", NAMED);
    // An image or the guest put them there, and the guest may go there from the root.
    expect(guest.open("up", { dir: NAMED, follow: true })).toBe(5);
    expect(guest.open("in", { dir: NAMED, follow: true })).toBe(6);
    expect(guest.symlink("/tmp", "abs", NAMED)).toBe("PERM");
    expect(guest.symlink("/tmp", "w/abs")).toBe("SUCCESS");
    expect(guest.open("w/abs", { follow: true })).toBe(7);
    expect(guest.open("abs", { dir: NAMED, follow: true })).toBe(8);
  });
});

describe("symbolic links", () => {
  test("are followed on the way, and at the end when asked for", () => {
    const guest = guestWithFolder();
    guest.symlink("a", "w/d");
    guest.symlink("f", "w/l");
    expect(guest.read(guest.opened("w/d/f"), 9)).toBe("inner");
    expect(guest.open("w/l")).toBe("LOOP");
    expect(guest.open("w/l", { oflags: OFLAGS.DIRECTORY })).toBe("LOOP");
    expect(guest.read(guest.opened("w/l", { follow: true }), 9)).toBe("outer");
    expect(guest.open("w/l", { follow: true, oflags: OFLAGS.DIRECTORY })).toBe("NOTDIR");
    expect(guest.open("w/d/", { oflags: OFLAGS.DIRECTORY })).toBeTypeOf("number");
    expect(guest.open("w/l", { follow: true, oflags: OFLAGS.CREAT | OFLAGS.EXCL })).toBe("EXIST");
  });

  test("a dangling one: made through, not found through", () => {
    const guest = guestWithFolder();
    guest.symlink("nowhere", "w/l");
    expect(guest.open("w/l", { follow: true })).toBe("NOENT");
    guest.opened("w/l", { follow: true, oflags: OFLAGS.CREAT, rights: RIGHTS.WRITE });
    expect(guest.open("w/nowhere")).toBeTypeOf("number");
  });

  test("a chain of 40 is followed, 41 are LOOP, and so is a circle", () => {
    const guest = guestWithFolder();
    guest.symlink("f", "w/l1");
    for (let count = 2; count <= 41; count++) guest.symlink(`l${count - 1}`, `w/l${count}`);
    expect(guest.open("w/l40", { follow: true })).toBeTypeOf("number");
    expect(guest.open("w/l41", { follow: true })).toBe("LOOP");
    guest.symlink("me", "w/me");
    expect(guest.open("w/me", { follow: true })).toBe("LOOP");
    expect(guest.open("w/me/x")).toBe("LOOP");
  });

  test("path_readlink gives the target, cut to the buffer", () => {
    const guest = guestWithFolder();
    guest.symlink("target", "w/l");
    const path = guest.place("w/l");
    const target = [...Buffer.from("target")];
    for (const size of [10, 6, 4, 0]) {
      guest.bytes.fill(0x3f, 0x10, 0x20);
      const shown = target.slice(0, size);
      expect(
        guest.call(
          "path_readlink",
          [3, ...path, 0x10, size, RESULT],
          [
            [0x10, shown],
            [RESULT, u32(shown.length)],
          ],
        ),
      ).toBe("SUCCESS");
    }
  });

  test.each([
    ["w/f", "INVAL"],
    ["w", "INVAL"],
    ["missing", "NOENT"],
    ["w/f/x", "NOTDIR"],
    ["", "NOENT"],
  ])("path_readlink of %j is %s", (path, errno) => {
    const guest = guestWithFolder();
    expect(guest.call("path_readlink", [3, ...guest.place(path), 16, 16, RESULT])).toBe(errno);
  });

  test.each([
    ["", "w/new", "NOENT"],
    ["x", "", "NOENT"],
    ["x\0", "w/new", "INVAL"],
    ["x", "w/new\0", "INVAL"],
    ["x", "w/f", "EXIST"],
    ["x", "w/a", "EXIST"],
    ["x", "w/a/", "EXIST"],
    ["x", "w/f/", "NOTDIR"],
    ["x", "w/new/", "NOENT"],
    ["x", "missing/new", "NOENT"],
    ["x", "dev/new", "PERM"],
    ["x".repeat(4095), "w/new", "SUCCESS"],
    ["x".repeat(4096), "w/new", "NAMETOOLONG"],
    ["x".repeat(9000), "w/new", "NAMETOOLONG"],
  ])("path_symlink of %j to %j is %s", (target, path, errno) => {
    expect(guestWithFolder().symlink(target, path)).toBe(errno);
  });
});

describe("directories", () => {
  test.each([
    ["new", "SUCCESS"],
    ["new/", "SUCCESS"],
    ["w/new//", "SUCCESS"],
    ["w", "EXIST"],
    ["w/f", "EXIST"],
    ["w/f/", "NOTDIR"],
    ["w/f/x", "NOTDIR"],
    ["missing/x", "NOENT"],
    [".", "EXIST"],
    ["/", "EXIST"],
    ["", "NOENT"],
    ["dev/new", "PERM"],
  ])("making %j is %s", (path, errno) => {
    expect(guestWithFolder().onPath("path_create_directory", path)).toBe(errno);
  });

  test.each([
    ["w/a/b", "SUCCESS"],
    ["w/a/b/", "SUCCESS"],
    ["w/a", "NOTEMPTY"],
    ["w/f", "NOTDIR"],
    ["w/f/", "NOTDIR"],
    ["missing", "NOENT"],
    ["w/a/.", "INVAL"],
    ["w/a/..", "NOTEMPTY"],
    ["w", "BUSY"],
    ["dev", "BUSY"],
    ["/", "BUSY"],
    ["", "NOENT"],
  ])("removing %j is %s", (path, errno) => {
    expect(guestWithFolder().onPath("path_remove_directory", path)).toBe(errno);
  });
});

describe("files and names", () => {
  test.each([
    ["w/f", "SUCCESS"],
    ["w/f/", "NOTDIR"],
    ["w/a", "ISDIR"],
    ["w/a/", "ISDIR"],
    ["missing", "NOENT"],
    ["dev/stdin", "PERM"],
    ["dev/missing", "NOENT"],
    ["", "NOENT"],
  ])("unlinking %j is %s", (path, errno) => {
    expect(guestWithFolder().onPath("path_unlink_file", path)).toBe(errno);
  });

  test("an unlinked file lives on while it is open", () => {
    const guest = guestWithFolder();
    const fd = guest.opened("w/f", { rights: RIGHTS.BOTH });
    guest.onPath("path_unlink_file", "w/f");
    expect(guest.open("w/f")).toBe("NOENT");
    guest.file("w/f", "other");
    expect(guest.read(fd, 9)).toBe("outer");
    guest.unchecked("fd_filestat_get", [fd, 8]);
    expect(guest.u64(8 + 24)).toBe(0n);
  });

  test.each([
    ["w/f", "w/l", "SUCCESS"],
    ["w/f", "w/a/l", "SUCCESS"],
    ["w/f", "w/a/f", "EXIST"],
    ["w/f", "w/a", "EXIST"],
    ["w/f", "w/f", "EXIST"],
    ["w/f", "w/l/", "NOENT"],
    ["w/a", "w/l", "PERM"],
    ["missing", "w/l", "NOENT"],
    ["w/f", "missing/l", "NOENT"],
    ["w/f", "tmp/l", "XDEV"],
    ["dev/stdin", "tmp/l", "XDEV"],
    ["dev/stdin", "dev/l", "PERM"],
  ])("linking %j to %j is %s", (from, to, errno) => {
    expect(guestWithFolder().link(from, to)).toBe(errno);
  });

  test("both names are one file; following a link is INVAL", () => {
    const guest = guestWithFolder();
    guest.link("w/f", "w/l");
    guest.file("w/l", "changed");
    expect(guest.read(guest.opened("w/f"), 9)).toBe("changed");
    guest.unchecked("path_filestat_get", [3, 0, ...guest.place("w/f"), 8]);
    expect(guest.u64(8 + 24)).toBe(2n);
    const args = [3, 1, ...guest.place("w/f"), 3, ...guest.place("w/m")];
    expect(guest.call("path_link", args)).toBe("INVAL");
  });

  test.each([
    ["w/f", "w/g", "SUCCESS"],
    ["w/f", "w/a/f", "SUCCESS"],
    ["w/f", "w/f", "SUCCESS"],
    ["w/f", "w/a", "ISDIR"],
    ["w/a", "w/f", "SUCCESS"],
    ["w/a", "w/n/", "SUCCESS"],
    ["w/a/", "w/n", "SUCCESS"],
    ["w/a", "w/a/b/c", "INVAL"],
    ["w/a", "w/a", "SUCCESS"],
    ["w/f/", "w/g", "NOTDIR"],
    ["w/f", "w/g/", "NOTDIR"],
    ["w/f", "tmp/f", "XDEV"],
    ["w", "v", "BUSY"],
    ["w/a/.", "w/n", "BUSY"],
    ["w/a", "w/b/..", "NOENT"],
    ["missing", "w/g", "NOENT"],
    ["w/f", "missing/g", "NOENT"],
    ["w/f", "w/f/g", "NOTDIR"],
    ["dev/stdin", "dev/x", "PERM"],
  ])("renaming %j to %j is %s", (from, to, errno) => {
    expect(guestWithFolder().rename(from, to)).toBe(errno);
  });

  test("a directory replaces an empty one and keeps its children; not a full one", () => {
    const guest = guestWithFolder();
    guest.onPath("path_create_directory", "w/empty");
    expect(guest.rename("w/a", "w/empty")).toBe("SUCCESS");
    expect(guest.read(guest.opened("w/empty/f"), 9)).toBe("inner");
    guest.onPath("path_create_directory", "w/again");
    expect(guest.rename("w/again", "w/empty")).toBe("NOTEMPTY");
  });

  test("calls with two descriptors need both", () => {
    const guest = guestWithFolder();
    const [from, to] = [guest.place("w/f"), guest.place("w/g")];
    expect(guest.call("path_link", [99, 0, ...from, 3, ...to])).toBe("BADF");
    expect(guest.call("path_link", [3, 0, ...from, 99, ...to])).toBe("BADF");
    expect(guest.call("path_rename", [99, ...from, 3, ...to])).toBe("BADF");
    expect(guest.call("path_rename", [3, ...from, 0, ...to])).toBe("NOTDIR");
    expect(guest.call("path_symlink", [...from, 99, ...to])).toBe("BADF");
    expect(guest.call("path_rename", [3, ...guest.place("a\0"), 3, ...to])).toBe("INVAL");
  });

  test("a read-only image refuses every change", () => {
    const guest = guestWithFolder(true);
    expect(guest.onPath("path_create_directory", "w/n")).toBe("ROFS");
    expect(guest.onPath("path_remove_directory", "w/a/b")).toBe("ROFS");
    expect(guest.onPath("path_unlink_file", "w/f")).toBe("ROFS");
    expect(guest.symlink("x", "w/n")).toBe("ROFS");
    expect(guest.link("w/f", "w/n")).toBe("ROFS");
    expect(guest.rename("w/f", "w/n")).toBe("ROFS");
    expect(guest.open("w/f", { rights: RIGHTS.WRITE, oflags: OFLAGS.TRUNC })).toBe("ROFS");
    expect(guest.read(guest.opened("w/f"), 9)).toBe("outer");
  });

  test("the report learns of paths that were asked for and not there", () => {
    const guest = guestWithFolder();
    guest.open("etc/passwd");
    guest.open("dev/stdout", { rights: RIGHTS.READ });
    guest.open("dev/stdin", { rights: RIGHTS.WRITE });
    guest.unchecked("path_filestat_get", [3, 0, ...guest.place("usr"), RESULT]);
    guest.open("w/f/x");
    expect(guest.zrt.denied().map(({ path, wanted }) => [path, wanted])).toEqual([
      ["/etc/passwd", "read"],
      ["/dev/stdout", "read"],
      ["/dev/stdin", "write"],
      ["/usr", "read"],
    ]);
  });

  test("of endlessly many of them it learns the first", () => {
    const guest = new TestGuest();
    for (let count = 0; count < 2100; count++) guest.open(`missing${count}`);
    expect(guest.zrt.denied()).toHaveLength(2048);
  });

  test("of long ones it learns as many as fit, and short ones after them", () => {
    const guest = new TestGuest();
    const long = (count: number): string => `${count % 10}${"/x".repeat(2000)}${count}`;
    for (let count = 0; count < 100; count++) guest.open(long(count));
    guest.open("short");
    const paths = guest.zrt.denied().map(({ path }) => path);
    expect(paths.join("").length).toBeLessThanOrEqual(262_144);
    expect(paths.length).toBeGreaterThan(60);
    expect(paths.at(-1)).toBe("/short");
  });
});
