import { beforeEach, describe, expect, test } from "vitest";
import { folderImage } from "../../../test/support/guest-harness.ts";
import {
  BUFFER,
  FILL,
  NaclTestGuest,
  RESULT,
  RODATA,
  TEXT,
} from "../../../test/support/nacl-guest.ts";
import { ERRNO } from "../../base/index.ts";

const O_CREAT_RDWR = 0o102;

let nacl: NaclTestGuest;

beforeEach(() => {
  nacl = new NaclTestGuest({
    stdin: "some input",
    clockSeconds: 7,
    images: [folderImage("/w", { f: "0123456789", "d/": "", "d/g": "y" })],
  });
});

/** Addresses that no call may write to. */
const UNWRITABLE = [0, 0xffff, TEXT, RODATA, 0x6_0000, 0x200_0000, 0xfeff_fff0, 0xffff_ffff];

describe("reads and writes", () => {
  test("of channels and files, at the position", () => {
    expect(nacl.call("read", 0, BUFFER, 4)).toBe(4);
    expect(nacl.string(BUFFER, 5)).toBe("some?");
    expect(nacl.call("read", 0, BUFFER, 100)).toBe(6);
    expect(nacl.call("read", 0, BUFFER, 100)).toBe(0);
    expect(nacl.call("write", 1, nacl.text("hello"), 5)).toBe(5);
    expect(nacl.guest.contents("/dev/stdout")).toBe("hello");
    // What lies in the text may be written, but nothing is read to there.
    expect(nacl.call("write", 1, TEXT, 2)).toBe(2);
    expect(nacl.call("read", 0, BUFFER, 0)).toBe(0);
    expect(nacl.call("read", 0, 0, 0)).toBe(0);
  });

  test("at an offset leave the position", () => {
    const fd = nacl.open("/w/f");
    nacl.putI64(RESULT, 3n);
    expect(nacl.call("pread", fd, BUFFER, 4, RESULT)).toBe(4);
    expect(nacl.string(BUFFER, 4)).toBe("3456");
    expect(nacl.call("read", fd, BUFFER, 2)).toBe(2);
    expect(nacl.string(BUFFER, 2)).toBe("01");
    const made = nacl.open("/new", O_CREAT_RDWR);
    expect(nacl.call("pwrite", made, nacl.text("xy"), 2, RESULT)).toBe(2);
    expect(nacl.call("read", made, BUFFER, 9)).toBe(5);
    expect(nacl.string(BUFFER, 5)).toBe("\0\0\0xy");
    nacl.putI64(RESULT, -1n);
    expect(nacl.call("pread", fd, BUFFER, 4, RESULT)).toBe(-ERRNO.EINVAL);
    expect(nacl.call("pwrite", made, BUFFER, 4, RESULT)).toBe(-ERRNO.EINVAL);
    expect(nacl.call("pread", fd, BUFFER, 4, 0)).toBe(-ERRNO.EFAULT);
  });

  test.each(UNWRITABLE)("are EFAULT where the guest may not write, as at %s", (address) => {
    const fd = nacl.open("/w/f");
    expect(nacl.call("read", fd, address, 2)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("fstat", fd, address)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("lseek", fd, address, 0)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("getdents", nacl.open("/w"), address, 64)).toBe(-ERRNO.EFAULT);
    // Nothing was read: the position is where it was.
    expect(nacl.call("read", fd, BUFFER, 1)).toBe(1);
    expect(nacl.string(BUFFER, 1)).toBe("0");
  });

  test("are EFAULT where the guest may not read, and for sizes past the end", () => {
    for (const address of [0, 0xffff, 0x6_0000, 0x200_0000, 0xffff_ffff]) {
      expect(nacl.call("write", 1, address, 2)).toBe(-ERRNO.EFAULT);
    }
    expect(nacl.call("write", 1, 0xffff_ffff, 1)).toBe(1);
    expect(nacl.call("write", 1, BUFFER, 0xffff_ffff)).toBe(-ERRNO.EFAULT);
    expect(nacl.call("read", 0, BUFFER, 0x8000_0000)).toBe(-ERRNO.EFAULT);
  });

  test("of what is not open, or not for that", () => {
    for (const fd of [4, 99, 0x7fff_ffff, 0xffff_ffff, 0x10_0000]) {
      expect(nacl.call("read", fd, BUFFER, 1)).toBe(-ERRNO.EBADF);
      expect(nacl.call("write", fd, BUFFER, 1)).toBe(-ERRNO.EBADF);
      expect(nacl.call("pread", fd, BUFFER, 1, RESULT)).toBe(-ERRNO.EBADF);
      expect(nacl.call("pwrite", fd, BUFFER, 1, RESULT)).toBe(-ERRNO.EBADF);
      expect(nacl.call("lseek", fd, RESULT, 0)).toBe(-ERRNO.EBADF);
      expect(nacl.call("close", fd)).toBe(-ERRNO.EBADF);
      expect(nacl.call("dup", fd)).toBe(-ERRNO.EBADF);
      expect(nacl.call("dup2", fd, 1)).toBe(-ERRNO.EBADF);
      expect(nacl.call("fstat", fd, RESULT)).toBe(-ERRNO.EBADF);
      expect(nacl.call("isatty", fd)).toBe(-ERRNO.EBADF);
      expect(nacl.call("getdents", fd, BUFFER, 64)).toBe(-ERRNO.EBADF);
    }
    expect(nacl.call("read", nacl.open("/w"), BUFFER, 1)).toBe(-ERRNO.EISDIR);
    expect(nacl.call("write", 0, BUFFER, 1)).toBe(-ERRNO.EINVAL);
  });
});

describe("descriptors", () => {
  test("are moved by an offset in memory, where the new position goes", () => {
    const fd = nacl.open("/w/f");
    const moved = (offset: bigint, whence: number): number | bigint => {
      nacl.putI64(RESULT, offset);
      const answer = nacl.call("lseek", fd, RESULT, whence);
      return answer < 0 ? answer : nacl.view(RESULT).getBigInt64(0, true);
    };
    expect(moved(4n, 0)).toBe(4n);
    expect(moved(-1n, 1)).toBe(3n);
    expect(moved(-2n, 2)).toBe(8n);
    expect(moved(0n, 3)).toBe(-ERRNO.EINVAL);
    expect(moved(-9n, 1)).toBe(-ERRNO.EINVAL);
    expect(moved(2n ** 62n, 0)).toBe(-ERRNO.EINVAL);
    expect(nacl.view(RESULT).getBigInt64(0, true)).toBe(2n ** 62n);
    expect(nacl.call("read", fd, BUFFER, 1)).toBe(1);
    expect(nacl.string(BUFFER, 1)).toBe("8");
  });

  test("are duplicated, share a position and are closed one by one", () => {
    const fd = nacl.open("/w/f");
    const other = nacl.call("dup", fd);
    expect(other).toBe(fd + 1);
    expect(nacl.call("dup2", fd, 9)).toBe(9);
    expect(nacl.call("dup2", fd, 0x7fff_ffff)).toBe(-ERRNO.EBADF);
    nacl.call("read", other, BUFFER, 3);
    expect(nacl.call("close", fd)).toBe(0);
    expect(nacl.call("read", 9, BUFFER, 1)).toBe(1);
    expect(nacl.string(BUFFER, 1)).toBe("3");
    expect(nacl.open("/w/f")).toBe(fd);
  });

  test("have a status of 104 bytes, and nothing else is written", () => {
    const fd = nacl.open("/w/f");
    expect(nacl.call("fstat", fd, RESULT)).toBe(0);
    const view = nacl.view(RESULT);
    expect(view.getUint32(16, true) >>> 12).toBe(0o10);
    expect(view.getUint32(20, true)).toBe(1);
    expect(view.getBigInt64(40, true)).toBe(10n);
    expect(view.getInt32(48, true)).toBe(1024);
    const device = nacl.call("fstat", 1, RESULT + 0x100);
    expect(device).toBe(0);
    expect(nacl.view(RESULT + 0x100).getUint32(16, true) >>> 12).toBe(0o1);
    expect(nacl.view(RESULT + 0x100).getBigInt64(72, true)).toBe(7n);
    expect([...nacl.bytes(RESULT + 104, 4)]).toEqual([FILL, FILL, FILL, FILL]);
    expect([...nacl.bytes(RESULT - 2, 2)]).toEqual([FILL, FILL]);
  });

  test("are no terminals", () => {
    expect(nacl.call("isatty", 0)).toBe(-ERRNO.ENOTTY);
    expect(nacl.call("isatty", nacl.open("/w/f"))).toBe(-ERRNO.ENOTTY);
  });
});

describe("directories", () => {
  /** Names and the cookies behind them, from the bytes of `struct dirent`. */
  function entries(size: number): [string, bigint][] {
    const found: [string, bigint][] = [];
    const view = nacl.view(BUFFER);
    for (let at = 0; at < size; at += view.getUint16(at + 16, true)) {
      const length = nacl.bytes(BUFFER + at + 18, 256).indexOf(0);
      found.push([nacl.string(BUFFER + at + 18, length), view.getBigInt64(at + 8, true)]);
    }
    return found;
  }

  test("are listed by whole entries, and again from a place", () => {
    const fd = nacl.open("/w");
    const size = nacl.call("getdents", fd, BUFFER, 1000);
    expect(size % 8).toBe(0);
    const all = entries(size);
    expect(all.map(([name]) => name)).toEqual([".", "..", "f", "d"]);
    expect(nacl.call("getdents", fd, BUFFER, 1000)).toBe(0);
    nacl.putI64(RESULT, all[1]?.[1] ?? 0n);
    expect(nacl.call("lseek", fd, RESULT, 0)).toBe(0);
    expect(nacl.call("getdents", fd, BUFFER, 30)).toBe(24);
    expect(entries(24).map(([name]) => name)).toEqual(["f"]);
    expect(nacl.call("getdents", fd, BUFFER, 30)).toBe(24);
    expect(entries(24).map(([name]) => name)).toEqual(["d"]);
  });

  test("say where there is no room, and what is no directory", () => {
    const fd = nacl.open("/w");
    expect(nacl.call("getdents", fd, BUFFER, 23)).toBe(-ERRNO.EINVAL);
    expect(nacl.call("getdents", fd, BUFFER, 0)).toBe(-ERRNO.EINVAL);
    expect(nacl.call("getdents", nacl.open("/w/f"), BUFFER, 100)).toBe(-ERRNO.ENOTDIR);
    nacl.putI64(RESULT, -1n);
    expect(nacl.call("lseek", fd, RESULT, 0)).toBe(-ERRNO.EINVAL);
    nacl.putI64(RESULT, 0n);
    expect(nacl.call("lseek", fd, RESULT, 2)).toBe(-ERRNO.EINVAL);
  });
});
