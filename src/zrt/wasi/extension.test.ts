import { describe, expect, test } from "vitest";
import {
  BUFFER,
  FDFLAGS,
  folderImage,
  hex,
  OFLAGS,
  RESULT,
  RIGHTS,
  TestGuest,
  u32,
  u64,
} from "../../../test/support/guest-harness.ts";

function modeOf(guest: TestGuest, path: string): number {
  const answer = guest.unchecked("zrt.path_stat_ex", [3, 0, ...guest.place(path), 0x200]);
  if (answer !== "SUCCESS") throw new Error(answer);
  return guest.u32(0x200 + 16);
}

describe("duplicates", () => {
  test("fd_dup takes the lowest free number from a lowest on", () => {
    const guest = new TestGuest();
    guest.file("f", "abcdef");
    const fd = guest.opened("f");
    expect(guest.call("zrt.fd_dup", [fd, 0, 8], [[8, u32(5)]])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_dup", [fd, 5, 8], [[8, u32(6)]])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_dup", [fd, 100, 8], [[8, u32(100)]])).toBe("SUCCESS");
    expect(guest.read(100, 2)).toBe("ab");
    guest.call("fd_close", [fd]);
    expect(guest.read(5, 9)).toBe("cdef");
  });

  test("fd_dup of what is not open, past the table, or with a full one", () => {
    const guest = new TestGuest({ limits: { "open-files": 5 } });
    expect(guest.call("zrt.fd_dup", [99, 0, 8])).toBe("BADF");
    expect(guest.call("zrt.fd_dup", [0, 5, 8])).toBe("INVAL");
    expect(guest.call("zrt.fd_dup", [0, -1, 8])).toBe("INVAL");
    expect(guest.call("zrt.fd_dup", [0, 0, 0xfffe])).toBe("FAULT");
    expect(guest.call("zrt.fd_dup", [0, 0, 8], [[8, u32(4)]])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_dup", [0, 0, 8])).toBe("NFILE");
    expect(guest.zrt.hits()).toEqual(["open-files"]);
  });

  test("fd_dup2 closes what was there; the same number changes nothing", () => {
    const guest = new TestGuest({ stdin: "in" });
    guest.file("f", "file");
    const fd = guest.opened("f");
    expect(guest.call("zrt.fd_dup2", [fd, 0])).toBe("SUCCESS");
    expect(guest.read(0, 2)).toBe("fi");
    expect(guest.read(fd, 9)).toBe("le");
    expect(guest.call("zrt.fd_dup2", [fd, fd])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_dup2", [fd, 20])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_dup2", [99, 0])).toBe("BADF");
    expect(guest.call("zrt.fd_dup2", [fd, 1000])).toBe("BADF");
    expect(guest.call("zrt.fd_dup2", [fd, -1])).toBe("BADF");
  });
});

describe("modes", () => {
  test("the umask is given back and taken from what is made", () => {
    const guest = new TestGuest();
    expect(guest.call("zrt.umask", [0o7022, 8], [[8, u32(0)]])).toBe("SUCCESS");
    expect(guest.call("zrt.umask", [0o022, 8], [[8, u32(0o022)]])).toBe("SUCCESS");
    expect(guest.call("zrt.umask", [0, 0xffff])).toBe("FAULT");
    guest.file("f", "");
    guest.onPath("path_create_directory", "d");
    expect([modeOf(guest, "f"), modeOf(guest, "d")]).toEqual([0o100644, 0o040755]);
  });

  test("set_create_mode is for the next file or directory only", () => {
    const guest = new TestGuest();
    expect(guest.call("zrt.set_create_mode", [0o100444])).toBe("SUCCESS");
    guest.opened("f", { oflags: OFLAGS.CREAT });
    guest.opened("g", { oflags: OFLAGS.CREAT });
    guest.call("zrt.set_create_mode", [0o700]);
    guest.onPath("path_create_directory", "d");
    expect(["f", "g", "d"].map((path) => modeOf(guest, path) & 0o7777)).toEqual([
      0o444, 0o666, 0o700,
    ]);
  });

  test("chmod keeps all bits but the type, by path and by descriptor", () => {
    const guest = new TestGuest();
    guest.file("f", "");
    const fd = guest.opened("f");
    guest.symlink("f", "l");
    expect(guest.call("zrt.path_chmod", [3, 0, ...guest.place("f"), 0o107755])).toBe("SUCCESS");
    expect(modeOf(guest, "f")).toBe(0o107755);
    expect(guest.call("zrt.fd_chmod", [fd, 0o600])).toBe("SUCCESS");
    expect(modeOf(guest, "f")).toBe(0o100600);
    expect(guest.call("zrt.path_chmod", [3, 1, ...guest.place("l"), 0o640])).toBe("SUCCESS");
    expect(guest.call("zrt.path_chmod", [3, 0, ...guest.place("l"), 0])).toBe("SUCCESS");
    expect([modeOf(guest, "f"), modeOf(guest, "l")]).toEqual([0o100640, 0o120777]);
  });

  test("what chmod and chown refuse", () => {
    const images = [folderImage("/r", { f: "x" }, { readonly: true })];
    const guest = new TestGuest({ images });
    const [file, missing] = [guest.place("r/f"), guest.place("missing")];
    expect(guest.call("zrt.path_chmod", [3, 0, ...file, 0])).toBe("ROFS");
    expect(guest.call("zrt.path_chmod", [3, 0, ...missing, 0])).toBe("NOENT");
    expect(guest.call("zrt.fd_chmod", [0, 0])).toBe("PERM");
    expect(guest.call("zrt.fd_chmod", [99, 0])).toBe("BADF");
    expect(guest.call("zrt.path_chown", [3, 0, ...missing, 1, 1])).toBe("NOENT");
    expect(guest.call("zrt.path_chown", [3, 0, ...file, 1, 1])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_chown", [0, 1, 1])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_chown", [99, 1, 1])).toBe("BADF");
  });
});

describe("full status", () => {
  test("96 bytes by path and by descriptor", () => {
    const images = [folderImage("/w", { f: "hello" })];
    const guest = new TestGuest({ images });
    guest.unchecked("path_filestat_get", [3, 0, ...guest.place("w/f"), 0x200]);
    const ino = guest.u64(0x208);
    const time = u64(1_000_000_000);
    const stat = [
      ...u64(4096),
      ...u64(ino),
      ...u32(0o100644),
      ...u32(1),
      ...u32(1001),
      ...u32(1002),
      ...u64(0),
      ...u64(5),
      ...u64(1024),
      ...u64(0),
      ...time,
      ...time,
      ...time,
      ...u64(0),
    ];
    expect(stat).toHaveLength(96);
    const fd = guest.opened("w/f");
    expect(guest.call("zrt.path_stat_ex", [3, 0, ...guest.place("w/f"), 8], [[8, stat]])).toBe(
      "SUCCESS",
    );
    expect(guest.call("zrt.fd_stat_ex", [fd, 8], [[8, stat]])).toBe("SUCCESS");
    expect(guest.call("zrt.fd_stat_ex", [99, 8])).toBe("BADF");
    expect(guest.call("zrt.path_stat_ex", [3, 0, ...guest.place("w/x"), 8])).toBe("NOENT");
  });

  test("a pipe is a FIFO here, as WASI cannot say", () => {
    const guest = new TestGuest();
    expect(modeOf(guest, "dev/stdin")).toBe(0o010400);
    expect(modeOf(guest, "dev/stdout")).toBe(0o010200);
    expect(modeOf(guest, "dev")).toBe(0o040500);
  });
});

describe("fd_fcntl", () => {
  const F_GETFL = 3;
  const F_SETFL = 4;
  const [O_RDONLY, O_WRONLY, O_RDWR, O_APPEND, O_NONBLOCK] = [0, 1, 2, 0o2000, 0o4000];

  test("F_GETFL tells how it was opened", () => {
    const guest = new TestGuest();
    guest.file("f", "");
    const flags = (fd: number, expected: number): string =>
      guest.call("zrt.fd_fcntl", [fd, F_GETFL, 0, 8], [[8, u32(expected)]]);
    const fdflags = FDFLAGS.APPEND | FDFLAGS.NONBLOCK;
    expect(flags(guest.opened("f"), O_RDONLY)).toBe("SUCCESS");
    expect(flags(guest.opened("f", { rights: RIGHTS.WRITE }), O_WRONLY)).toBe("SUCCESS");
    const both = guest.opened("f", { rights: RIGHTS.BOTH, fdflags });
    expect(flags(both, O_RDWR | O_APPEND | O_NONBLOCK)).toBe("SUCCESS");
    expect(flags(guest.opened("f", { rights: 0n }), O_RDONLY)).toBe("SUCCESS");
  });

  test("F_SETFL changes the access mode too", () => {
    const guest = new TestGuest();
    guest.file("f", "abc");
    const fd = guest.opened("f", { rights: RIGHTS.WRITE });
    expect(guest.read(fd, 1)).toBe("<INVAL>");
    expect(guest.call("zrt.fd_fcntl", [fd, F_SETFL, O_RDONLY, 8], [[8, u32(0)]])).toBe("SUCCESS");
    expect(guest.read(fd, 1)).toBe("a");
    expect(guest.write(fd, "x")).toBe("INVAL");
    const flags = O_RDWR | O_APPEND | O_NONBLOCK;
    expect(guest.call("zrt.fd_fcntl", [fd, F_SETFL, flags, 8], [[8, u32(0)]])).toBe("SUCCESS");
    expect(guest.write(fd, "x")).toBe(1);
    expect(guest.call("zrt.fd_fcntl", [fd, F_GETFL, 0, 8], [[8, u32(flags)]])).toBe("SUCCESS");
  });

  test("but not past what a channel, a directory or an image allows", () => {
    const images = [folderImage("/r", { f: "x" }, { readonly: true })];
    const guest = new TestGuest({ images });
    const set = (fd: number, flags: number): string =>
      guest.unchecked("zrt.fd_fcntl", [fd, F_SETFL, flags, 8]);
    expect(set(0, O_RDWR)).toBe("ACCES");
    expect(set(0, O_RDONLY)).toBe("SUCCESS");
    expect(set(3, O_WRONLY)).toBe("ISDIR");
    expect(set(3, O_RDONLY)).toBe("SUCCESS");
    expect(set(guest.opened("r/f"), O_RDWR)).toBe("ROFS");
    expect(set(0, 3)).toBe("INVAL");
    expect(set(99, 0)).toBe("BADF");
    expect(guest.call("zrt.fd_fcntl", [0, 99, 0, 8])).toBe("INVAL");
    expect(guest.call("zrt.fd_fcntl", [0, F_SETFL, 0, 0xfffd])).toBe("FAULT");
  });
});

describe("the working directory", () => {
  function cwd(guest: TestGuest, path: string): string {
    const bytes = [...Buffer.from(path, "latin1")];
    const writes = [
      [BUFFER, bytes],
      [RESULT, u32(bytes.length)],
    ] as const;
    return guest.call("zrt.getcwd", [BUFFER, 100, RESULT], writes);
  }

  test("starts at /, or at HOME, which is made", () => {
    expect(cwd(new TestGuest(), "/")).toBe("SUCCESS");
    expect(cwd(new TestGuest({ env: [["HOME", "/guest/u"]] }), "/guest/u")).toBe("SUCCESS");
    expect(cwd(new TestGuest({ env: [["HOME", "/dev/x"]] }), "/")).toBe("SUCCESS");
  });

  test("changes by path and by descriptor; names are bytes", () => {
    const guest = new TestGuest();
    guest.onPath("path_create_directory", "tmp/\xe7w");
    expect(guest.call("zrt.chdir", guest.place("tmp"))).toBe("SUCCESS");
    expect(guest.call("zrt.chdir", guest.place("\xe7w"))).toBe("SUCCESS");
    expect(cwd(guest, "/tmp/\xe7w")).toBe("SUCCESS");
    expect(guest.call("zrt.chdir", guest.place("../../dev"))).toBe("SUCCESS");
    expect(guest.call("zrt.fchdir", [guest.opened("tmp")])).toBe("SUCCESS");
    expect(cwd(guest, "/tmp")).toBe("SUCCESS");
  });

  test("what is wrong with it", () => {
    const guest = new TestGuest();
    guest.file("f", "");
    expect(guest.call("zrt.chdir", guest.place("missing"))).toBe("NOENT");
    expect(guest.call("zrt.chdir", guest.place("f"))).toBe("NOTDIR");
    expect(guest.call("zrt.chdir", guest.place(""))).toBe("NOENT");
    expect(guest.call("zrt.chdir", guest.place("a\0"))).toBe("INVAL");
    expect(guest.call("zrt.fchdir", [99])).toBe("BADF");
    expect(guest.call("zrt.fchdir", [0])).toBe("NOTDIR");
    guest.call("zrt.chdir", guest.place("tmp"));
    expect(guest.call("zrt.getcwd", [BUFFER, 3, RESULT])).toBe("RANGE");
    expect(guest.call("zrt.getcwd", [BUFFER, 0, RESULT])).toBe("RANGE");
    guest.onPath("path_remove_directory", "tmp");
    expect(guest.call("zrt.getcwd", [BUFFER, 100, RESULT])).toBe("NOENT");
    expect(guest.call("zrt.chdir", guest.place("x"))).toBe("NOENT");
    expect(guest.call("zrt.chdir", guest.place(".."))).toBe("NOENT");
  });

  test("as deep as a guest makes it, and no work for what will not fit", () => {
    const guest = new TestGuest();
    const depth = 20_000;
    const place = guest.place("d");
    const { DIRECTORY } = OFLAGS;
    let fd = 3;
    for (let level = 0; level < depth; level++) {
      expect(guest.unchecked("path_create_directory", [fd, ...place])).toBe("SUCCESS");
      expect(guest.unchecked("path_open", [fd, 0, ...place, DIRECTORY, 0n, 0n, 0, RESULT])).toBe(
        "SUCCESS",
      );
      if (fd !== 3) guest.unchecked("fd_close", [fd]);
      fd = guest.u32(RESULT);
    }
    expect(guest.unchecked("zrt.fchdir", [fd])).toBe("SUCCESS");
    expect(guest.unchecked("zrt.getcwd", [0x4000, 2 * depth - 1, RESULT])).toBe("RANGE");
    expect(guest.unchecked("zrt.getcwd", [0x4000, 2 * depth, RESULT])).toBe("SUCCESS");
    expect(guest.u32(RESULT)).toBe(2 * depth);
    const text = Buffer.from(guest.bytes.subarray(0x4000, 0x4000 + 2 * depth)).toString();
    expect(text === "/d".repeat(depth)).toBe(true);
  });
});

describe("identity and numbers", () => {
  test.each([
    [[], 1, 1],
    [
      [
        ["UID", "5"],
        ["GID", "7"],
      ],
      5,
      7,
    ],
    [
      [
        ["UID", "0"],
        ["GID", "x"],
      ],
      1,
      1,
    ],
  ] as const)("getids with %j", (env, uid, gid) => {
    const guest = new TestGuest({ env });
    const ids = [...u32(uid), ...u32(gid), ...u32(1)];
    expect(guest.call("zrt.getids", [8], [[8, ids]])).toBe("SUCCESS");
  });

  test("sysinfo answers five questions", () => {
    const guest = new TestGuest({ limits: { memory: 2 ** 20, "open-files": 9 } });
    guest.file("f", "x");
    const answers = [65_536, 2 ** 20, 256, 9, 3];
    answers.forEach((answer, what) => {
      expect(guest.call("zrt.sysinfo", [what, 8], [[8, u64(answer)]])).toBe("SUCCESS");
    });
    expect(guest.call("zrt.sysinfo", [5, 8])).toBe("INVAL");
    expect(guest.call("zrt.sysinfo", [-1, 8])).toBe("INVAL");
  });
});

describe("channels by index", () => {
  function guestWithChannel(): TestGuest {
    const limits = { gets: 3n, getBytes: 30n, puts: 4n, putBytes: 2n ** 63n - 1n };
    const channels = [{ alias: "/dev/data", type: 3 as const, contents: "abcdef", limits }];
    return new TestGuest({ stdin: "in", channels });
  }

  test("chan_info: limits, size, type and the alias, cut to its buffer", () => {
    const guest = guestWithChannel();
    const limits = [3n, 30n, 4n, 2n ** 63n - 1n, 6n].flatMap(u64);
    const info = [...limits, ...u32(3), ...u32(9)];
    expect(
      guest.call(
        "zrt.chan_info",
        [3, 8, BUFFER, 5],
        [
          [8, info],
          [BUFFER, [...Buffer.from("/dev/")]],
        ],
      ),
    ).toBe("SUCCESS");
    expect(guest.call("zrt.chan_info", [4, 8, BUFFER, 5])).toBe("INVAL");
    expect(guest.unchecked("zrt.chan_info", [0, 8, BUFFER, 0])).toBe("SUCCESS");
    expect([guest.u64(8 + 32), guest.u32(8 + 40)]).toEqual([0n, 0]);
  });

  test("chan_read and chan_write are one get and one put", () => {
    const guest = guestWithChannel();
    expect(
      guest.call(
        "zrt.chan_read",
        [3, 0x10, 2, 4n, RESULT],
        [
          [0x10, hex("65 66")],
          [RESULT, u32(2)],
        ],
      ),
    ).toBe("SUCCESS");
    expect(guest.call("zrt.chan_write", [3, 0x10, 2, 1n, RESULT], [[RESULT, u32(2)]])).toBe(
      "SUCCESS",
    );
    expect(guest.contents("/dev/data")).toBe("aefdef");
  });

  test("a sequential channel goes on where it is, whatever the offset", () => {
    const guest = new TestGuest({ stdin: "input" });
    for (const offset of [2n ** 60n, -(2n ** 63n), -1n, 0n]) {
      expect(guest.unchecked("zrt.chan_read", [0, BUFFER, 1, offset, RESULT])).toBe("SUCCESS");
      expect(guest.u32(RESULT)).toBe(1);
      expect(guest.unchecked("zrt.chan_write", [1, BUFFER, 1, offset, RESULT])).toBe("SUCCESS");
    }
    expect(guest.contents("/dev/stdout")).toBe("inpu");
  });

  test("their errors are those of the traps", () => {
    const guest = guestWithChannel();
    for (const name of ["zrt.chan_read", "zrt.chan_write"]) {
      expect(guest.call(name, [9, 0x10, 2, 0n, RESULT])).toBe("INVAL");
      expect(guest.call(name, [3, 0x10, 2, 2n ** 60n, RESULT])).toBe("INVAL");
      expect(guest.call(name, [3, 0x10, 2, -1n, RESULT])).toBe("INVAL");
      expect(guest.call(name, [3, 0x10, -1, 0n, RESULT])).toBe("FAULT");
      expect(guest.call(name, [3, 0xffff, 2, 0n, RESULT])).toBe("FAULT");
    }
    expect(guest.call("zrt.chan_read", [1, 0x10, 2, 0n, RESULT])).toBe("DQUOT");
    expect(guest.call("zrt.chan_read", [3, 0x10, 2, 99n, RESULT])).toBe("FAULT");
  });
});
