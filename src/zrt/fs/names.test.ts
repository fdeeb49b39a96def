import { describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";

/** Each row: what it is about, and a script in which every answer is checked. */
function table(rows: readonly (readonly [string, string])[]): void {
  test.each(rows)("%s", (_, script) => {
    expect(new TreeWorld().run(script)).toEqual([]);
  });
}

describe("open", () => {
  table([
    ["a missing file", "open x r = ENOENT; open d/x rwc = ENOENT; open '' r = ENOENT"],
    ["a path through a file", "create f; open f/x r = ENOTDIR; open f/x wc = ENOTDIR"],
    ["exclusive on what exists", "create f; mkdir d; open f wcx = EEXIST; open d wcx = EEXIST"],
    [
      "exclusive on links, dangling or not",
      "create f; symlink f l; symlink no k; open l wcx = EEXIST; open k wcx = EEXIST; ls / = f l k",
    ],
    [
      "a directory for writing",
      "mkdir d; open d w = EISDIR; open d rw = EISDIR; open d rt = EISDIR; open d rc = EISDIR",
    ],
    [
      "a directory for listing",
      "mkdir d; open d r = 0; open d rd = 1; open d/ r = 2; open / r = 3",
    ],
    ["a file as a directory", "create f; open f rd = ENOTDIR; open f/ r = ENOTDIR"],
    ["a new file with a slash behind it", "open f/ wc = EISDIR; stat f = ENOENT"],
    ["a new file that should be a directory", "open f rcd = EINVAL; stat f = ENOENT"],
    [
      "truncation needs a write mode",
      "create f abc; open f rt = 0; cat f = abc; open f wt = 1; cat f =",
    ],
    ["a last symbolic link unfollowed", "create f; symlink f l; open l rn = ELOOP; open l r = 0"],
    ["creation through a dangling link", "symlink f l; open l wc = 0; ls / = l f; stat f size = 0"],
    [
      "neither reading nor writing",
      "create f abc; open f '' = 0; get 0 1 = EINVAL; put 0 a = EINVAL",
    ],
    ["the lowest free descriptor", "create f; open f r = 0; open f r = 1; close 0; open f r = 0"],
    ["modes without the umask", "umask 022; create f a 0666; stat f mode = 100644"],
    ["modes that the umask leaves", "umask 022; create f a 0444; stat f mode = 100444"],
    [
      "a mode for one creation, also a failed one",
      "mkdir d 0700; mkdir d 0711 = EEXIST; mkdir e; stat e mode = 40777",
    ],
    [
      "the mode of a file that was there stays",
      "create f a 0600; create f b 0644; stat f mode = 100600",
    ],
  ]);
});

describe("stat", () => {
  table([
    [
      "what is missing",
      "stat x = ENOENT; stat d/x = ENOENT; stat '' = ENOENT; create f; stat f/x = ENOTDIR",
    ],
    [
      "the root",
      "stat / mode = 40000; stat / ino = 1; stat / nlink = 2; stat / size = 0; stat / uid = 1001",
    ],
    [
      "a file",
      "create f abc; stat f nlink = 1; stat f uid = 1001; stat f gid = 1002; stat f size = 3; stat f device = 0",
    ],
    ["block sizes", "create f abc; stat f blockBytes = 1024; stat f blocks = 0"],
    [
      "links of a directory",
      "mkdir d; stat d nlink = 2; mkdir d/e; stat d nlink = 3; rmdir d/e; stat d nlink = 2; create d/f; stat d nlink = 2",
    ],
    [
      "inode numbers are never used again",
      "create a; stat a ino = 2; unlink a; create b; stat b ino = 3",
    ],
    [
      "a link by itself and what it leads to",
      "create f abc; symlink f l; lstat l mode = 120777; lstat l size = 1; stat l size = 3",
    ],
    [
      "slashes and dots",
      "mkdir d; create d/f abc; stat //d//.//f size = 3; stat d/../d/./f size = 3; stat d/ ino = 2; stat /../d ino = 2",
    ],
    [
      "a slash behind a file",
      "create f; stat f/ = ENOTDIR; lstat f/ = ENOTDIR; stat f/. = ENOTDIR",
    ],
    [
      "names of any bytes",
      "mkdir \xe7\x77\xf0; create \xe7\x77\xf0/\x01 a; cat \xe7\x77\xf0/\x01 = a; ls / = \xe7\x77\xf0",
    ],
  ]);
});

describe("mkdir and rmdir", () => {
  table([
    [
      "what exists",
      "create f; mkdir d; mkdir f = EEXIST; mkdir d = EEXIST; mkdir / = EEXIST; mkdir . = EEXIST; mkdir d/.. = EEXIST",
    ],
    [
      "below what is missing or a file",
      "mkdir x/y = ENOENT; create f; mkdir f/y = ENOTDIR; mkdir '' = ENOENT",
    ],
    ["a slash at the end", "mkdir d/; stat d; rmdir d/; stat d = ENOENT"],
    ["the mode without the umask", "umask 027; mkdir d 0777; stat d mode = 40750"],
    ["special bits", "mkdir d 1777; stat d mode = 41777"],
    [
      "names of 255 bytes",
      "mkdir {255}; rmdir {255}; mkdir {256} = ENAMETOOLONG; rmdir {256} = ENAMETOOLONG",
    ],
    [
      "rmdir: what is missing, a file, not empty",
      "rmdir x = ENOENT; create f; rmdir f = ENOTDIR; rmdir f/x = ENOTDIR; mkdir d; create d/f; rmdir d = ENOTEMPTY",
    ],
    [
      "rmdir: the root and dots",
      "rmdir / = EBUSY; mkdir d; rmdir d/. = EINVAL; mkdir d/e; rmdir d/e/.. = ENOTEMPTY; rmdir .. = EBUSY",
    ],
    [
      "rmdir: a link to a directory",
      "mkdir d; symlink d l; rmdir l = ENOTDIR; rmdir l/ = ENOTDIR; stat d",
    ],
    ["mkdir over links", "symlink no l; mkdir l = EEXIST; mkdir l/ = EEXIST; stat no = ENOENT"],
    [
      "the times of the directory above",
      "mkdir d; sleep 5; mkdir d/e; stat d mtime = 105; stat d ctime = 105; sleep 5; rmdir d/e; stat d mtime = 110",
    ],
    [
      "a directory that is open lives on without names",
      "mkdir d; open d r = 0; rmdir d; fstat 0 nlink = 0; mkdir d; stat d nlink = 2",
    ],
  ]);

  test("a directory that was removed while open takes no new names", () => {
    const world = new TreeWorld();
    world.run("mkdir d; open d r");
    const start = world.descriptors.get(0)?.node;
    expect(world.run("rmdir d")).toEqual([]);
    if (start?.kind !== "directory") throw new Error("no directory");
    expect(world.tree.lookUp({ start, ceiling: world.tree.root }, "x", true)).toBe(2);
    expect(world.tree.find({ start, ceiling: world.tree.root }, "..", true)).toBe(2);
    expect(world.tree.find({ start, ceiling: world.tree.root }, ".", true)).toBe(start);
    // It does not hold those above it either, which may be gone for long.
    expect(start.parent).toBeUndefined();
  });
});

describe("unlink", () => {
  table([
    [
      "what is missing or a directory",
      "unlink x = ENOENT; mkdir d; unlink d = EISDIR; unlink d/ = EISDIR; unlink / = EISDIR",
    ],
    ["through a file", "create f; unlink f/x = ENOTDIR; unlink f/ = ENOTDIR"],
    ["a link, not what it leads to", "create f; symlink f l; unlink l; stat f; lstat l = ENOENT"],
    ["a link with a slash", "mkdir d; symlink d l; unlink l/ = ENOTDIR; lstat l"],
    ["times", "create f; link f g; sleep 5; unlink f; stat g ctime = 105; stat / mtime = 105"],
    [
      "an open file lives on",
      `create f abc; open f rw = 0; unlink f; stat f = ENOENT; fstat 0 nlink = 0; get 0 9 = abc
       put 0 def = 3; fstat 0 size = 6; create f new; cat f = new; seek 0 0 set; get 0 9 = abcdef
       close 0; cat f = new; close 0 = EBADF; put 0 x = EBADF; get 0 1 = EBADF`,
    ],
    [
      "a directory whose only file is open goes",
      "mkdir d; create d/f abc; open d/f r = 0; unlink d/f; ls d =; rmdir d; get 0 3 = abc",
    ],
    [
      "storage goes with the last descriptor",
      "create f abc; bytes = 256; open f rw = 0; dup 0 = 1; unlink f; close 0; get 1 3 = abc; bytes = 256; close 1; bytes = 0",
    ],
  ]);
});

describe("hard links", () => {
  table([
    [
      "one node with two names",
      "create f abc; link f g; stat f nlink = 2; stat g nlink = 2; stat g ino = 2; cat g = abc; write g xyz; cat f = xyz",
    ],
    [
      "mode and owner through both",
      "create f abc 0640; link f g; stat g mode = 100640; stat g uid = 1001",
    ],
    [
      "removing one",
      "create f abc; link f g; unlink f; stat g nlink = 1; cat g = abc; bytes = 256; unlink g; bytes = 0",
    ],
    [
      "the new name exists",
      "create f; create g; mkdir d; symlink x l; link f g = EEXIST; link f d = EEXIST; link f l = EEXIST; link f f = EEXIST; link f / = EEXIST",
    ],
    [
      "the old name is missing",
      "link x y = ENOENT; create f; link f x/y = ENOENT; link x/y z = ENOENT",
    ],
    ["through a file", "create f; link f f/x = ENOTDIR; link f/x y = ENOTDIR; link f/ g = ENOTDIR"],
    ["a directory", "mkdir d; link d e = EPERM; link / e = EPERM; link d/ e = EPERM"],
    ["a new name with a slash", "create f; link f g/ = ENOENT"],
    [
      "of a symbolic link, the link itself",
      "create f; symlink f l; link l m; lstat m mode = 120777; readlink m = f; lstat l nlink = 2",
    ],
    [
      "times",
      "create f; sleep 5; link f g; stat f ctime = 105; stat f mtime = 100; stat / mtime = 105",
    ],
    ["too long names", "create f; link f {255}; link f {256} = ENAMETOOLONG"],
    [
      "through an opened descriptor",
      "create f abc; link f g; open g r = 0; fstat 0 ino = 2; fstat 0 nlink = 2",
    ],
  ]);
});

describe("symbolic links", () => {
  table([
    [
      "relative and absolute",
      "mkdir d; create d/f abc; symlink f d/l; symlink /d/f m; cat d/l = abc; cat m = abc; readlink m = /d/f",
    ],
    [
      "in the middle of a path",
      "mkdir d; create d/f abc; symlink d l; cat l/f = abc; symlink .. d/up; cat d/up/d/f = abc; symlink / d/top; cat d/top/d/f = abc",
    ],
    [
      "`..` behind a link climbs from where it leads",
      "mkdir a; mkdir a/b; create a/f abc; symlink a/b l; cat l/../f = abc",
    ],
    ["dangling", "symlink no l; stat l = ENOENT; lstat l; cat l = ENOENT; open l/ r = ENOENT"],
    [
      "loops",
      "symlink l l; stat l = ELOOP; symlink b a; symlink a b; cat a = ELOOP; open a wc = ELOOP; lstat a; unlink a; stat l/x = ELOOP",
    ],
    [
      "a target that is a file, with a slash",
      "create f; symlink f l; stat l/ = ENOTDIR; symlink f/ m; stat m = ENOTDIR",
    ],
    ["a target with a slash", "mkdir d; symlink d/ l; stat l ino = 2; create l/f a; cat d/f = a"],
    [
      "a link with a slash leads on",
      "mkdir d; symlink d l; lstat l/ ino = 2; stat l/. ino = 2; readlink l/ = EINVAL",
    ],
    [
      "what is there already",
      "create f; symlink x f = EEXIST; mkdir d; symlink x d = EEXIST; symlink x d/ = EEXIST; symlink x n/ = ENOENT",
    ],
    [
      "an empty target, and long ones",
      "symlink '' l = ENOENT; symlink {4095} l; lstat l size = 4095; symlink {4096} m = ENAMETOOLONG; stat l = ENAMETOOLONG",
    ],
    [
      "readlink of what is none",
      "create f; mkdir d; readlink f = EINVAL; readlink d = EINVAL; readlink x = ENOENT",
    ],
    [
      "a new file through a chain",
      "mkdir d; symlink d/f a; symlink a b; create b abc; cat d/f = abc",
    ],
  ]);

  test.each([
    [40, "OK"],
    [41, "ELOOP"],
  ])("a chain of %i", (hops, answer) => {
    const world = new TreeWorld();
    expect(world.run("create l0")).toEqual([]);
    for (let hop = 1; hop <= hops; hop++) world.do(`symlink l${hop - 1} l${hop}`);
    expect(world.do(`stat l${hops}`)).toBe(answer);
    expect(world.do(`open l${hops} r`)).toBe(answer === "OK" ? 0 : answer);
  });

  test("hops count for the whole path", () => {
    const world = new TreeWorld();
    expect(world.run("mkdir d; symlink . d/l")).toEqual([]);
    expect(world.do(`stat d${"/l".repeat(40)}`)).toBe("OK");
    expect(world.do(`stat d${"/l".repeat(41)}`)).toBe("ELOOP");
  });
});

describe("rename", () => {
  table([
    [
      "a file, to a new name and over a file",
      "create f abc; rename f g; stat f = ENOENT; cat g = abc; stat g ino = 2; create h old; rename g h; cat h = abc; stat h ino = 2; ls / = h",
    ],
    [
      "data of the replaced file goes",
      "create f abc; create g def; bytes = 512; rename f g; bytes = 256",
    ],
    ["the mode stays", "create f abc 0640; rename f g; stat g mode = 100640"],
    [
      "what is missing",
      "rename x y = ENOENT; create f; rename f x/y = ENOENT; rename x f = ENOENT; rename '' f = ENOENT; rename f '' = ENOENT",
    ],
    [
      "through a file",
      "create f; create g; rename f g/x = ENOTDIR; rename f/x g = ENOTDIR; rename f/ h = ENOTDIR; rename f h/ = ENOTDIR",
    ],
    [
      "a directory, with what it holds",
      "mkdir d; create d/f abc; rename d e; stat d = ENOENT; stat d/f = ENOENT; cat e/f = abc; unlink e/f; rmdir e",
    ],
    [
      "a directory onto a file, as the original does",
      "mkdir d; create d/g a; create f; rename d f; cat f/g = a; ls / = f",
    ],
    [
      "a directory onto an empty one",
      "mkdir d; create d/f a; mkdir e; rename d e; cat e/f = a; stat / nlink = 3",
    ],
    [
      "a directory onto one that is not empty",
      "mkdir d; mkdir e; create e/f; rename d e = ENOTEMPTY; rename d / = EBUSY",
    ],
    ["a file onto a directory", "create f; mkdir d; rename f d = EISDIR; rename f d/ = ENOTDIR"],
    [
      "a directory into itself",
      "mkdir d; mkdir d/e; rename d d/x = EINVAL; rename d d/e/x = EINVAL; rename d d/e = EINVAL; stat d/e",
    ],
    [
      "onto a directory that it is in",
      "mkdir d; mkdir d/e; create d/f; rename d/e d = ENOTEMPTY; rename d/f d = ENOTEMPTY",
    ],
    [
      "the same name",
      "create f abc; rename f f; cat f = abc; mkdir d; rename d d; stat d; rename d ./d/; stat d",
    ],
    ["two names of one file", "create f abc; link f g; rename f g; ls / = f g; stat f nlink = 2"],
    [
      "dots",
      "mkdir d; rename d/. e = EBUSY; rename d/.. e = EBUSY; rename d . = EBUSY; rename / e = EBUSY; rename d .. = EBUSY",
    ],
    [
      "a link, not what it leads to",
      "create f abc; symlink f l; rename l m; readlink m = f; create g; rename m g; readlink g = f; cat f = abc",
    ],
    [
      "links with slashes",
      "mkdir d; symlink d l; rename l/ m = ENOTDIR; mkdir e; rename e l/ = ENOTDIR; lstat l; rename d/ n/; stat n",
    ],
    [
      "counts of links",
      "mkdir a; mkdir b; mkdir a/d; rename a/d b/d; stat a nlink = 2; stat b nlink = 3; stat b/d/.. ino = 3",
    ],
    [
      "times",
      "mkdir a; mkdir b; create a/f; sleep 5; rename a/f b/f; stat a mtime = 105; stat b mtime = 105; stat b/f ctime = 105; stat b/f mtime = 100",
    ],
    [
      "open files go along",
      "create f abc; create g def; open f r = 0; open g r = 1; rename f g; get 0 9 = abc; get 1 9 = def; fstat 1 nlink = 0",
    ],
    [
      "names of 255 bytes",
      "create f; rename f {255}; rename {255} {256} = ENAMETOOLONG; rename {256} g = ENAMETOOLONG",
    ],
  ]);
});

describe("long paths", () => {
  test("4095 bytes are a path, 4096 are too long, for every call", () => {
    const world = new TreeWorld();
    const path = "./".repeat(2046);
    expect(world.do(`create ${path}abc text`)).toBe("OK");
    expect(world.do(`stat ${path}abc size`)).toBe(4);
    for (const command of ["stat", "mkdir", "rmdir", "unlink", "create", "truncate", "readlink"]) {
      expect(world.do(`${command} ${path}abcd`)).toBe("ENAMETOOLONG");
    }
    for (const command of ["rename", "link", "symlink"]) {
      expect(world.do(`${command} abc ${path}abcd`)).toBe("ENAMETOOLONG");
    }
  });
});

describe("long names count as contents do", () => {
  test.each<readonly [string, string]>([
    ["from the 33rd byte on", "create {32}; bytes = 0; create {33}; bytes = 1"],
    ["of every kind", "mkdir {40}; bytes = 8; link f {41}; bytes = 17; symlink x {42}; bytes = 28"],
    [
      "and give their place back",
      "create {255}; bytes = 223; unlink {255}; mkdir {100}; rmdir {100}; bytes = 0",
    ],
    [
      "when renamed",
      "rename f {40}; bytes = 8; rename {40} {36}; bytes = 4; rename {36} g; bytes = 0",
    ],
    [
      "when one replaces another",
      "create {40}; create {50}; rename {40} {50}; bytes = 18; unlink {50}; bytes = 0",
    ],
    [
      "one link at a time",
      "link f {40}; link f {50}; bytes = 26; unlink {40}; bytes = 18; stat f nlink = 2",
    ],
  ])("%s", (_, script) => {
    const world = new TreeWorld();
    world.run("create f");
    expect(world.run(script)).toEqual([]);
  });

  test("one that finds no room is ENOSPC and leaves nothing behind", () => {
    const world = new TreeWorld({ "fs-bytes": 10, "fs-nodes": 3 });
    const script = `create f; open {43} wc = ENOSPC; mkdir {43} = ENOSPC; symlink x {43} = ENOSPC
      link f {43} = ENOSPC; rename f {43} = ENOSPC; ls / = f; stat f nlink = 1; bytes = 0
      create {42}; bytes = 10; rename f {42}; bytes = 10; mkdir a; mkdir b; ls / = {42} a b`;
    expect(world.run(script.replace("ls / = {42} a b", `ls / = ${"n".repeat(42)} a b`))).toEqual(
      [],
    );
    expect(world.do("hits")).toBe("fs-bytes");
  });
});
