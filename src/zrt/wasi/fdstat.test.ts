import { describe, expect, test } from "vitest";
import {
  FDFLAGS,
  OFLAGS,
  RESULT,
  RIGHTS,
  TestGuest,
  u16,
  u32,
  u64,
} from "../../../test/support/guest-harness.ts";

/** Rights that a directory can have, in our own words: paths but for sizes, listing, any fd. */
const DIRECTORY_RIGHTS =
  0x17fe00n | (7n << 24n) | 0b1001_1001n | (1n << 21n) | (1n << 23n) | (1n << 27n);

function fdstat(type: number, flags: number, base: bigint, inheriting: bigint): number[] {
  return [type, 0, ...u16(flags), 0, 0, 0, 0, ...u64(base), ...u64(inheriting)];
}

describe("fd_fdstat_get", () => {
  test("a file shows the flags and rights that it was opened with", () => {
    const guest = new TestGuest();
    const fd = guest.opened("f", {
      oflags: OFLAGS.CREAT,
      rights: RIGHTS.BOTH | (1n << 13n),
      inheriting: 6n,
      fdflags: FDFLAGS.APPEND | FDFLAGS.SYNC | FDFLAGS.NONBLOCK,
    });
    const expected = fdstat(4, 1 + 4 + 16, RIGHTS.BOTH, 6n);
    expect(guest.call("fd_fdstat_get", [fd, 8], [[8, expected]])).toBe("SUCCESS");
    expect(guest.call("unstable.fd_fdstat_get", [fd, 8], [[8, expected]])).toBe("SUCCESS");
  });

  test("the root has every right of a directory and hands all on", () => {
    const guest = new TestGuest();
    const expected = fdstat(3, 0, DIRECTORY_RIGHTS, 2n ** 30n - 1n);
    expect(guest.call("fd_fdstat_get", [3, 8], [[8, expected]])).toBe("SUCCESS");
  });

  test.each([
    ["standard input", 0, RIGHTS.READ],
    ["standard output", 1, RIGHTS.WRITE],
  ])("%s is a stream that goes one way", (_name, fd, right) => {
    const guest = new TestGuest();
    expect(guest.unchecked("fd_fdstat_get", [fd, 0])).toBe("SUCCESS");
    expect([guest.bytes[0], guest.u64(8) & RIGHTS.BOTH]).toEqual([6, right]);
  });

  test.each([
    ["char", 2],
    ["file", 4],
    ["pipe", 6],
  ] as const)("a channel mapped to %s has filetype %i", (mode, type) => {
    const guest = new TestGuest({ mapping: { "/dev/stdin": { mode, truncate: false } } });
    expect(guest.unchecked("fd_fdstat_get", [0, 0])).toBe("SUCCESS");
    expect(guest.bytes[0]).toBe(type);
  });
});

describe("fd_fdstat_set_flags", () => {
  test("keeps all five flags and refuses others", () => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT, rights: RIGHTS.WRITE });
    for (const flags of [31, 4, 0]) {
      expect(guest.call("fd_fdstat_set_flags", [fd, flags])).toBe("SUCCESS");
      expect(guest.call("fd_fdstat_get", [fd, 8], [[8, fdstat(4, flags, RIGHTS.WRITE, 0n)]])).toBe(
        "SUCCESS",
      );
    }
    expect(guest.call("fd_fdstat_set_flags", [fd, 32])).toBe("INVAL");
    expect(guest.call("fd_fdstat_set_flags", [fd, -1])).toBe("INVAL");
    expect(guest.call("fd_fdstat_set_flags", [99, 0])).toBe("BADF");
  });
});

describe("fd_fdstat_set_rights", () => {
  test.each([
    ["the same", RIGHTS.BOTH],
    ["fewer", RIGHTS.READ],
    ["more", RIGHTS.BOTH | 1n],
  ])("rights do not change: %s", (_what, wanted) => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT, rights: RIGHTS.BOTH, inheriting: 2n });
    expect(guest.call("fd_fdstat_set_rights", [fd, wanted, 2n])).toBe("NOTSUP");
    expect(guest.call("fd_fdstat_set_rights", [3, wanted, 2n])).toBe("NOTSUP");
    const before = fdstat(4, 0, RIGHTS.BOTH, 2n);
    expect(guest.call("fd_fdstat_get", [fd, 8], [[8, before]])).toBe("SUCCESS");
    expect(guest.write(fd, "x")).toBe(1);
  });

  test("a descriptor that is not open", () => {
    expect(new TestGuest().call("fd_fdstat_set_rights", [99, 0n, 0n])).toBe("BADF");
  });
});

describe("prestat", () => {
  const options = { preopens: ["/data", "/w\xff"] };

  function guestWithPreopens(): TestGuest {
    const guest = new TestGuest();
    guest.call("path_create_directory", [3, ...guest.place("data")]);
    return guest;
  }

  test("the root is descriptor 3, under the name /", () => {
    const guest = guestWithPreopens();
    expect(guest.call("fd_prestat_get", [3, 8], [[8, [0, 0, 0, 0, ...u32(1)]]])).toBe("SUCCESS");
    expect(guest.call("fd_prestat_dir_name", [3, 8, 1], [[8, [0x2f]]])).toBe("SUCCESS");
    expect(guest.call("fd_prestat_dir_name", [3, 8, 9], [[8, [0x2f]]])).toBe("SUCCESS");
    expect(guest.call("fd_prestat_dir_name", [3, 8, 0])).toBe("NAMETOOLONG");
  });

  test("only preopened directories have one: a libc stops at the first BADF", () => {
    const guest = guestWithPreopens();
    const opened = guest.opened("data");
    for (const fd of [0, 1, 2, opened, 99]) {
      expect(guest.call("fd_prestat_get", [fd, 8])).toBe("BADF");
      expect(guest.call("fd_prestat_dir_name", [fd, 8, 9])).toBe("BADF");
    }
  });

  test("a preopen that has no directory is left out", () => {
    const guest = new TestGuest(options);
    expect(guest.call("fd_prestat_get", [4, 8])).toBe("BADF");
  });
});

describe("fd_advise", () => {
  test.each([0, 1, 2, 3, 4, 5])("advice %i changes nothing", (advice) => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT });
    expect(guest.call("fd_advise", [fd, 10n, 50n, advice])).toBe("SUCCESS");
  });

  test("what is wrong with it", () => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT });
    expect(guest.call("fd_advise", [fd, 0n, 0n, 6])).toBe("INVAL");
    expect(guest.call("fd_advise", [fd, -1n, 0n, 0])).toBe("INVAL");
    expect(guest.call("fd_advise", [fd, 0n, -1n, 0])).toBe("INVAL");
    expect(guest.call("fd_advise", [3, 0n, 0n, 0])).toBe("BADF");
    expect(guest.call("fd_advise", [99, 0n, 0n, 0])).toBe("BADF");
    expect(guest.call("fd_advise", [0, 0n, 0n, 0])).toBe("SPIPE");
    expect(guest.call("fd_advise", [guest.opened("dev/null"), 0n, 0n, 0])).toBe("SUCCESS");
  });
});

describe("fd_allocate", () => {
  test("makes the file long enough, never shorter", () => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT, rights: RIGHTS.BOTH });
    const sizes = [
      [0n, 100n, 100],
      [10n, 10n, 100],
      [90n, 20n, 110],
    ] as const;
    for (const [offset, size, after] of sizes) {
      expect(guest.call("fd_allocate", [fd, offset, size])).toBe("SUCCESS");
      guest.unchecked("fd_filestat_get", [fd, RESULT]);
      expect(guest.u64(RESULT + 32)).toBe(BigInt(after));
    }
  });

  test("what is wrong with it", () => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT, rights: RIGHTS.BOTH });
    expect(guest.call("fd_allocate", [fd, 0n, 0n])).toBe("INVAL");
    expect(guest.call("fd_allocate", [fd, -1n, 5n])).toBe("INVAL");
    expect(guest.call("fd_allocate", [fd, 0n, -5n])).toBe("INVAL");
    expect(guest.call("fd_allocate", [fd, 2n ** 62n, 2n ** 62n])).toBe("FBIG");
    expect(guest.call("fd_allocate", [guest.opened("f"), 0n, 5n])).toBe("INVAL");
    expect(guest.call("fd_allocate", [3, 0n, 0n])).toBe("BADF");
    expect(guest.call("fd_allocate", [99, 0n, 5n])).toBe("BADF");
    expect(guest.call("fd_allocate", [1, 0n, 5n])).toBe("NODEV");
  });
});

describe("closing, numbers and renumbering", () => {
  test.each([0, 1, 2])("descriptor %i can be closed, and its number is used again", (fd) => {
    const guest = new TestGuest({ stdin: "in" });
    expect(guest.call("fd_close", [fd])).toBe("SUCCESS");
    expect(guest.call("fd_close", [fd])).toBe("BADF");
    expect(guest.open("x", { oflags: OFLAGS.CREAT })).toBe(fd);
    expect(guest.open("y", { oflags: OFLAGS.CREAT })).toBe(4);
  });

  test("a channel lives on when its descriptor is closed", () => {
    const guest = new TestGuest({ stdin: "abcd" });
    expect(guest.read(0, 2)).toBe("ab");
    guest.call("fd_close", [0]);
    expect(guest.read(guest.opened("dev/stdin"), 9)).toBe("cd");
  });

  test.each([-1, 99, 10_000, 0x7fffffff])("closing %i is BADF", (fd) => {
    const guest = new TestGuest();
    for (const name of ["fd_close", "fd_sync", "fd_datasync"]) {
      expect(guest.call(name, [fd])).toBe("BADF");
    }
    expect(guest.call("fd_sync", [1])).toBe("SUCCESS");
    expect(guest.call("fd_datasync", [3])).toBe("SUCCESS");
  });

  test("renumbering moves a descriptor onto an open one", () => {
    const guest = new TestGuest();
    guest.file("a", "A");
    guest.file("b", "B");
    const [a, b] = [guest.opened("a"), guest.opened("b")];
    expect(guest.call("fd_renumber", [a, b])).toBe("SUCCESS");
    expect(guest.read(b, 9)).toBe("A");
    expect(guest.call("fd_close", [a])).toBe("BADF");
    expect(guest.call("fd_renumber", [b, b])).toBe("SUCCESS");
    expect(guest.call("fd_renumber", [b, 77])).toBe("BADF");
    expect(guest.call("fd_renumber", [77, b])).toBe("BADF");
    expect(guest.call("fd_renumber", [77, 77])).toBe("BADF");
  });

  test("a preopen keeps its name when it moves, and is gone when it is closed", () => {
    const guest = new TestGuest();
    const fd = guest.opened("f", { oflags: OFLAGS.CREAT });
    expect(guest.call("fd_renumber", [3, fd])).toBe("SUCCESS");
    expect(guest.call("fd_prestat_get", [3, 8])).toBe("BADF");
    expect(guest.call("fd_prestat_dir_name", [fd, 8, 1], [[8, [0x2f]]])).toBe("SUCCESS");
    expect(guest.call("fd_close", [fd])).toBe("SUCCESS");
    expect(guest.call("fd_prestat_get", [fd, 8])).toBe("BADF");
    expect(guest.open("f")).toBe("BADF");
  });

  test("a full table is NFILE and makes, cuts and hides nothing", () => {
    const guest = new TestGuest({ limits: { "open-files": 5 } });
    guest.file("f", "abc");
    const last = guest.opened("f");
    expect(last).toBe(4);
    for (const path of ["f", "dev/null", "tmp"]) expect(guest.open(path)).toBe("NFILE");
    const cutting = { oflags: OFLAGS.TRUNC, rights: RIGHTS.WRITE };
    expect(guest.open("f", cutting)).toBe("NFILE");
    expect(guest.open("new", { oflags: OFLAGS.CREAT | OFLAGS.EXCL })).toBe("NFILE");
    expect(guest.open("missing")).toBe("NOENT");
    expect(guest.open("f/x")).toBe("NOTDIR");
    expect(guest.zrt.hits()).toEqual(["open-files"]);
    guest.call("fd_close", [last]);
    expect(guest.open("new")).toBe("NOENT");
    expect(guest.read(guest.opened("f"), 9)).toBe("abc");
  });
});
