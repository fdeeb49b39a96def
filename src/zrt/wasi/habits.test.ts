/**
 * What programs that were tested against other WASI hosts rely on, in a folder that was given
 * under a name, as `--dir` gives it. Where this host differs on purpose, the test says so, and
 * `docs/reference/wasi.md` lists it.
 */
import { beforeEach, describe, expect, test } from "vitest";
import {
  BUFFER,
  FDFLAGS,
  folderImage,
  OFLAGS,
  type OpenHow,
  RESULT,
  RIGHTS,
  TestGuest,
} from "../../../test/support/guest-harness.ts";

/** The folder's preopen; a scratch directory in it is what most tests work in. */
const FOLDER = 4;

let guest: TestGuest;
let scratch: number;

beforeEach(() => {
  const images = [folderImage("/fs", { "scratch/": "" })];
  guest = new TestGuest({ images, preopens: ["/fs"], clockSeconds: 100, stdin: "x" });
  scratch = guest.opened("scratch", { dir: FOLDER, oflags: OFLAGS.DIRECTORY, rights: 0n });
});

function open(path: string, how: OpenHow = {}): number | string {
  return guest.open(path, { dir: scratch, rights: 0n, ...how });
}

function create(path: string): void {
  const fd = open(path, { oflags: OFLAGS.CREAT | OFLAGS.EXCL, rights: RIGHTS.BOTH });
  expect(guest.call("fd_close", [Number(fd)])).toBe("SUCCESS");
}

const mkdir = (path: string): string => guest.onPath("path_create_directory", path, scratch);
const rmdir = (path: string): string => guest.onPath("path_remove_directory", path, scratch);
const unlink = (path: string): string => guest.onPath("path_unlink_file", path, scratch);
const rename = (from: string, to: string): string => guest.rename(from, to, scratch);
const link = (from: string, to: string): string => guest.link(from, to, scratch);
const symlink = (target: string, path: string): string => guest.symlink(target, path, scratch);

function statOf(fd: number): { ino: bigint; type: number; links: bigint; size: bigint } {
  expect(guest.unchecked("fd_filestat_get", [fd, 8])).toBe("SUCCESS");
  const type = guest.bytes[24] ?? 0;
  return { ino: guest.u64(16), type, links: guest.u64(32), size: guest.u64(40) };
}

describe("directories as descriptors", () => {
  test("take no data, no position and no size", () => {
    const iovecs = guest.iovecs([[BUFFER, 8]]);
    for (const name of ["fd_read", "fd_write"]) {
      expect(guest.call(name, [scratch, ...iovecs, RESULT])).toBe("ISDIR");
    }
    for (const name of ["fd_pread", "fd_pwrite"]) {
      expect(guest.call(name, [scratch, ...iovecs, 0n, RESULT])).toBe("ISDIR");
    }
    for (const whence of [0, 1, 2]) {
      expect(guest.call("fd_seek", [scratch, 0n, whence, RESULT])).toBe("BADF");
    }
    expect(guest.call("fd_tell", [scratch, RESULT])).toBe("BADF");
    expect(guest.call("fd_allocate", [scratch, 0n, 0n])).toBe("BADF");
    expect(guest.call("fd_filestat_set_size", [scratch, 0n])).toBe("ISDIR");
    guest.unchecked("fd_fdstat_get", [scratch, 0]);
    expect([guest.bytes[0], guest.u64(8) & (1n << 2n)]).toEqual([3, 0n]);
  });

  test("are opened with the rights that they show, with none, and never for writing", () => {
    guest.unchecked("fd_fdstat_get", [FOLDER, 0]);
    const [rights, inheriting] = [guest.u64(8), guest.u64(16)];
    expect(open(".", { rights, inheriting })).toBeTypeOf("number");
    expect(open(".")).toBeTypeOf("number");
    expect(open(".", { oflags: OFLAGS.DIRECTORY, rights: RIGHTS.READ })).toBeTypeOf("number");
    expect(open(".", { oflags: OFLAGS.DIRECTORY, rights: RIGHTS.BOTH })).toBe("ISDIR");
  });

  test("that are files are not directories", () => {
    create("file");
    const file = Number(open("file"));
    expect(guest.open("x", { dir: file, oflags: OFLAGS.CREAT })).toBe("NOTDIR");
  });
});

describe("paths with something in them", () => {
  beforeEach(() => {
    mkdir("dir");
    mkdir("dir/nested");
    create("dir/nested/file");
  });

  test.each<[string, string | undefined]>([
    ["/dir/nested/file", "PERM"],
    ["dir/.//nested/../../dir/nested/../nested///./file", undefined],
    ["dir/nested/file\0", "INVAL"],
    ["dir/nested/file/", "NOTDIR"],
    ["dir/nested/file///", "NOTDIR"],
    ["dir/nested/", undefined],
    ["dir/nested///", undefined],
    ["dir/nested/../../../scratch/dir/nested/file", "PERM"],
  ])("%j", (path, errno) => {
    const answer = open(path);
    if (errno === undefined) expect(answer).toBeTypeOf("number");
    else expect(answer).toBe(errno);
  });
});

describe("links", () => {
  test("are not followed without the flag", () => {
    mkdir("target");
    symlink("target", "link");
    expect(open("link", { oflags: OFLAGS.DIRECTORY })).toBe("LOOP");
    expect(open("link")).toBe("LOOP");
    expect(open("link", { oflags: OFLAGS.DIRECTORY, follow: true })).toBeTypeOf("number");
    unlink("link");
    rmdir("target");
    create("target");
    symlink("target", "link");
    expect(open("link", { oflags: OFLAGS.DIRECTORY })).toBe("LOOP");
    expect(open("link")).toBe("LOOP");
    expect(open("link", { oflags: OFLAGS.DIRECTORY, follow: true })).toBe("NOTDIR");
    expect(open("link", { follow: true })).toBeTypeOf("number");
  });

  test("dangle, loop and are not made to the root", () => {
    symlink("nowhere", "dangling");
    expect(open("dangling", { oflags: OFLAGS.DIRECTORY })).toBe("LOOP");
    expect(open("dangling")).toBe("LOOP");
    symlink("loop", "loop");
    expect(open("loop")).toBe("LOOP");
    expect(open("loop", { follow: true })).toBe("LOOP");
    expect(symlink("/", "root")).toBe("PERM");
  });

  test("with trailing slashes", () => {
    expect(symlink("source", "target/")).toBe("NOENT");
    mkdir("target");
    expect([symlink("source", "target/"), symlink("source", "target")]).toEqual(["EXIST", "EXIST"]);
    rmdir("target");
    create("target");
    expect([symlink("source", "target/"), symlink("source", "target")]).toEqual([
      "NOTDIR",
      "EXIST",
    ]);
  });

  test("hard ones share everything", () => {
    const rights = RIGHTS.READ | (1n << 21n);
    const file = Number(open("file", { oflags: OFLAGS.CREAT, rights, inheriting: rights }));
    expect(link("file", "link")).toBe("SUCCESS");
    const other = Number(open("link", { rights, inheriting: rights }));
    expect(statOf(other)).toEqual(statOf(file));
    expect(statOf(file).links).toBe(2n);
    guest.unchecked("fd_fdstat_get", [file, 0]);
    guest.unchecked("fd_fdstat_get", [other, 24]);
    expect(guest.bytes.slice(24, 48)).toEqual(guest.bytes.slice(0, 24));
  });

  test("hard ones are refused where the name is taken, to directories and with slashes", () => {
    create("file");
    create("taken");
    mkdir("dir");
    expect([link("file", "taken"), link("file", "file"), link("file", "dir")]).toEqual([
      "EXIST",
      "EXIST",
      "EXIST",
    ]);
    expect([link("dir", "new"), link("file", "new/")]).toEqual(["PERM", "NOENT"]);
    symlink("nowhere", "dangling");
    expect([link("dangling", "new"), link("file", "dangling")]).toEqual(["SUCCESS", "EXIST"]);
    const follow = [scratch, 1, ...guest.place("dangling"), scratch, ...guest.place("other")];
    expect(guest.call("path_link", follow)).toBe("INVAL");
  });
});

describe("renaming", () => {
  test("directories", () => {
    mkdir("source");
    expect(rename("source", "target")).toBe("SUCCESS");
    expect(open("source", { oflags: OFLAGS.DIRECTORY })).toBe("NOENT");
    mkdir("source");
    expect(rename("source", "target")).toBe("SUCCESS");
    mkdir("source");
    create("target/file");
    expect(rename("source", "target")).toBe("NOTEMPTY");
  });

  test("a directory onto a file replaces it: here it succeeds, other hosts say NOTDIR", () => {
    mkdir("source");
    create("target");
    expect(rename("source", "target")).toBe("SUCCESS");
    expect(open("target", { oflags: OFLAGS.DIRECTORY })).toBeTypeOf("number");
  });

  test("files", () => {
    create("source");
    create("target");
    expect(rename("source", "target")).toBe("SUCCESS");
    expect(open("source")).toBe("NOENT");
    mkdir("dir");
    expect(rename("target", "dir")).toBe("ISDIR");
    expect([rename("target/", "new"), rename("target", "new/")]).toEqual(["NOTDIR", "NOTDIR"]);
  });

  test("directories with trailing slashes on either side", () => {
    mkdir("source");
    expect(rename("source/", "target")).toBe("SUCCESS");
    expect(rename("target", "source/")).toBe("SUCCESS");
    expect(rename("source/", "target/")).toBe("SUCCESS");
    expect(rename("target", "source")).toBe("SUCCESS");
    expect(rmdir("source")).toBe("SUCCESS");
  });
});

describe("removing", () => {
  test("what is of the other kind, with and without slashes", () => {
    mkdir("dir");
    create("file");
    expect([unlink("dir"), unlink("dir/"), unlink("file/")]).toEqual(["ISDIR", "ISDIR", "NOTDIR"]);
    expect([rmdir("file"), rmdir("file/"), rmdir("dir/")]).toEqual(["NOTDIR", "NOTDIR", "SUCCESS"]);
    mkdir("full");
    mkdir("full/inner");
    expect(rmdir("full")).toBe("NOTEMPTY");
  });

  test("what is open: it lives on, and the name is free", () => {
    create("file");
    const file = Number(open("file"));
    mkdir("dir");
    const dir = Number(open("dir", { oflags: OFLAGS.DIRECTORY }));
    expect([unlink("file"), rmdir("dir"), mkdir("dir")]).toEqual(["SUCCESS", "SUCCESS", "SUCCESS"]);
    create("file");
    expect([statOf(file).type, statOf(dir).type]).toEqual([4, 3]);
  });
});

describe("rights", () => {
  test("say how a file was opened; the wrong direction is INVAL, other hosts say BADF", () => {
    create("file");
    const [readonly, writeonly] = [RIGHTS.READ, RIGHTS.WRITE].map((rights) =>
      Number(open("file", { rights })),
    );
    const rightsOf = (fd = -1): bigint => {
      guest.unchecked("fd_fdstat_get", [fd, 0]);
      return guest.u64(8) & RIGHTS.BOTH;
    };
    expect([rightsOf(readonly), rightsOf(writeonly)]).toEqual([RIGHTS.READ, RIGHTS.WRITE]);
    expect(guest.write(readonly ?? -1, "x")).toBe("INVAL");
    expect(guest.read(writeonly ?? -1, 1)).toBe("<INVAL>");
    expect(guest.read(Number(open("file")), 1)).toBe("<INVAL>");
  });

  test("are never given up: a program that asks whether it could is told NOTSUP", () => {
    guest.unchecked("fd_fdstat_get", [scratch, 0]);
    const [base, inheriting] = [guest.u64(8), guest.u64(16)];
    expect(guest.call("fd_fdstat_set_rights", [scratch, base, inheriting])).toBe("NOTSUP");
    // Nor does a folder have the right to set sizes by path, which programs would then give up.
    expect([base & (1n << 19n), base & (1n << 22n)]).toEqual([0n, 0n]);
    create("file");
    expect(open("file", { oflags: OFLAGS.TRUNC })).toBeTypeOf("number");
  });

  test("calls on paths are no right of a file", () => {
    const rights = RIGHTS.BOTH | (1n << 18n);
    const fdflags = FDFLAGS.APPEND | FDFLAGS.SYNC;
    const fd = Number(open("file", { oflags: OFLAGS.CREAT, rights, fdflags }));
    guest.unchecked("fd_fdstat_get", [fd, 0]);
    expect([guest.u64(8) & (1n << 18n), guest.u64(16)]).toEqual([0n, 0n]);
    expect(guest.bytes[2]).toBe(fdflags);
  });
});

describe("preopens", () => {
  test("can be closed: what was opened through them stays", () => {
    expect(guest.call("fd_close", [FOLDER])).toBe("SUCCESS");
    expect(statOf(scratch).type).toBe(3);
    expect(guest.call("fd_fdstat_get", [FOLDER, 0])).toBe("BADF");
    expect(mkdir("dir")).toBe("SUCCESS");
  });

  test("can be overwritten", () => {
    const before = statOf(scratch);
    expect(guest.call("fd_renumber", [scratch, 3])).toBe("SUCCESS");
    expect(statOf(3)).toEqual(before);
    expect(guest.call("fd_fdstat_get", [scratch, 0])).toBe("BADF");
    expect(guest.call("fd_prestat_get", [3, 0])).toBe("BADF");
  });

  test.each([0, 1, 2])("standard stream %i can be moved away", (stream) => {
    const to = Number(open("new", { oflags: OFLAGS.CREAT }));
    expect(guest.call("fd_renumber", [stream, to])).toBe("SUCCESS");
    expect(statOf(to).type).toBe(6);
    expect(guest.call("fd_fdstat_get", [stream, 0])).toBe("BADF");
  });
});

describe("files", () => {
  test("are cut on opening and keep what another descriptor wrote", () => {
    const writer = Number(open("file", { oflags: OFLAGS.CREAT, rights: RIGHTS.WRITE }));
    expect(guest.write(writer, "this will be cut")).toBe(16);
    const rights = RIGHTS.BOTH;
    expect(guest.read(Number(open("file", { rights })), 100)).toBe("this will be cut");
    const cut = Number(open("file", { oflags: OFLAGS.CREAT | OFLAGS.TRUNC, rights }));
    expect(guest.read(cut, 100)).toBe("");
    expect(guest.open("file", { dir: scratch, oflags: OFLAGS.CREAT | OFLAGS.EXCL })).toBe("EXIST");
  });

  test("seek and tell", () => {
    const fd = Number(open("file", { oflags: OFLAGS.CREAT, rights: RIGHTS.BOTH }));
    guest.write(fd, "x".repeat(100));
    const seek = (offset: bigint, whence: number): bigint | string => {
      const answer = guest.unchecked("fd_seek", [fd, offset, whence, RESULT]);
      return answer === "SUCCESS" ? guest.u64(RESULT) : answer;
    };
    expect([seek(-50n, 1), seek(0n, 0), seek(1000n, 1), seek(-1001n, 1), seek(-2n, 2)]).toEqual([
      50n,
      0n,
      1000n,
      "INVAL",
      98n,
    ]);
  });

  test("times: both at once and now are INVAL, and nothing changes", () => {
    create("file");
    const fd = Number(open("file"));
    for (const flags of [3, 12]) {
      expect(guest.call("fd_filestat_set_times", [fd, 100n, 200n, flags])).toBe("INVAL");
    }
    const args = [scratch, 0, ...guest.place("file"), 0n, 7n, 4];
    expect(guest.call("path_filestat_set_times", args)).toBe("SUCCESS");
    guest.unchecked("fd_filestat_get", [fd, 0]);
    expect([guest.u64(40), guest.u64(48)]).toEqual([100_000_000_000n, 7n]);
  });
});

describe("the age of files, on a clock that starts at 0", () => {
  const ROOT = 3;
  const START_NS = 0n;

  function modifiedNs(young: TestGuest, path: string): bigint {
    const args = [ROOT, 0, ...young.place(path), 0];
    expect(young.unchecked("path_filestat_get", args)).toBe("SUCCESS");
    return young.u64(48);
  }

  test("what was made, changed or renamed later is younger", () => {
    const young = new TestGuest();
    young.opened("first", { oflags: OFLAGS.CREAT });
    young.onPath("path_create_directory", "second", ROOT);
    young.symlink("first", "third");
    const ages = ["first", "second", "third"].map((path) => modifiedNs(young, path));
    expect(ages).toEqual([START_NS, 1000n, 2000n]);
    young.write(young.opened("first", { rights: RIGHTS.BOTH }), "x");
    expect(modifiedNs(young, "first")).toBe(3000n);
    young.rename("third", "second/moved", ROOT);
    young.onPath("path_unlink_file", "second/moved", ROOT);
    expect(modifiedNs(young, "second")).toBe(4000n);
  });

  test("an image that is mounted takes no time", () => {
    const images = [folderImage("/deep/mount", { "a/b/c": "x", "a/b/d": "y" })];
    const young = new TestGuest({ images, preopens: ["/deep/mount"] });
    const args = [0, 0n, RESULT];
    expect(young.unchecked("clock_time_get", args)).toBe("SUCCESS");
    expect(young.u64(RESULT)).toBe(START_NS);
  });
});

test("a bad descriptor in a poll is an event; some other hosts fail the call", () => {
  const subscription = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 99, 0, 0, 0];
  const [pointer] = guest.place([...subscription, ...new Array<number>(28).fill(0)]);
  expect(guest.unchecked("poll_oneoff", [pointer, BUFFER, 1, RESULT])).toBe("SUCCESS");
  expect([guest.u32(RESULT), guest.bytes[BUFFER + 8]]).toEqual([1, 8]);
});
