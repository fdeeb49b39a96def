import { describe, expect, test } from "vitest";
import {
  folderImage,
  OFLAGS,
  RESULT,
  RIGHTS,
  TestGuest,
  u32,
  u64,
} from "../../../test/support/guest-harness.ts";

const SECOND = 1_000_000_000;

interface Expected {
  readonly device: number;
  readonly ino: number;
  readonly type: number;
  readonly links: number;
  readonly size: number;
  readonly accessed: number;
  readonly modified: number;
  readonly changed: number;
}

function preview1(stat: Expected): number[] {
  const type = [stat.type, 0, 0, 0, 0, 0, 0, 0];
  const times = [stat.accessed, stat.modified, stat.changed].flatMap(u64);
  return [
    ...u64(stat.device),
    ...u64(stat.ino),
    ...type,
    ...u64(stat.links),
    ...u64(stat.size),
    ...times,
  ];
}

function preview0(stat: Expected): number[] {
  const type = [stat.type, 0, 0, 0];
  const times = [stat.accessed, stat.modified, stat.changed].flatMap(u64);
  return [
    ...u64(stat.device),
    ...u64(stat.ino),
    ...type,
    ...u32(stat.links),
    ...u64(stat.size),
    ...times,
  ];
}

function guestWithImage(): { guest: TestGuest; stat: Expected } {
  const images = [folderImage("/w", { "a/": "", "a/f": "hello" })];
  const guest = new TestGuest({ images, clockSeconds: 5 });
  guest.unchecked("path_filestat_get", [3, 0, ...guest.place("w/a/f"), RESULT]);
  const stat = {
    device: 4096,
    ino: Number(guest.u64(RESULT + 8)),
    type: 4,
    links: 1,
    size: 5,
    accessed: SECOND,
    modified: SECOND,
    changed: SECOND,
  };
  return { guest, stat };
}

describe("the status of a file", () => {
  test("by path and by descriptor, in both layouts", () => {
    const { guest, stat } = guestWithImage();
    const path = guest.place("w/a/f");
    const fd = guest.opened("w/a/f");
    const [new1, old0] = [preview1(stat), preview0(stat)];
    expect([new1.length, old0.length]).toEqual([64, 56]);
    expect(guest.call("path_filestat_get", [3, 0, ...path, 8], [[8, new1]])).toBe("SUCCESS");
    expect(guest.call("unstable.path_filestat_get", [3, 0, ...path, 8], [[8, old0]])).toBe(
      "SUCCESS",
    );
    expect(guest.call("fd_filestat_get", [fd, 8], [[8, new1]])).toBe("SUCCESS");
    expect(guest.call("unstable.fd_filestat_get", [fd, 8], [[8, old0]])).toBe("SUCCESS");
    expect(guest.call("fd_filestat_get", [77, 8])).toBe("BADF");
  });

  test("a symbolic link is followed when asked for", () => {
    const { guest, stat } = guestWithImage();
    guest.symlink("w/a/f", "l");
    const path = guest.place("l");
    expect(guest.call("path_filestat_get", [3, 1, ...path, 8], [[8, preview1(stat)]])).toBe(
      "SUCCESS",
    );
    expect(guest.unchecked("path_filestat_get", [3, 0, ...path, 8])).toBe("SUCCESS");
    expect([guest.bytes[8 + 16], guest.u64(8 + 32)]).toEqual([7, 5n]);
  });

  test.each([
    ["dev", 3],
    ["dev/stdin", 6],
    ["dev/null", 1],
    ["tmp", 3],
    [".", 3],
    ["/", 3],
    ["w/..", 3],
  ])("%s has filetype %i", (path, type) => {
    const { guest } = guestWithImage();
    expect(guest.unchecked("path_filestat_get", [3, 1, ...guest.place(path), 8])).toBe("SUCCESS");
    expect(guest.bytes[8 + 16]).toBe(type);
  });

  test.each([
    ["missing", "NOENT"],
    ["missing/x", "NOENT"],
    ["w/a/f/x", "NOTDIR"],
    ["w/a/f/", "NOTDIR"],
    ["", "NOENT"],
    ["w\0", "INVAL"],
    ["x".repeat(256), "NAMETOOLONG"],
    ["x/".repeat(2048), "NAMETOOLONG"],
    ["x".repeat(8193), "NAMETOOLONG"],
  ])("%j has none: %s", (path, errno) => {
    const { guest } = guestWithImage();
    const place = guest.place(path);
    expect(guest.call("path_filestat_get", [3, 0, ...place, 8])).toBe(errno);
    expect(guest.call("path_filestat_set_times", [3, 0, ...place, 0n, 0n, 0])).toBe(errno);
  });

  test("the directory has to be open, and one", () => {
    const { guest } = guestWithImage();
    const path = guest.place("x");
    expect(guest.call("path_filestat_get", [99, 0, ...path, 8])).toBe("BADF");
    expect(guest.call("path_filestat_get", [0, 0, ...path, 8])).toBe("NOTDIR");
  });
});

describe("fd_filestat_set_size", () => {
  test("cuts and extends with zeros, and leaves the position", () => {
    const guest = new TestGuest();
    guest.file("f", "abcdef");
    const fd = guest.opened("f", { rights: RIGHTS.BOTH });
    guest.read(fd, 4);
    expect(guest.call("fd_filestat_set_size", [fd, 2n])).toBe("SUCCESS");
    expect(guest.call("fd_filestat_set_size", [fd, 5n])).toBe("SUCCESS");
    expect(guest.call("fd_tell", [fd, 8], [[8, u64(4)]])).toBe("SUCCESS");
    expect(guest.read(fd, 9)).toBe("\0");
    expect(guest.read(guest.opened("f"), 9)).toBe("ab\0\0\0");
  });

  test("what is wrong with it", () => {
    const guest = new TestGuest();
    guest.file("f", "abc");
    const fd = guest.opened("f", { rights: RIGHTS.BOTH });
    expect(guest.call("fd_filestat_set_size", [fd, -1n])).toBe("INVAL");
    expect(guest.call("fd_filestat_set_size", [fd, 2n ** 60n])).toBe("FBIG");
    expect(guest.call("fd_filestat_set_size", [guest.opened("f"), 0n])).toBe("INVAL");
    expect(guest.call("fd_filestat_set_size", [3, 0n])).toBe("ISDIR");
    expect(guest.call("fd_filestat_set_size", [99, 0n])).toBe("BADF");
    expect(guest.call("fd_filestat_set_size", [1, 0n])).toBe("NOSYS");
    expect(guest.read(fd, 9)).toBe("abc");
  });

  test("a channel that is mapped with truncation is cut", () => {
    const guest = new TestGuest({
      channels: [{ alias: "/dev/out", type: 3, contents: "abcdef" }],
      mapping: { "/dev/out": { mode: "file", truncate: true } },
    });
    const fd = guest.opened("dev/out", { rights: RIGHTS.BOTH });
    expect(guest.call("fd_filestat_set_size", [fd, 2n])).toBe("SUCCESS");
    expect(guest.read(fd, 9)).toBe("ab");
  });
});

describe("setting times", () => {
  const ATIM = 1;
  const ATIM_NOW = 2;
  const MTIM = 4;
  const MTIM_NOW = 8;

  function timesAfter(flags: number): bigint[] {
    const { guest } = guestWithImage();
    const fd = guest.opened("w/a/f");
    const path = guest.place("w/a/f");
    expect(guest.call("path_filestat_set_times", [3, 0, ...path, 11n, 22n, flags])).toBe("SUCCESS");
    const [byPath] = [times(guest, fd)];
    const { guest: other } = guestWithImage();
    const same = other.opened("w/a/f");
    expect(other.call("fd_filestat_set_times", [same, 11n, 22n, flags])).toBe("SUCCESS");
    expect(times(other, same)).toEqual(byPath);
    return byPath ?? [];
  }

  function times(guest: TestGuest, fd: number): bigint[] {
    guest.unchecked("fd_filestat_get", [fd, 8]);
    return [guest.u64(48), guest.u64(56), guest.u64(64)];
  }

  const OLD = BigInt(SECOND);
  const NOW = 5n * BigInt(SECOND);

  test.each([
    ["nothing but the change time", 0, [OLD, OLD, NOW]],
    ["the access time", ATIM, [11n, OLD, NOW]],
    ["the modification time", MTIM, [OLD, 22n, NOW]],
    ["both", ATIM | MTIM, [11n, 22n, NOW]],
    ["both to now", ATIM_NOW | MTIM_NOW, [NOW, NOW, NOW]],
    ["one each", ATIM_NOW | MTIM, [NOW, 22n, NOW]],
  ])("sets %s", (_name, flags, expected) => {
    expect(timesAfter(flags)).toEqual(expected);
  });

  test("all 64 bits of a time are kept", () => {
    const { guest } = guestWithImage();
    const fd = guest.opened("w/a/f");
    guest.call("fd_filestat_set_times", [fd, -1n, 0n, ATIM | MTIM]);
    expect(times(guest, fd).slice(0, 2)).toEqual([2n ** 64n - 1n, 0n]);
  });

  test.each([ATIM | ATIM_NOW, MTIM | MTIM_NOW, 16, -1])("flags %i are INVAL", (flags) => {
    const { guest } = guestWithImage();
    const fd = guest.opened("w/a/f");
    expect(guest.call("fd_filestat_set_times", [fd, 1n, 1n, flags])).toBe("INVAL");
    const path = guest.place("w/a/f");
    expect(guest.call("path_filestat_set_times", [3, 0, ...path, 1n, 1n, flags])).toBe("INVAL");
    expect(times(guest, fd)).toEqual([OLD, OLD, OLD]);
  });

  test("a link itself, or what it points to", () => {
    const { guest } = guestWithImage();
    guest.symlink("w/a/f", "l");
    const path = guest.place("l");
    expect(guest.call("path_filestat_set_times", [3, 0, ...path, 7n, 7n, ATIM])).toBe("SUCCESS");
    guest.unchecked("path_filestat_get", [3, 0, ...path, 8]);
    expect(guest.u64(48)).toBe(7n);
    expect(times(guest, guest.opened("w/a/f"))[0]).toBe(OLD);
    expect(guest.call("path_filestat_set_times", [3, 1, ...path, 8n, 8n, ATIM])).toBe("SUCCESS");
    expect(times(guest, guest.opened("w/a/f"))[0]).toBe(8n);
  });

  test("not in a read-only image, not in /dev, not without a descriptor", () => {
    const images = [folderImage("/r", { f: "x" }, { readonly: true })];
    const guest = new TestGuest({ images });
    expect(guest.call("fd_filestat_set_times", [guest.opened("r/f"), 1n, 1n, ATIM])).toBe("ROFS");
    expect(guest.call("fd_filestat_set_times", [0, 1n, 1n, ATIM])).toBe("PERM");
    expect(guest.call("fd_filestat_set_times", [99, 1n, 1n, ATIM])).toBe("BADF");
    expect(guest.open("r/f", { rights: RIGHTS.WRITE })).toBe("ROFS");
    expect(guest.open("r/new", { oflags: OFLAGS.CREAT })).toBe("ROFS");
  });
});
