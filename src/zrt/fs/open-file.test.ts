import { describe, expect, test } from "vitest";
import { TreeWorld } from "../../../test/support/tree-world.ts";
import { bytesOf } from "../../base/index.ts";
import { PAGE_BYTES } from "./file-data.ts";

function table(rows: readonly (readonly [string, string])[]): void {
  test.each(rows)("%s", (_, script) => {
    expect(new TreeWorld().run(script)).toEqual([]);
  });
}

describe("reading and writing", () => {
  table([
    [
      "the wrong direction",
      "create f abc; open f r = 0; open f w = 1; put 0 x = EINVAL; get 1 1 = EINVAL; pput 0 x 0 = EINVAL; pget 1 1 0 = EINVAL",
    ],
    [
      "a directory",
      "open / r = 0; get 0 1 = EISDIR; put 0 a = EISDIR; pget 0 1 0 = EISDIR; pput 0 a 0 = EISDIR; seek 0 0 set = EBADF; ftruncate 0 1 = EISDIR; allocate 0 1 = ENODEV",
    ],
    [
      "a closed descriptor",
      "get 5 1 = EBADF; put 5 a = EBADF; close 5 = EBADF; close -1 = EBADF; close 10000 = EBADF; fstat 5 = EBADF",
    ],
    [
      "the end, and behind it",
      "create f abc; open f rw = 0; get 0 9 = abc; get 0 9 =; seek 0 100 set = 100; get 0 9 =; get 0 0 =",
    ],
    [
      "a gap is zeros",
      "open f rwc = 0; put 0 ab = 2; seek 0 2 current = 4; put 0 cd = 2; cat f = ab\0\0cd",
    ],
    [
      "seeking",
      "create f abcdefghijk; open f r = 0; seek 0 -5 end = 6; seek 0 -1 set = EINVAL; seek 0 -7 current = EINVAL; seek 0 0 current = 6; seek 0 2147483648 set = 2147483648; seek 0 9007199254740992 set = EINVAL",
    ],
    [
      "over 2 GiB",
      "open f rwc = 0; seek 0 2147483648 set; put 0 hello-world = 11; fstat 0 size = 2147483659; seek 0 -11 end = 2147483648; get 0 99 = hello-world; bytes = 256",
    ],
    [
      "positional calls leave the position",
      "create f abcdef; open f rw = 0; get 0 1 = a; pget 0 2 3 = de; pput 0 XY 1 = 2; get 0 2 = XY; fstat 0 size = 6",
    ],
    [
      "append writes at the end, wherever the position is",
      "create f abc; open f rwa = 0; open f w = 1; seek 0 0 set; put 0 de = 2; seek 1 0 end; put 1 f = 1; put 0 g = 1; cat f = abcdefg; seek 0 0 current = 7",
    ],
    [
      "two descriptions, one file",
      "create f abc; open f r = 0; open f w = 1; put 1 xyzw = 4; get 0 9 = xyzw; seek 1 0 current = 4",
    ],
    [
      "duplicates share the position",
      "create f abcdef; open f r = 0; dup 0 = 1; get 0 2 = ab; get 1 2 = cd; close 0; get 1 2 = ef; get 0 1 = EBADF",
    ],
    [
      "dup2",
      "create f abc; create g def; open f r = 0; open g r = 1; dup2 0 1; get 1 1 = a; get 0 1 = b; dup2 0 0; dup2 7 0 = EBADF; dup2 0 1000 = EBADF; dup2 0 9; get 9 1 = c; close 0; close 1; open g r = 0",
    ],
    [
      "dup2 onto its own duplicate",
      "create f abc; open f r = 0; dup 0 = 1; dup2 0 1; close 0; get 1 1 = a; close 1; get 1 1 = EBADF",
    ],
    [
      "renumber",
      "create f abc; create g def; open f r = 0; open g r = 1; renumber 0 1; get 1 1 = a; get 0 1 = EBADF; renumber 1 1; renumber 5 1 = EBADF; renumber 1 5 = EBADF",
    ],
  ]);

  test("several spans are one transfer, up to the end", () => {
    const world = new TreeWorld();
    world.run("create f abcdefgh; open f rw");
    const memory = new Uint8Array(16).fill(0x2e);
    const file = world.descriptors.get(0);
    const spans = { pairs: [1, 3, 6, 0, 8, 9], count: 3, totalBytes: 12 };
    expect(file?.read(memory, spans)).toBe(8);
    expect(Buffer.from(memory).toString()).toBe(".abc....defgh...");
    expect(file?.write(memory, { pairs: [1, 3, 8, 2], count: 2, totalBytes: 5 })).toBe(5);
    expect(world.do("cat f")).toBe("abcdefghabcde");
  });
});

describe("truncate", () => {
  table([
    [
      "shrinks and grows with zeros",
      "create f abcdef; truncate f 3; cat f = abc; truncate f 5; cat f = abc\0\0; stat f size = 5",
    ],
    [
      "leaves the position",
      "create f abcdefghijk; open f rw = 0; seek 0 10 set; ftruncate 0 9; seek 0 0 current = 10; get 0 1 =; put 0 x = 1; fstat 0 size = 11",
    ],
    [
      "needs a descriptor for writing",
      "create f abcdef; open f r = 0; seek 0 5 set; ftruncate 0 1 = EINVAL; seek 0 0 current = 5; fstat 0 size = 6",
    ],
    [
      "by path: its errors",
      "truncate x 1 = ENOENT; mkdir d; truncate d 1 = EISDIR; create f; truncate f/x 1 = ENOTDIR; truncate {256} 1 = ENAMETOOLONG",
    ],
    [
      "a huge size",
      "create f abc; truncate f 9007199254740991; stat f size = 9007199254740991; truncate f 9007199254740992 = EFBIG; bytes = 256",
    ],
    [
      "times",
      "create f abc; sleep 5; truncate f 1; stat f mtime = 105; stat f ctime = 105; sleep 5; truncate f 9007199254740992 = EFBIG; stat f mtime = 105",
    ],
    [
      "allocate only grows",
      "open f rwc = 0; put 0 abc; allocate 0 2; fstat 0 size = 3; allocate 0 5; cat f = abc\0\0; open f r = 1; allocate 1 9 = EINVAL",
    ],
  ]);
});

describe("times", () => {
  table([
    [
      "creation, writing, reading",
      "sleep 1; create f abc; stat f mtime = 101; sleep 1; write f x; stat f mtime = 102; stat f ctime = 102; sleep 1; cat f; stat f atime = 103; stat f mtime = 102",
    ],
    ["truncation at opening", "create f abc; sleep 3; open f wt = 0; stat f mtime = 103"],
    ["looking does not move them", "create f a; sleep 3; stat f mtime = 100; lstat f ctime = 100"],
  ]);
});

describe("limits", () => {
  test("fs-bytes: a write that finds no room is ENOSPC, one that finds some is short", () => {
    const world = new TreeWorld({ "fs-bytes": 2 * PAGE_BYTES });
    expect(world.run("open f rwc = 0; hits =")).toEqual([]);
    expect(world.write(0, "x".repeat(3 * PAGE_BYTES))).toBe(2 * PAGE_BYTES);
    expect(
      world.run(`put 0 x = ENOSPC; fstat 0 size = ${2 * PAGE_BYTES}; hits = fs-bytes`),
    ).toEqual([]);
    expect(world.run("create g x = ENOSPC; stat g size = 0; mkdir d")).toEqual([]);
    expect(world.run("symlink x l = ENOSPC; lstat l = ENOENT")).toEqual([]);
    expect(world.run("close 0; unlink f; bytes = 0; create g x; symlink x l; bytes = 257")).toEqual(
      [],
    );
    expect(world.run("rename g l; bytes = 256; unlink l; bytes = 0")).toEqual([]);
  });

  test("fs-bytes: room found by the first span counts", () => {
    const world = new TreeWorld({ "fs-bytes": 256 });
    world.run("open f rwc");
    const memory = bytesOf("x".repeat(600));
    const spans = { pairs: [0, 256, 256, 300], count: 2, totalBytes: 556 };
    expect(world.descriptors.get(0)?.write(memory, spans)).toBe(256);
    expect(world.descriptors.get(0)?.write(memory, spans)).toBe(-28);
  });

  test("fs-nodes: every kind of name counts, and is given back", () => {
    const world = new TreeWorld({ "fs-nodes": 3 });
    const full = "open n wc = ENOSPC; mkdir n = ENOSPC; symlink x n = ENOSPC; link f n = ENOSPC";
    expect(world.run("create f abc; mkdir d; link f g; hits =")).toEqual([]);
    expect(world.run(`${full}; ls / = f d g; stat f nlink = 2; hits = fs-nodes`)).toEqual([]);
    expect(world.run(`unlink f; symlink x s; ${full.replace("link f n", "link g n")}`)).toEqual([]);
    expect(
      world.run("unlink s; rmdir d; unlink g; mkdir a; mkdir b; mkdir c; mkdir e = ENOSPC"),
    ).toEqual([]);
  });

  test("fs-nodes: what is replaced by rename is given back, what is open is not yet", () => {
    const world = new TreeWorld({ "fs-nodes": 2 });
    expect(world.run("create f; create g; rename f g; create f; open f r = 0; unlink f")).toEqual(
      [],
    );
    expect(world.run("create h = ENOSPC; close 0; create h; mkdir x = ENOSPC")).toEqual([]);
    expect(
      world.run("unlink h; mkdir x; open x r = 0; rmdir x; mkdir y = ENOSPC; close 0; mkdir y"),
    ).toEqual([]);
  });

  test("open-files: ENFILE, for duplicates too", () => {
    const world = new TreeWorld({ "open-files": 3 });
    expect(world.run("create f abc; open f r = 0; open / r = 1; hits =; dup 0 = 2")).toEqual([]);
    expect(
      world.run("dup 0 = ENFILE; open f r = ENFILE; dup2 0 3 = EBADF; hits = open-files"),
    ).toEqual([]);
    expect(world.run("close 1; open f r = 1; open f r = ENFILE; dup2 0 1; get 1 1 = a")).toEqual(
      [],
    );
  });
});
