import { describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import { type ByteSource, bytesOf, type Limits, memorySource } from "../../base/index.ts";
import { type Member, tableOf } from "../../tar/index.ts";
import {
  DeviceNode,
  DirectoryNode,
  type Image,
  type MountOutcome,
  makeDirectories,
  mountImage,
} from "./index.ts";

/** Contents of every file of an image: `size` bytes of this from `dataOffset` on. */
const CONTENTS = "0123456789abcdefghijklmnopqrstuvwxyz";

function member(path: string, kind: Member["kind"], more: Partial<Member> = {}): Member {
  const rest = { mode: 0o644, mtimeSeconds: 1000, mtimeNanos: 7, sizeBytes: 0, dataOffset: 0 };
  return { path, kind, ...rest, ...more };
}

const file = (path: string, dataOffset = 0, sizeBytes = 3): Member =>
  member(path, "file", { dataOffset, sizeBytes });
const directory = (path: string, mode = 0o755): Member => member(path, "directory", { mode });
const symlink = (path: string, link: string): Member => member(path, "symlink", { link });
const hardlink = (path: string, link: string): Member => member(path, "hardlink", { link });

class ImageWorld extends TreeWorld {
  reads = 0;
  #mounts = 0;

  constructor(limits: Partial<Limits> = {}) {
    super(limits);
    const dev = { device: 2049, listsDots: true, readonly: true, isDevices: true };
    const devices = new DirectoryNode(99, dev, 0o500, 0n, this.tree.root);
    this.tree.root.add("dev", devices);
    const device = { stat: () => ({ type: "block", mode: 0o600, sizeBytes: 0 }) };
    devices.add("null", new DeviceNode(98, dev, 0n, device as never));
    expect(this.do("mkdir tmp")).toBe("OK");
  }

  mount(mountpoint: string, members: readonly Member[], more: Partial<Image> = {}): MountOutcome {
    const bytes = memorySource(bytesOf(CONTENTS));
    const source: ByteSource = {
      sizeBytes: bytes.sizeBytes,
      read: (offset, into) => {
        this.reads += 1;
        return bytes.read(offset, into);
      },
    };
    const rest = { readonly: false, meta: "archive", isFolder: false } as const;
    this.#mounts += 1;
    return mountImage(
      this.tree,
      { source, members: tableOf(members), mountpoint, ...rest, ...more },
      this.#mounts,
    );
  }
}

const WELL: MountOutcome = { leftOutCount: 0 };

describe("mountImage", () => {
  test("contents stay in the image until they are read, and are read again each time", () => {
    const world = new ImageWorld();
    expect(world.mount("/", [file("a", 0), file("d/b", 10, 4)])).toEqual(WELL);
    expect(
      world.run("stat a size = 3; stat d/b size = 4; ls d = b; stat a nlink = 1; bytes = 0"),
    ).toEqual([]);
    expect(world.reads).toBe(0);
    expect(world.run("cat a = 012; cat d/b = abcd; cat a = 012; bytes = 0")).toEqual([]);
    expect(world.reads).toBe(3);
  });

  test("copy on write: a changed page is in memory, the image stays", () => {
    const world = new ImageWorld();
    world.mount("/", [file("a", 0, 10), file("b", 0, 10)]);
    expect(
      world.run(
        "open a rw; seek 0 4 set; put 0 XY; cat a = 0123XY6789; cat b = 0123456789; bytes = 256",
      ),
    ).toEqual([]);
    expect(
      world.run(
        "append b Z; cat b = 0123456789Z; truncate b 2; truncate b 4; cat b = 01\0\0; unlink b; bytes = 256",
      ),
    ).toEqual([]);
  });

  test("modes and times come from the archive, or from the session", () => {
    const members = [directory("d", 0o1750), file("d/f"), file("e/g"), symlink("l", "d")];
    const world = new ImageWorld();
    world.mount("/", members);
    expect(
      world.run(
        "stat d mode = 41750; stat d/f mode = 100644; stat d/f mtime = 1000; stat d/f ctime = 1000",
      ),
    ).toEqual([]);
    expect(world.do("stat d/f modifiedNs")).toBe(1_000_000_000_007n);
    expect(
      world.run(
        "stat e mode = 40755; stat e mtime = 100; lstat l mode = 120777; lstat l mtime = 1000; stat d uid = 1001",
      ),
    ).toEqual([]);
    const classic = new ImageWorld();
    classic.mount("/", members, { meta: "classic" });
    expect(
      classic.run(
        "stat d mode = 40700; stat d/f mode = 100700; stat e mode = 40700; stat d/f mtime = 100",
      ),
    ).toEqual([]);
  });

  test("times before 1970", () => {
    const world = new ImageWorld();
    world.mount("/", [member("f", "file", { mtimeSeconds: -2, mtimeNanos: 5 })]);
    expect(world.do("stat f modifiedNs")).toBe(-1_999_999_995n);
  });

  test("the root of the archive describes the mountpoint", () => {
    const world = new ImageWorld();
    world.mount("/m", [directory("", 0o711), file("f")]);
    expect(world.run("stat m mode = 40711; stat m mtime = 1000; cat m/f = 012")).toEqual([]);
  });

  test("the mountpoint is made with those above it, or used as it is", () => {
    const world = new ImageWorld();
    expect(world.mount("/usr/share/x", [file("f")])).toEqual(WELL);
    expect(
      world.run("stat usr mode = 40755; stat usr/share/x mode = 40755; cat usr/share/x/f = 012"),
    ).toEqual([]);
    expect(world.mount("relative//./path/", [file("f")])).toEqual(WELL);
    expect(world.do("cat /relative/path/f")).toBe("012");
    world.run("mkdir real; symlink real link");
    expect(world.mount("/link/../link/sub", [file("f")])).toEqual(WELL);
    expect(world.do("cat /real/sub/f")).toBe("012");
  });

  test.each([
    ["a file", "/f", 20],
    ["below a file", "/f/x/y", 20],
    ["/dev", "/dev", 1],
    ["below /dev", "/dev/new", 1],
    ["a device", "/dev/null", 20],
    ["a name that is too long", `/new/${"n".repeat(256)}`, 36],
    ["a NUL", "/a\0b", 22],
    ["a loop", "/loop", 40],
  ])("a mountpoint that is %s: nothing is made", (_, mountpoint, errno) => {
    const world = new ImageWorld();
    world.run("create f abc; symlink loop loop");
    expect(world.mount(mountpoint, [file("x")])).toEqual({
      failure: { errno, path: "" },
      leftOutCount: 0,
    });
    expect(
      world.run("ls / = dev tmp f loop; ls /dev = null; cat f = abc; stat /dev device = 2049"),
    ).toEqual([]);
  });

  test("later members and later images win, directories merge", () => {
    const world = new ImageWorld();
    world.mount("/", [file("d/a", 0), file("d/b", 1), file("d/a", 2), symlink("d/l", "a")]);
    expect(
      world.mount("/", [directory("d", 0o700), file("d/b", 5), file("d/c", 6), file("d/l", 7)]),
    ).toEqual(WELL);
    expect(
      world.run(
        "ls d = a b c l; cat d/a = 234; cat d/b = 567; cat d/c = 678; cat d/l = 789; stat d mode = 40700",
      ),
    ).toEqual([]);
  });

  test("what was replaced gives its place back", () => {
    const world = new ImageWorld({ "fs-nodes": 4 });
    expect(
      world.mount("/", [file("a"), file("a"), hardlink("b", "a"), file("b"), file("b")]),
    ).toEqual(WELL);
    expect(world.run("stat a nlink = 1; mkdir x; mkdir y = ENOSPC; unlink a; mkdir y")).toEqual([]);
  });

  test.each<[string, Member, number]>([
    ["a file where a directory is", file("d"), 21],
    ["a link where a directory is", symlink("d", "f"), 21],
    ["a hard link where a directory is", hardlink("d", "a"), 21],
    ["a directory where a file is", directory("f"), 20],
    ["a member below a file", file("f/x"), 20],
    ["a hard link to nothing", hardlink("h", "no"), 2],
    ["a hard link to a directory", hardlink("h", "d"), 1],
    ["a member behind a dangling link", file("dangling/x"), 2],
    ["a member behind a loop", file("loop/x"), 40],
  ])("a conflict ends the mount: %s", (_, conflict, errno) => {
    const world = new ImageWorld();
    world.run("mkdir d; create d/kept abc; create f abc; symlink no dangling; symlink loop loop");
    const outcome = world.mount("/", [file("a"), conflict, file("z")]);
    expect(outcome).toEqual({ failure: { errno, path: conflict.path }, leftOutCount: 0 });
    expect(
      world.run("cat a = 012; stat z = ENOENT; cat d/kept = abc; cat f = abc; stat a nlink = 1"),
    ).toEqual([]);
  });

  test("a full tree ends the mount", () => {
    const world = new ImageWorld({ "fs-nodes": 3 });
    const outcome = world.mount("/", [file("a"), file("d/b"), file("c")]);
    expect(outcome.failure).toEqual({ errno: 28, path: "d/b" });
    expect(world.run("ls / = dev tmp a d; ls d =; hits = fs-nodes")).toEqual([]);
    const other = new ImageWorld({ "fs-nodes": 3 });
    expect(other.mount("/x/y/z", []).failure).toEqual({ errno: 28, path: "" });
    expect(other.run("ls / = dev tmp; mkdir a; mkdir b; mkdir c = ENOSPC")).toEqual([]);
    const links = new ImageWorld({ "fs-nodes": 2 });
    expect(links.mount("/", [file("a"), hardlink("b", "a")]).failure).toEqual({
      errno: 28,
      path: "b",
    });
    expect(links.do("stat a nlink")).toBe(1);
  });

  test("hard links", () => {
    const world = new ImageWorld();
    const members = [
      file("d/a", 3),
      hardlink("b", "d/a"),
      hardlink("b", "b"),
      symlink("s", "b"),
      hardlink("t", "s"),
    ];
    expect(world.mount("/m", members)).toEqual(WELL);
    expect(
      world.run(
        "stat m/b nlink = 2; write m/b X; cat m/d/a = X45; readlink m/t = b; lstat m/t nlink = 2; unlink m/d/a; stat m/b nlink = 1",
      ),
    ).toEqual([]);
  });

  test("directories that are links", () => {
    const world = new ImageWorld();
    const members = [
      directory("usr/lib"),
      symlink("lib", "usr/lib"),
      file("lib/a"),
      file("usr/lib/b"),
    ];
    expect(world.mount("/", members)).toEqual(WELL);
    expect(world.run("ls usr/lib = a b; cat lib/b = 012; lstat lib mode = 120777")).toEqual([]);
  });

  test("a link that is replaced leads elsewhere at once", () => {
    const world = new ImageWorld();
    const members = [
      directory("x"),
      directory("y"),
      symlink("l", "x"),
      file("l/a"),
      symlink("l", "y"),
      file("l/b"),
    ];
    expect(world.mount("/", members)).toEqual(WELL);
    expect(world.run("ls x = a; ls y = b")).toEqual([]);
  });

  describe("a link may replace our own /tmp", () => {
    function worldOfOurs(): ImageWorld {
      const world = new ImageWorld();
      world.run("rmdir tmp");
      makeDirectories(world.tree, "tmp", { mode: 0o777 });
      return world;
    }
    const link = symlink("tmp", "var/tmp");

    test("while it is empty; what follows in the archive goes through the link", () => {
      const world = worldOfOurs();
      const members = [directory("var/tmp"), link, file("tmp/f"), file("z")];
      expect(world.mount("/", members)).toEqual(WELL);
      expect(
        world.run("readlink tmp = var/tmp; ls var/tmp = f; create tmp/g; cat z = 012"),
      ).toEqual([]);
    });

    test.each<[string, (world: ImageWorld) => void, Member]>([
      ["with something in it", (world) => world.run("create tmp/f"), link],
      ["an image has told of it", (world) => world.mount("/", [directory("tmp")]), link],
      ["an image is mounted on it", (world) => world.mount("/tmp", []), link],
      ["what comes is a file", () => {}, file("tmp")],
    ])("not: %s", (_name, before, member) => {
      const world = worldOfOurs();
      before(world);
      const failure = { errno: 21, path: "tmp" };
      expect(world.mount("/", [member])).toEqual({ failure, leftOutCount: 0 });
    });

    test("nor a tmp elsewhere, nor another directory that we made", () => {
      const world = worldOfOurs();
      makeDirectories(world.tree, "a/tmp", { mode: 0o777 });
      const outcome = { failure: { errno: 21, path: "a/tmp" }, leftOutCount: 0 };
      expect(world.mount("/", [symlink("a/tmp", "x")])).toEqual(outcome);
      expect(world.mount("/", [symlink("a", "x")]).failure?.errno).toBe(21);
    });
  });

  test("what leads into /dev or out of the image is left out, the rest stands", () => {
    const world = new ImageWorld();
    world.run("mkdir m; mkdir outside");
    const members = [
      directory("dev", 0o777),
      file("dev/null"),
      file("dev/pts/0"),
      symlink("d", "dev"),
      file("d/x"),
      hardlink("dev/h", "a"),
      file("a"),
    ];
    expect(world.mount("/", members)).toEqual({ leftOutCount: 5 });
    expect(
      world.run("cat a = 012; ls dev = null; stat dev mode = 40500; stat a nlink = 1"),
    ).toEqual([]);
    expect(world.mount("/m", [symlink("up", "../outside"), file("up/x"), file("a")])).toEqual({
      leftOutCount: 1,
    });
    expect(world.run("ls outside =; cat m/a = 012")).toEqual([]);
    expect(world.mount("/", [file("dev")])).toEqual({ leftOutCount: 1 });
  });
});

describe("volumes", () => {
  const members = [directory("d"), file("d/f"), file("g"), symlink("l", "g")];

  test("readonly: EROFS for every change, also to what was there before", () => {
    const world = new ImageWorld();
    world.run("mkdir m; mkdir m/old; create m/old/f abc; create out; mkdir outdir");
    expect(world.mount("/m", members, { readonly: true })).toEqual(WELL);
    const script = `open m/g w = EROFS; open m/g rw = EROFS; open m/g wt = EROFS; open m/new wc = EROFS; open m/g rc = 0
      truncate m/g 0 = EROFS; mkdir m/x = EROFS; mkdir m/d = EEXIST; rmdir m/d = EROFS; unlink m/g = EROFS
      symlink x m/x = EROFS; link m/g m/x = EROFS; link m/g x = EXDEV; link out m/x = EXDEV
      rename m/g m/x = EROFS; rename m/g x = EXDEV; rename out m/x = EXDEV; rename outdir m/x = EXDEV
      rename m/d m/e = EROFS; rename m x = EBUSY; rmdir m = EBUSY; rename outdir m = EBUSY
      open m/old/f w = EROFS; mkdir m/old/x = EROFS; unlink m/l = EROFS; open m/l w = EROFS
      cat m/g = 012; cat m/old/f = abc; open m/g rt = 1; stat m device = 4097; stat m/old/f device = 4097
      stat / device = 0; write out a; open m/nothing w = ENOENT; unlink m/nothing = ENOENT`;
    expect(world.run(script)).toEqual([]);
  });

  test("readonly on the root: /tmp stays a place to write, /dev and mounts below stay", () => {
    const world = new ImageWorld();
    world.run("mkdir old");
    world.mount("/sub", [file("f")], { isFolder: true });
    expect(world.mount("/", [...members, file("tmp/t")], { readonly: true })).toEqual(WELL);
    const script = `mkdir x = EROFS; mkdir old/x = EROFS; write g a = EROFS; create tmp/f a; mkdir tmp/d
      write tmp/t X; cat tmp/t = X12; rmdir tmp = EBUSY; rename tmp x = EBUSY; create sub/new a
      stat dev device = 2049; stat sub device = 4097; stat / device = 4098; stat tmp device = 0`;
    expect(world.run(script)).toEqual([]);
  });

  test("a mountpoint is made even inside a read-only image", () => {
    const world = new ImageWorld();
    world.mount("/m", members, { readonly: true });
    expect(world.mount("/m/d/new/top", [file("f")])).toEqual(WELL);
    expect(
      world.run("create m/d/new/top/x a; create m/d/new/x = EROFS; stat m/d/new/top device = 0"),
    ).toEqual([]);
  });

  test("a folder is a volume of its own and lists dots", () => {
    const world = new ImageWorld();
    world.mount("/folder", members, { isFolder: true });
    const script = `stat folder device = 4097; stat folder/d/f device = 4097; write folder/g X; cat folder/g = X12
      create folder/d/new a; stat folder/d/new device = 4097; rename folder/g folder/d/g; rename folder/d/g /g = EXDEV
      rmdir folder = EBUSY; mkdir folder/x; rmdir folder/x`;
    expect(world.run(script)).toEqual([]);
    const node = world.node("folder/d");
    expect(typeof node !== "number" && node.volume.listsDots).toBe(true);
    expect(world.tree.root.volume.listsDots).toBe(false);
  });

  test("an archive that may be written joins the volume it is mounted on", () => {
    const world = new ImageWorld();
    world.mount("/folder", members, { isFolder: true });
    world.mount("/folder/d", [file("more")]);
    world.mount("/", [file("top")]);
    expect(
      world.run(
        "stat folder/d/more device = 4097; rename folder/d/more folder/more; stat top device = 0; stat folder device = 4097",
      ),
    ).toEqual([]);
  });
});

describe("size", () => {
  test("200 000 members are entered into one directory", () => {
    const world = new ImageWorld();
    const flat = Array.from({ length: 200_000 }, (_, index) => file(`f${index}`));
    expect(world.mount("/", flat)).toEqual(WELL);
    expect(world.run("stat f199999 size = 3; unlink f0; unlink f199998")).toEqual([]);
  });

  test("paths as deep as an archive can have them", () => {
    const world = new ImageWorld();
    const deep = Array.from({ length: 2000 }, () => "d").join("/");
    expect(world.mount("/", [file(`${deep}/f`)])).toEqual(WELL);
    expect(world.do(`stat ${deep}/f size`)).toBe(3);
  });
});
