import { describe, expect, test } from "vitest";
import {
  BUFFER,
  folderImage,
  OFLAGS,
  RESULT,
  TestGuest,
  u32,
  u64,
} from "../../../test/support/guest-harness.ts";

interface Entry {
  readonly next: bigint;
  readonly ino: bigint;
  readonly type: number;
  readonly name: string;
}

/** Lists as a libc does: the last entry of a full buffer may be cut, and is asked for again. */
function listing(guest: TestGuest, fd: number, bufferSize = 4096, cookie = 0n): Entry[] {
  const entries: Entry[] = [];
  let from = cookie;
  for (;;) {
    const batch = once(guest, fd, bufferSize, from);
    entries.push(...batch);
    if (guest.u32(RESULT) < bufferSize) return entries;
    const last = batch.at(-1);
    if (last === undefined) throw new Error("the buffer is too small for one entry");
    from = last.next;
  }
}

function once(guest: TestGuest, fd: number, bufferSize: number, cookie: bigint): Entry[] {
  const answer = guest.unchecked("fd_readdir", [fd, BUFFER, bufferSize, cookie, RESULT]);
  if (answer !== "SUCCESS") throw new Error(answer);
  const end = BUFFER + guest.u32(RESULT);
  const entries: Entry[] = [];
  for (let at = BUFFER; at + 24 <= end; ) {
    const size = guest.u32(at + 16);
    if (at + 24 + size > end) break;
    entries.push({
      next: guest.u64(at),
      ino: guest.u64(at + 8),
      type: guest.bytes[at + 20] ?? 0,
      name: guest.text(at + 24, size),
    });
    at += 24 + size;
  }
  return entries;
}

function names(guest: TestGuest, fd: number, bufferSize = 4096, cookie = 0n): string[] {
  return listing(guest, fd, bufferSize, cookie).map((entry) => entry.name);
}

function dirent(next: number, ino: bigint, type: number, name: string): number[] {
  return [...u64(next), ...u64(ino), ...u32(name.length), type, 0, 0, 0, ...Buffer.from(name)];
}

describe("fd_readdir", () => {
  test("writes the entries and nothing after them", () => {
    const guest = new TestGuest();
    guest.file("tmp/a", "");
    guest.call("path_create_directory", [3, ...guest.place("tmp/bc")]);
    const fd = guest.opened("tmp");
    const [a, b] = listing(guest, fd);
    guest.bytes.fill(0x3f, BUFFER, BUFFER + 4096);
    const bytes = [...dirent(3, a?.ino ?? 0n, 4, "a"), ...dirent(4, b?.ino ?? 0n, 3, "bc")];
    expect(
      guest.call(
        "fd_readdir",
        [fd, BUFFER, 4096, 0n, RESULT],
        [
          [BUFFER, bytes],
          [RESULT, u32(bytes.length)],
        ],
      ),
    ).toBe("SUCCESS");
  });

  test("an entry that does not fit is cut at the end of the buffer, to the byte", () => {
    const guest = new TestGuest();
    guest.file("tmp/name", "");
    const fd = guest.opened("tmp");
    const [entry] = listing(guest, fd);
    const bytes = dirent(3, entry?.ino ?? 0n, 4, "name");
    for (let size = 0; size <= bytes.length + 1; size++) {
      guest.bytes.fill(0x3f, BUFFER, BUFFER + 4096);
      const shown = bytes.slice(0, size);
      expect(
        guest.call(
          "fd_readdir",
          [fd, BUFFER, size, 0n, RESULT],
          [
            [BUFFER, shown],
            [RESULT, u32(shown.length)],
          ],
        ),
      ).toBe("SUCCESS");
    }
  });

  test("the memory tree lists no dots; host folders and /dev do", () => {
    const images = [folderImage("/w", { f: "x", "d/": "", "d/e/": "" })];
    const guest = new TestGuest({ images });
    expect(names(guest, 3)).toEqual(["dev", "tmp", "w"]);
    expect(names(guest, guest.opened("w"))).toEqual([".", "..", "f", "d"]);
    expect(names(guest, guest.opened("w/d/e"))).toEqual([".", ".."]);
    const devices = ["null", "full", "zero", "random", "urandom"];
    const channels = ["stdin", "stdout", "stderr"];
    expect(names(guest, guest.opened("dev"))).toEqual([".", "..", ...channels, ...devices]);
  });

  test("dots are the directory and the one above it", () => {
    const images = [folderImage("/w", { "d/": "", "d/f": "x" })];
    const guest = new TestGuest({ images });
    const [dot, dots, file] = listing(guest, guest.opened("w/d"));
    const ino = (path: string): bigint => {
      guest.unchecked("path_filestat_get", [3, 0, ...guest.place(path), 8]);
      return guest.u64(16);
    };
    expect([dot?.ino, dots?.ino, file?.ino]).toEqual([ino("w/d"), ino("w"), ino("w/d/f")]);
    expect([dot?.type, dots?.type, file?.type]).toEqual([3, 3, 4]);
  });

  test("a thousand entries through a small buffer, each once", () => {
    const images = [folderImage("/w", {})];
    const guest = new TestGuest({ images });
    const dir = guest.opened("w");
    const made = Array.from({ length: 1000 }, (_, index) => `file.${index}`);
    for (const name of made) {
      guest.call("fd_close", [guest.opened(name, { dir, oflags: OFLAGS.CREAT })]);
    }
    expect(names(guest, dir, 256)).toEqual([".", "..", ...made]);
  });

  test("a cookie goes on after its entry", () => {
    const images = [folderImage("/w", { a: "", b: "", c: "" })];
    const guest = new TestGuest({ images });
    const dir = guest.opened("w");
    const all = listing(guest, dir);
    all.forEach((entry, index) => {
      const rest = all.slice(index + 1).map(({ name }) => name);
      expect(names(guest, dir, 4096, entry.next)).toEqual(rest);
    });
    expect(names(guest, dir, 4096, 2n ** 50n)).toEqual([]);
  });

  test("what is made, removed or renamed while listing hides and repeats nothing else", () => {
    const guest = new TestGuest();
    for (const name of ["a", "b", "c", "d"]) guest.file(`tmp/${name}`, "");
    const dir = guest.opened("tmp");
    const [, second] = listing(guest, dir);
    const cookie = second?.next ?? 0n;
    guest.onPath("path_unlink_file", "a", dir);
    guest.onPath("path_unlink_file", "b", dir);
    expect(names(guest, dir, 4096, cookie)).toEqual(["c", "d"]);
    guest.rename("d", "e", dir);
    guest.file("f", "", dir);
    expect(names(guest, dir, 4096, cookie)).toEqual(["c", "e", "f"]);
    for (let count = 0; count < 100; count++) {
      guest.file("g", "", dir);
      guest.onPath("path_unlink_file", "g", dir);
    }
    expect(names(guest, dir, 4096, cookie)).toEqual(["c", "e", "f"]);
  });

  test("a directory that was removed while it was open is empty", () => {
    const guest = new TestGuest();
    guest.onPath("path_create_directory", "gone");
    const dir = guest.opened("gone");
    expect(guest.onPath("path_remove_directory", "gone")).toBe("SUCCESS");
    expect(names(guest, dir)).toEqual([]);
    expect(guest.open("x", { dir, oflags: OFLAGS.CREAT })).toBe("NOENT");
  });

  test("what is wrong with it", () => {
    const guest = new TestGuest();
    expect(guest.call("fd_readdir", [99, BUFFER, 64, 0n, RESULT])).toBe("BADF");
    expect(guest.call("fd_readdir", [0, BUFFER, 64, 0n, RESULT])).toBe("NOTDIR");
    expect(guest.call("fd_readdir", [3, BUFFER, 64, -1n, RESULT])).toBe("INVAL");
  });
});
