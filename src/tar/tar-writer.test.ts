import { describe, expect, test } from "vitest";
import { joined } from "../../test/support/crafted-tar.ts";
import { byteStringOf, bytesOf, HostIoError, memorySource } from "../base/index.ts";
import { compareBytes, indexTar, storedName, TarWriter, type WriteMember } from "./index.ts";

const OWNER = { uid: 1001, gid: 1002, mtimeSeconds: 15 };

function file(path: string, text = "", more: Partial<WriteMember> = {}): WriteMember {
  const contents = memorySource(bytesOf(text));
  return { ...OWNER, path, kind: "file", mode: 0o644, contents, ...more };
}

function link(path: string, kind: "symlink" | "hardlink", target: string): WriteMember {
  return { ...OWNER, path, kind, mode: 0o777, link: target };
}

function written(members: readonly WriteMember[], longNames?: "rooted" | "plain"): Uint8Array {
  const pieces: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => void pieces.push(bytes.slice()) };
  const writer = new TarWriter(sink, longNames === undefined ? {} : { longNames });
  for (const member of members) writer.add(member);
  writer.finish();
  const whole = joined(pieces);
  expect(writer.sizeBytes).toBe(whole.length);
  return whole;
}

/** The fields of a header as text, NULs shown as `.`, empty ones left out. */
function fields(bytes: Uint8Array, start = 0): Record<string, string> {
  const layout = { mode: 100, uid: 108, gid: 116, size: 124, mtime: 136, sum: 148, type: 156 };
  const rest = { link: 157, magic: 257, uname: 265, gname: 297, devices: 329, prefix: 345 };
  const places = Object.entries({ name: 0, ...layout, ...rest, end: 512 });
  const shown: Record<string, string> = {};
  for (const [index, [name, at]] of places.slice(0, -1).entries()) {
    const end = places[index + 1]?.[1] ?? 512;
    const text = byteStringOf(bytes, start + at, start + end).replaceAll("\0", ".");
    if (/[^.]/.test(text)) shown[name] = text.replace(/\.{9,}$/, "");
  }
  return shown;
}

describe("TarWriter", () => {
  test("writes the old GNU header, with the type in the mode", () => {
    expect(fields(written([file("out/a.txt", "hello")]))).toEqual({
      name: "out/a.txt",
      mode: "0100644.",
      uid: "0001751.",
      gid: "0001752.",
      size: "00000000005.",
      mtime: "00000000017.",
      sum: expect.stringMatching(/^[0-7]{6}\. $/),
      type: "0",
      magic: "ustar  .",
    });
  });

  test.each([
    ["a directory", { ...OWNER, path: "d", kind: "directory", mode: 0o755 }, "d/", "5", "0040755."],
    ["the root", { ...OWNER, path: "", kind: "directory", mode: 0o700 }, "./", "5", "0040700."],
    ["a hard link", link("h", "hardlink", "f"), "h", "1", "0100777."],
    ["a symbolic link", link("s", "symlink", "/x"), "s", "2", "0120777."],
    ["a setuid file", file("f", "", { mode: 0o4755 }), "f", "0", "0104755."],
  ] as [string, WriteMember, string, string, string][])("%s", (_, member, name, type, mode) => {
    const header = fields(written([member]));
    expect(header).toMatchObject({ name, type, mode, size: "00000000000." });
    expect(header["link"]).toBe(member.link);
  });

  test("pads contents to blocks and the whole to records, with zeros", () => {
    const bytes = written([file("a", "xyz")]);
    expect(bytes.length).toBe(10_240);
    expect(byteStringOf(bytes, 512, 515)).toBe("xyz");
    expect(bytes.subarray(515).every((byte) => byte === 0)).toBe(true);
    expect(written([])).toEqual(new Uint8Array(10_240));
    expect(written([file("a", "x".repeat(10_240 - 1536))]).length).toBe(10_240);
    expect(written([file("a", "x".repeat(10_240 - 1535))]).length).toBe(20_480);
  });

  test("names of 100 bytes and more get a record of their own, rooted", () => {
    expect(fields(written([file("n".repeat(99))]))["name"]).toBe(`${"n".repeat(99)}.`);
    const name = "n".repeat(100);
    const bytes = written([file(name)]);
    expect(fields(bytes)).toMatchObject({
      name: "././@LongLink",
      type: "L",
      size: "00000000146.",
      mode: "0000644.",
      uid: "0000000.",
      mtime: "00000000000.",
    });
    expect(byteStringOf(bytes, 512, 614)).toBe(`/${name}\0`);
    expect(fields(bytes, 1024)).toMatchObject({ name, type: "0" });
    expect(byteStringOf(written([file(name)], "plain"), 512, 613)).toBe(`${name}\0`);
  });

  test("the slash of a directory counts, and long targets come first", () => {
    const directory: WriteMember = { ...file("d".repeat(99)), kind: "directory" };
    expect(fields(written([directory]))["type"]).toBe("L");
    const bytes = written([link("s".repeat(120), "symlink", "t".repeat(100))]);
    expect([0, 1024, 2048].map((at) => fields(bytes, at)["type"])).toEqual(["K", "L", "2"]);
    expect(byteStringOf(bytes, 512, 613)).toBe(`${"t".repeat(100)}\0`);
  });

  test("numbers that octal cannot hold go to base 256", () => {
    const contents = { sizeBytes: 8 ** 11, read: () => 0 };
    const pieces: Uint8Array[] = [];
    const writer = new TarWriter({ write: (bytes) => void pieces.push(bytes.slice()) });
    const negative = { mtimeSeconds: -2, uid: 2 ** 21 };
    expect(() => writer.add(file("big", "", { contents, ...negative }))).toThrow(HostIoError);
    writer.finish();
    const header = joined(pieces);
    expect([...header.subarray(124, 136)]).toEqual([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    expect([...header.subarray(136, 148)]).toEqual([...Array(11).fill(0xff), 0xfe]);
    expect([...header.subarray(108, 116)]).toEqual([0x80, 0, 0, 0, 0, 0x20, 0, 0]);
  });

  test("contents pass in pieces, and never whole", () => {
    const sizeBytes = 10_000_000;
    let largest = 0;
    const read = (_: number, into: Uint8Array): number => {
      largest = Math.max(largest, into.length);
      return into.fill(0x41).length;
    };
    const bytes = written([file("a"), file("big", "", { contents: { sizeBytes, read } })]);
    expect(largest).toBeLessThanOrEqual(128 * 1024);
    const members = indexTar(memorySource(bytes), { name: "x", membersMax: 9, links: "kept" });
    expect(members[1]).toMatchObject({ path: "big", sizeBytes });
    expect(bytes.subarray(1024, 1024 + sizeBytes).every((byte) => byte === 0x41)).toBe(true);
    expect(bytes[1024 + sizeBytes]).toBe(0);
  });

  test("long names cross the buffer's end", () => {
    const members = Array.from({ length: 40 }, (_, index) =>
      file(`${index}`.padEnd(100, "n"), "x".repeat(7000)),
    );
    const long = file(`${"p/".repeat(1900)}q`);
    const options = { name: "x", membersMax: 99, links: "kept" } as const;
    const found = indexTar(memorySource(written([...members, long, ...members])), options);
    expect(found.map(({ path }) => path)).toEqual(
      [...members, long, ...members].map(({ path }) => path),
    );
  });

  test("contents that end early name the member and both sizes", () => {
    const contents = { ...memorySource(bytesOf("abc")), sizeBytes: 5 };
    expect(() => written([file("a\nb", "", { contents })])).toThrow(
      "Cannot write 'a\\nb' to an archive: its contents ended after 3 of 5 bytes",
    );
  });

  test("misuse is a bug", () => {
    const writer = new TarWriter({ write: () => {} });
    expect(() => writer.add({ ...file("s"), kind: "symlink" })).toThrow("names are there");
    expect(() => writer.add(file(""))).toThrow("names are there");
    writer.finish();
    expect(() => writer.add(file("a"))).toThrow("finished");
    expect(() => writer.finish()).toThrow("finished once");
  });
});

test("storedName() and compareBytes() order members as archives do", () => {
  expect(storedName("a", "directory")).toBe("a/");
  expect(storedName("", "directory")).toBe("./");
  expect(storedName("a", "symlink")).toBe("a");
  expect(["b", "a/b", "\xff", "a.b", "a/", "B"].sort(compareBytes)).toEqual(
    ["B", "a.b", "a/", "a/b", "b", "\xff"], // As `LC_ALL=C sort` does.
  );
  expect(compareBytes("a", "a")).toBe(0);
});
