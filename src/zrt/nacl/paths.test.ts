import { beforeEach, describe, expect, test } from "vitest";
import { folderImage } from "../../../test/support/guest-harness.ts";
import { BUFFER, NaclTestGuest, RESULT, RODATA } from "../../../test/support/nacl-guest.ts";
import { ERRNO } from "../../base/index.ts";
import type { NaclCallName } from "../trace/index.ts";

const O = { WRONLY: 1, RDWR: 2, CREAT: 0o100, EXCL: 0o200, TRUNC: 0o1000, APPEND: 0o2000 } as const;
const O_DIRECTORY = 0o200000;

let nacl: NaclTestGuest;

beforeEach(() => {
  const files = { f: "0123456789", "d/": "", "d/g": "y" };
  nacl = new NaclTestGuest({ images: [folderImage("/w", files)], limits: { "open-files": 8 } });
});

const on = (name: NaclCallName, path: string, ...words: readonly number[]): number => {
  return nacl.call(name, nacl.text(path), ...words);
};

const stat = (path: string, name: "stat" | "lstat" = "stat"): DataView => {
  expect(on(name, path, RESULT)).toBe(0);
  return nacl.view(RESULT);
};

describe("open", () => {
  test("makes, cuts, appends and refuses as it is asked", () => {
    expect(nacl.open("/n")).toBe(-ERRNO.ENOENT);
    const made = nacl.open("/n", O.CREAT | O.WRONLY | O.EXCL, 0o640);
    expect(made).toBe(4);
    expect(stat("/n").getUint32(16, true)).toBe(0o100640);
    expect(nacl.open("/n", O.CREAT | O.EXCL)).toBe(-ERRNO.EEXIST);
    nacl.call("write", made, nacl.text("abc"), 3);
    const appending = nacl.open("/n", O.WRONLY | O.APPEND);
    nacl.call("write", appending, nacl.text("de"), 2);
    expect(stat("/n").getBigInt64(40, true)).toBe(5n);
    nacl.open("/n", O.RDWR | O.TRUNC);
    expect(stat("/n").getBigInt64(40, true)).toBe(0n);
    expect(nacl.open("/n", 3)).toBe(-ERRNO.EINVAL);
    expect(nacl.open("/w/f", O_DIRECTORY)).toBe(-ERRNO.ENOTDIR);
    expect(nacl.open("/w", O.WRONLY)).toBe(-ERRNO.EISDIR);
    expect(nacl.open("")).toBe(-ERRNO.ENOENT);
  });

  test("says where no descriptor is free, and notes what was denied", () => {
    while (nacl.open("/w/f") >= 0) {}
    expect(nacl.open("/w/f")).toBe(-ERRNO.ENFILE);
    expect(nacl.guest.zrt.hits()).toEqual(["open-files"]);
    on("chdir", "/w");
    on("stat", "missing", RESULT);
    expect(nacl.guest.zrt.denied()).toEqual([
      { path: "/w/missing", wanted: "read", errno: ERRNO.ENOENT },
    ]);
  });
});

describe("every call on a path", () => {
  const ON_PATHS: readonly (readonly [NaclCallName, readonly number[]])[] = [
    ["open", [0, 0]],
    ["stat", [RESULT]],
    ["lstat", [RESULT]],
    ["chmod", [0o600]],
    ["access", [0]],
    ["truncate", [RESULT]],
    ["utimes", [0]],
    ["mkdir", [0o777]],
    ["rmdir", []],
    ["unlink", []],
    ["chdir", []],
    ["readlink", [BUFFER, 10]],
  ];

  test.each(ON_PATHS)("%s is EFAULT for one that cannot be read", (name, words) => {
    nacl.putI64(RESULT, 0n);
    for (const pointer of [0, 0xffff, 0x6_0000, 0x200_0000]) {
      expect(nacl.call(name, pointer, ...words)).toBe(-ERRNO.EFAULT);
    }
    // A path that goes on to the end of the addresses has no end.
    nacl.put(0xffff_fff0, Array(16).fill(0x61));
    expect(nacl.call(name, 0xffff_fff0, ...words)).toBe(-ERRNO.EFAULT);
  });

  test.each(ON_PATHS)("%s is ENAMETOOLONG for a long one", (name, words) => {
    nacl.putI64(RESULT, 0n);
    expect(on(name, "x".repeat(5000), ...words)).toBe(-ERRNO.ENAMETOOLONG);
  });

  test("tells a status; links are followed or told of themselves", () => {
    expect(stat("/w/d").getUint32(16, true) >>> 12).toBe(0o4);
    expect(on("symlink", "/w/f", nacl.text("/l"))).toBe(0);
    expect(stat("/l").getBigInt64(40, true)).toBe(10n);
    expect(stat("/l", "lstat").getUint32(16, true) >>> 12).toBe(0o12);
    expect(on("readlink", "/l", BUFFER, 3)).toBe(3);
    expect(nacl.string(BUFFER, 4)).toBe("/w/?");
    expect(on("readlink", "/w/f", BUFFER, 3)).toBe(-ERRNO.EINVAL);
    expect(on("readlink", "/l", RODATA, 3)).toBe(-ERRNO.EFAULT);
    expect(on("stat", "/w/f", RODATA)).toBe(-ERRNO.EFAULT);
    expect(on("stat", "/w/f", 0xffff_fff0)).toBe(-ERRNO.EFAULT);
  });

  test("changes modes, sizes and times", () => {
    expect(on("chmod", "/w/f", 0o100600)).toBe(0);
    expect(stat("/w/f").getUint32(16, true)).toBe(0o100600);
    expect(on("chmod", "/dev/null", 0o600)).toBe(-ERRNO.EPERM);
    expect(on("access", "/w/f", 6)).toBe(0);
    expect(on("access", "/w/f", 1)).toBe(-ERRNO.EACCES);
    expect(on("access", "/w/d", 1)).toBe(0);
    expect(on("access", "/w/f", 8)).toBe(-ERRNO.EINVAL);
    expect(on("access", "/w/no", 0)).toBe(-ERRNO.ENOENT);
    nacl.putI64(BUFFER, 4n);
    expect(on("truncate", "/w/f", BUFFER)).toBe(0);
    expect(stat("/w/f").getBigInt64(40, true)).toBe(4n);
    nacl.putI64(BUFFER, -1n);
    expect(on("truncate", "/w/f", BUFFER)).toBe(-ERRNO.EINVAL);
    nacl.putI64(BUFFER, 2n ** 60n);
    expect(on("truncate", "/w/f", BUFFER)).toBe(-ERRNO.EFBIG);
    nacl.putI64(BUFFER, 0n);
    expect(on("truncate", "/w/d", BUFFER)).toBe(-ERRNO.EISDIR);
    expect(on("truncate", "/w/f", 0)).toBe(-ERRNO.EFAULT);
    const times = [5n, 250_000n, 6n, 0n];
    times.forEach((value, index) => {
      nacl.putI64(BUFFER + 8 * index, value);
    });
    expect(on("utimes", "/w/f", BUFFER)).toBe(0);
    const view = stat("/w/f");
    expect([56, 64, 72, 80].map((at) => view.getBigInt64(at, true))).toEqual([
      5n,
      250_000_000n,
      6n,
      0n,
    ]);
    expect(on("utimes", "/w/f", 0)).toBe(0);
    nacl.putI64(BUFFER + 8, 1_000_000n);
    expect(on("utimes", "/w/f", BUFFER)).toBe(-ERRNO.EINVAL);
    expect(on("utimes", "/w/f", 0xffff_fff8)).toBe(-ERRNO.EFAULT);
  });

  test("makes and removes names", () => {
    expect(on("mkdir", "/m", 0o750)).toBe(0);
    expect(stat("/m").getUint32(16, true)).toBe(0o40750);
    expect(on("mkdir", "/m", 0o750)).toBe(-ERRNO.EEXIST);
    expect(on("unlink", "/m")).toBe(-ERRNO.EISDIR);
    expect(on("rmdir", "/w/d")).toBe(-ERRNO.ENOTEMPTY);
    expect(on("rmdir", "/m")).toBe(0);
    expect(on("link", "/w/f", nacl.text("/w/h"))).toBe(0);
    expect(stat("/w/h").getUint32(20, true)).toBe(2);
    expect(on("rename", "/w/h", nacl.text("/w/i"))).toBe(0);
    expect(on("unlink", "/w/i")).toBe(0);
    expect(on("unlink", "/w/i")).toBe(-ERRNO.ENOENT);
    expect(on("rename", "/w/f", nacl.text("/f"))).toBe(-ERRNO.EXDEV);
    expect(on("link", "/w/f", 0)).toBe(-ERRNO.EFAULT);
    expect(on("rename", "/w/f", 0)).toBe(-ERRNO.EFAULT);
    expect(on("symlink", "/w/f", 0)).toBe(-ERRNO.EFAULT);
  });

  test("begins at the working directory, which is told with its NUL", () => {
    expect(nacl.call("getcwd", BUFFER, 2)).toBe(0);
    expect(nacl.string(BUFFER, 2)).toBe("/\0");
    expect(on("chdir", "/w/f")).toBe(-ERRNO.ENOTDIR);
    expect(on("chdir", "/w/d")).toBe(0);
    expect(nacl.call("getcwd", BUFFER, 100)).toBe(0);
    expect(nacl.string(BUFFER, 6)).toBe("/w/d\0?");
    expect(nacl.call("getcwd", BUFFER, 4)).toBe(-ERRNO.ERANGE);
    expect(nacl.call("getcwd", BUFFER, 0)).toBe(-ERRNO.ERANGE);
    expect(nacl.call("getcwd", RODATA, 100)).toBe(-ERRNO.EFAULT);
    expect(nacl.open("g")).toBeGreaterThan(0);
    expect(nacl.open("../f")).toBeGreaterThan(0);
  });
});
