import { describe, expect, test } from "vitest";
import {
  BUFFER,
  FDFLAGS,
  hex,
  OFLAGS,
  RESULT,
  RIGHTS,
  TestGuest,
  u32,
  u64,
} from "../../../test/support/guest-harness.ts";

function guestWithFile(contents = "hello world"): { guest: TestGuest; fd: number } {
  const guest = new TestGuest();
  guest.file("f", contents);
  return { guest, fd: guest.opened("f", { rights: RIGHTS.BOTH }) };
}

describe("fd_read and fd_write", () => {
  test("a read fills the iovecs in order and writes the count", () => {
    const { guest, fd } = guestWithFile();
    const iovecs = guest.iovecs([
      [0x10, 2],
      [0x20, 0],
      [0x30, 4],
    ]);
    expect(
      guest.call(
        "fd_read",
        [fd, ...iovecs, RESULT],
        [
          [0x10, hex("68 65")],
          [0x30, hex("6c 6c 6f 20")],
          [RESULT, u32(6)],
        ],
      ),
    ).toBe("SUCCESS");
  });

  test("a short read leaves the rest of its iovecs alone; at the end it is 0", () => {
    const { guest, fd } = guestWithFile("abc");
    const iovecs = guest.iovecs([
      [0x10, 2],
      [0x30, 4],
    ]);
    const writes = [
      [0x10, hex("61 62")],
      [0x30, hex("63")],
      [RESULT, u32(3)],
    ] as const;
    expect(guest.call("fd_read", [fd, ...iovecs, RESULT], writes)).toBe("SUCCESS");
    expect(guest.call("fd_read", [fd, ...iovecs, RESULT], [[RESULT, u32(0)]])).toBe("SUCCESS");
  });

  test("a write gathers its iovecs, a gap reads as zeros", () => {
    const { guest, fd } = guestWithFile("");
    const iovecs = guest.iovecs([guest.place("ab"), guest.place(""), guest.place("cd")]);
    guest.unchecked("fd_seek", [fd, 2n, 0, RESULT]);
    expect(guest.call("fd_write", [fd, ...iovecs, RESULT], [[RESULT, u32(4)]])).toBe("SUCCESS");
    guest.unchecked("fd_seek", [fd, 0n, 0, RESULT]);
    expect(guest.read(fd, 10)).toBe("\0\0abcd");
  });

  test("no iovecs, or empty ones, transfer nothing and are no error", () => {
    const { guest, fd } = guestWithFile();
    expect(guest.call("fd_read", [fd, 0, 0, RESULT], [[RESULT, u32(0)]])).toBe("SUCCESS");
    expect(guest.call("fd_write", [fd, 0, 0, RESULT], [[RESULT, u32(0)]])).toBe("SUCCESS");
    const empty = guest.iovecs([[0x10000, 0]]);
    expect(guest.call("fd_write", [fd, ...empty, RESULT], [[RESULT, u32(0)]])).toBe("SUCCESS");
  });

  test("channels are read and written; one call is one get or put whatever its iovecs", () => {
    const guest = new TestGuest({ stdin: "input" });
    const iovecs = guest.iovecs([
      [0x10, 1],
      [0x20, 1],
    ]);
    const writes = [
      [0x10, hex("69")],
      [0x20, hex("6e")],
      [RESULT, u32(2)],
    ] as const;
    expect(guest.call("fd_read", [0, ...iovecs, RESULT], writes)).toBe("SUCCESS");
    expect(guest.call("fd_write", [1, ...iovecs, RESULT], [[RESULT, u32(2)]])).toBe("SUCCESS");
    expect(guest.write(2, "oops")).toBe(4);
    for (const channel of guest.channels) channel.close();
    const [stdin, stdout] = guest.channels.map((channel) => channel.close());
    expect([stdin?.gets, stdin?.getBytes, stdout?.puts, stdout?.putBytes]).toEqual([1, 2, 1, 2]);
    expect([guest.contents("/dev/stdout"), guest.contents("/dev/stderr")]).toEqual(["in", "oops"]);
  });

  test.each([
    ["a descriptor that is not open", 99, "BADF", "BADF"],
    ["descriptor 0xffffffff", -1, "BADF", "BADF"],
    ["a directory", 3, "ISDIR", "ISDIR"],
    ["standard input", 0, "SUCCESS", "INVAL"],
    ["standard output", 1, "INVAL", "SUCCESS"],
  ])("%s: reading and writing", (_name, fd, reading, writing) => {
    const guest = new TestGuest();
    const iovecs = guest.iovecs([[BUFFER, 1]]);
    expect(guest.unchecked("fd_read", [fd, ...iovecs, RESULT])).toBe(reading);
    expect(guest.unchecked("fd_write", [fd, ...iovecs, RESULT])).toBe(writing);
  });

  test("limits of a channel: a short transfer, then an error", () => {
    const guest = new TestGuest({
      channels: [
        {
          alias: "/dev/stdin",
          contents: "abcdef",
          limits: { gets: 2n, getBytes: 99n, puts: 0n, putBytes: 0n },
        },
        { alias: "/dev/stdout", limits: { gets: 0n, getBytes: 0n, puts: 9n, putBytes: 3n } },
        { alias: "/dev/w", type: 3, limits: { gets: 0n, getBytes: 0n, puts: 1n } },
      ],
    });
    expect([guest.read(0, 1), guest.read(0, 1), guest.read(0, 1)]).toEqual(["a", "b", "<DQUOT>"]);
    expect([guest.write(1, "abcdef"), guest.write(1, "g")]).toEqual([3, "INVAL"]);
    const random = guest.opened("dev/w", { rights: RIGHTS.WRITE });
    expect([guest.write(random, "ab"), guest.write(random, "c")]).toEqual([2, "DQUOT"]);
  });

  test("emulated devices: their bytes, and NOSPC on the full one", () => {
    const guest = new TestGuest();
    const zero = guest.opened("dev/zero", { rights: RIGHTS.BOTH });
    const iovecs = guest.iovecs([[0x10, 3]]);
    expect(
      guest.call(
        "fd_read",
        [zero, ...iovecs, RESULT],
        [
          [0x10, hex("00 00 00")],
          [RESULT, u32(3)],
        ],
      ),
    ).toBe("SUCCESS");
    const full = guest.opened("dev/full", { rights: RIGHTS.BOTH });
    expect(guest.call("fd_write", [full, ...iovecs, RESULT])).toBe("NOSPC");
  });

  test("more iovecs or bytes than one call takes are INVAL", () => {
    const { guest, fd } = guestWithFile();
    guest.bytes.fill(0, 0x2000, 0x8000);
    expect(guest.call("fd_read", [fd, 0x2000, 1025, RESULT])).toBe("INVAL");
    expect(guest.call("fd_read", [fd, 0x2000, 1024, RESULT], [[RESULT, u32(0)]])).toBe("SUCCESS");
    const big = new TestGuest();
    big.memory.grow(1023);
    const file = big.opened("dev/null", { rights: RIGHTS.BOTH });
    const iovecs = big.iovecs(Array.from({ length: 33 }, () => [0, 2 ** 26] as const));
    for (const name of ["fd_read", "fd_write"]) {
      expect(big.unchecked(name, [file, ...iovecs, RESULT])).toBe("INVAL");
    }
    for (const name of ["fd_pread", "fd_pwrite"]) {
      expect(big.unchecked(name, [file, ...iovecs, 0n, RESULT])).toBe("INVAL");
    }
  });
});

describe("append and truncation", () => {
  test("with the append flag a write goes to the end, one with an offset where it says", () => {
    const { guest } = guestWithFile("ab");
    const fd = guest.opened("f", { rights: RIGHTS.BOTH, fdflags: FDFLAGS.APPEND });
    guest.unchecked("fd_seek", [fd, 0n, 0, RESULT]);
    expect(guest.write(fd, "cd")).toBe(2);
    const iovecs = guest.iovecs([guest.place("e")]);
    expect(guest.call("fd_pwrite", [fd, ...iovecs, 0n, RESULT], [[RESULT, u32(1)]])).toBe(
      "SUCCESS",
    );
    expect(guest.read(guest.opened("f"), 9)).toBe("ebcd");
    expect(guest.call("fd_tell", [fd, RESULT], [[RESULT, u64(4)]])).toBe("SUCCESS");
  });

  test("the flag can be set and taken away later", () => {
    const { guest, fd } = guestWithFile("abc");
    expect(guest.call("fd_fdstat_set_flags", [fd, FDFLAGS.APPEND])).toBe("SUCCESS");
    guest.write(fd, "d");
    expect(guest.call("fd_fdstat_set_flags", [fd, 0])).toBe("SUCCESS");
    guest.unchecked("fd_seek", [fd, 0n, 0, RESULT]);
    guest.write(fd, "A");
    expect(guest.read(guest.opened("f"), 9)).toBe("Abcd");
  });

  test("O_TRUNC cuts when it is opened for writing, and only then", () => {
    const { guest } = guestWithFile("abc");
    guest.opened("f", { oflags: OFLAGS.TRUNC });
    expect(guest.read(guest.opened("f"), 9)).toBe("abc");
    guest.opened("f", { oflags: OFLAGS.TRUNC, rights: RIGHTS.WRITE });
    expect(guest.read(guest.opened("f"), 9)).toBe("");
  });

  test("files that hold all they may answer NOSPC, and the limit is reported", () => {
    const guest = new TestGuest({ limits: { "fs-bytes": 256 } });
    guest.file("f", "x".repeat(256));
    const fd = guest.opened("f", { rights: RIGHTS.WRITE, fdflags: FDFLAGS.APPEND });
    expect(guest.write(fd, "y")).toBe("NOSPC");
    expect(guest.zrt.hits()).toEqual(["fs-bytes"]);
  });
});

describe("fd_pread and fd_pwrite", () => {
  test("leave the position where it was", () => {
    const { guest, fd } = guestWithFile("hello");
    const iovecs = guest.iovecs([[0x10, 2]]);
    expect(
      guest.call(
        "fd_pread",
        [fd, ...iovecs, 3n, RESULT],
        [
          [0x10, hex("6c 6f")],
          [RESULT, u32(2)],
        ],
      ),
    ).toBe("SUCCESS");
    expect(guest.call("fd_pwrite", [fd, ...iovecs, 0n, RESULT], [[RESULT, u32(2)]])).toBe(
      "SUCCESS",
    );
    expect(guest.call("fd_tell", [fd, RESULT], [[RESULT, u64(0)]])).toBe("SUCCESS");
    expect(guest.read(fd, 9)).toBe("lollo");
  });

  test("an empty write past the end changes nothing, one byte makes a gap", () => {
    const { guest, fd } = guestWithFile("");
    expect(guest.unchecked("fd_pwrite", [fd, ...guest.iovecs([[0, 0]]), 50n, RESULT])).toBe(
      "SUCCESS",
    );
    expect(sizeOf(guest, fd)).toBe(0n);
    expect(guest.unchecked("fd_pwrite", [fd, ...guest.iovecs([[0, 1]]), 50n, RESULT])).toBe(
      "SUCCESS",
    );
    expect(sizeOf(guest, fd)).toBe(51n);
  });

  test.each([[-1n], [2n ** 63n], [2n ** 53n]])("offset %s is INVAL", (offset) => {
    const { guest, fd } = guestWithFile();
    const iovecs = guest.iovecs([[0x10, 2]]);
    expect(guest.call("fd_pread", [fd, ...iovecs, offset, RESULT])).toBe("INVAL");
    expect(guest.call("fd_pwrite", [fd, ...iovecs, offset, RESULT])).toBe("INVAL");
  });

  test("past the largest offset is FBIG; a file far away costs nothing", () => {
    const { guest, fd } = guestWithFile("");
    const iovecs = guest.iovecs([[0x10, 2]]);
    const last = BigInt(Number.MAX_SAFE_INTEGER);
    expect(guest.call("fd_pwrite", [fd, ...iovecs, last - 1n, RESULT])).toBe("FBIG");
    expect(guest.unchecked("fd_pwrite", [fd, ...iovecs, 2n ** 32n, RESULT])).toBe("SUCCESS");
    expect(sizeOf(guest, fd)).toBe(2n ** 32n + 2n);
  });

  test("sequential channels take them and ignore the offset", () => {
    const guest = new TestGuest({ stdin: "abcd" });
    const iovecs = guest.iovecs([[0x10, 2]]);
    expect(guest.unchecked("fd_pread", [0, ...iovecs, 100n, RESULT])).toBe("SUCCESS");
    expect(guest.text(0x10, 2)).toBe("ab");
    expect(guest.unchecked("fd_pwrite", [2, ...iovecs, 1n, RESULT])).toBe("SUCCESS");
    expect(guest.contents("/dev/stderr")).toBe("ab");
    expect(guest.call("fd_pread", [99, ...iovecs, 0n, RESULT])).toBe("BADF");
    expect(guest.call("fd_pwrite", [99, ...iovecs, 0n, RESULT])).toBe("BADF");
    expect(guest.call("fd_pread", [3, ...iovecs, 0n, RESULT])).toBe("ISDIR");
    expect(guest.call("fd_pwrite", [3, ...iovecs, 0n, RESULT])).toBe("ISDIR");
  });
});

describe("fd_seek and fd_tell", () => {
  const SET = { preview1: 0, unstable: 2 };
  const CURRENT = { preview1: 1, unstable: 0 };
  const END = { preview1: 2, unstable: 1 };

  test.each([
    ["fd_seek", "preview1"],
    ["unstable.fd_seek", "unstable"],
  ] as const)("%s counts from start, position and end", (name, face) => {
    const { guest, fd } = guestWithFile("hello");
    const seek = (offset: bigint, whence: number, position: number): string =>
      guest.call(name, [fd, offset, whence, RESULT], [[RESULT, u64(position)]]);
    expect(seek(4n, SET[face], 4)).toBe("SUCCESS");
    expect(seek(-1n, CURRENT[face], 3)).toBe("SUCCESS");
    expect(seek(-5n, END[face], 0)).toBe("SUCCESS");
    expect(seek(2n ** 40n, END[face], 2 ** 40 + 5)).toBe("SUCCESS");
    expect(guest.call("fd_tell", [fd, RESULT], [[RESULT, u64(2 ** 40 + 5)]])).toBe("SUCCESS");
    expect(guest.call("unstable.fd_tell", [fd, 8], [[8, u64(2 ** 40 + 5)]])).toBe("SUCCESS");
  });

  test.each([
    ["before the start", -1n, 0],
    ["before the start, from the end", -6n, 2],
    ["past all offsets", 2n ** 53n, 0],
    ["a whence that there is not", 0n, 3],
    ["a whence far away", 0n, -1],
  ])("%s is INVAL and moves nothing", (_name, offset, whence) => {
    const { guest, fd } = guestWithFile("hello");
    expect(guest.call("fd_seek", [fd, offset, whence, RESULT])).toBe("INVAL");
    expect(guest.call("fd_tell", [fd, RESULT], [[RESULT, u64(0)]])).toBe("SUCCESS");
  });

  test("streams tell what passed and are else SPIPE; directories BADF", () => {
    const guest = new TestGuest({ stdin: "abc" });
    guest.read(0, 2);
    expect(guest.call("fd_tell", [0, RESULT], [[RESULT, u64(2)]])).toBe("SUCCESS");
    expect(guest.call("fd_seek", [0, 0n, 1, RESULT], [[RESULT, u64(2)]])).toBe("SUCCESS");
    expect(guest.call("fd_seek", [0, 0n, 0, RESULT])).toBe("SPIPE");
    expect(guest.call("fd_seek", [1, 0n, 2, RESULT])).toBe("SPIPE");
    expect(guest.call("fd_seek", [3, 0n, 0, RESULT])).toBe("BADF");
    expect(guest.call("fd_tell", [3, RESULT])).toBe("BADF");
    expect(guest.call("fd_tell", [44, RESULT])).toBe("BADF");
  });
});

function sizeOf(guest: TestGuest, fd: number): bigint {
  guest.unchecked("fd_filestat_get", [fd, 0x400]);
  return guest.u64(0x420);
}
