import { describe, expect, it } from "vitest";
import type { Diagnostic } from "../../base/index.ts";
import { configWith, DEFAULT_CONFIG, parseNvram, type ZrtConfig } from "./index.ts";

const encoder = new TextEncoder();

function read(text: string): { config: ZrtConfig; diagnostics: readonly Diagnostic[] } {
  return parseNvram(encoder.encode(text));
}

function quiet(text: string): ZrtConfig {
  const { config, diagnostics } = read(text);
  expect(diagnostics).toEqual([]);
  return config;
}

function warnings(text: string): string[] {
  return read(text).diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

const MOUNT = {
  channel: "/dev/a",
  mountpoint: "/",
  access: "ro",
  readonly: false,
  meta: "archive",
  removable: false,
  fsname: "tar",
} as const;

describe("parseNvram", () => {
  it("reads a complete text", () => {
    const config = quiet(
      `[time]
seconds=1400000000
[env]
name=HOME, value=/u
name=LIST, value=a\\x2cb
[args]
args=wc -l "my file" c\\x23   # counts lines
[mapping]
channel=/dev/stdin, mode=char
channel=/dev/in/data, mode=file, truncate=yes
[fstab]
channel=/dev/mount/lib.tar, mountpoint=/usr, access=ro, readonly=yes, meta=classic
  access=wo ,mountpoint = results,channel=/dev/out.tar, removable=yes, fsname=TAR,

[debug]
verbosity=2
[precache]
precache=no`,
    );
    expect(config).toEqual({
      args: ["wc", "-l", "my file", "c#"],
      env: [
        ["HOME", "/u"],
        ["LIST", "a,b"],
      ],
      mapping: [
        { channel: "/dev/stdin", mode: "char", truncate: false },
        { channel: "/dev/in/data", mode: "file", truncate: true },
      ],
      mounts: [
        {
          channel: "/dev/mount/lib.tar",
          mountpoint: "/usr",
          access: "ro",
          readonly: true,
          meta: "classic",
          removable: false,
          fsname: "tar",
        },
        {
          channel: "/dev/out.tar",
          mountpoint: "/results",
          access: "wo",
          readonly: false,
          meta: "archive",
          removable: true,
          fsname: "tar",
        },
      ],
      seconds: 1400000000,
      verbosity: 2,
      precache: false,
    });
  });

  it("has the default configuration without text", () => {
    expect(quiet("")).toEqual(DEFAULT_CONFIG);
    expect(quiet("\n  \n# nothing\n")).toEqual(DEFAULT_CONFIG);
    expect(DEFAULT_CONFIG.args).toEqual(["stub"]);
    expect(configWith({ args: ["a"] })).toEqual({ ...DEFAULT_CONFIG, args: ["a"] });
  });

  it("has no limit on sections and records", () => {
    const text = `[env]\nname=A, value=1\n`.repeat(30) + "[args]\nargs=a\n".repeat(30);
    const config = quiet(`${text}[mapping]\n${"channel=/dev/a, mode=pipe\n"}`);
    expect(config.env).toHaveLength(30);
    expect(config.args).toHaveLength(30);
    expect(quiet(`[args]\n${"args=a b\n".repeat(300)}`).args).toHaveLength(600);
  });

  it("keeps bytes that are no text", () => {
    const bytes = encoder.encode("[env]\nname=A, value=@\n");
    bytes[bytes.indexOf(0x40)] = 0xff;
    expect(parseNvram(bytes).config.env).toEqual([["A", "\xff"]]);
  });

  it("refuses a text of more than 10240 bytes and reads one of 10240", () => {
    const text = "[args]\nargs=a\n";
    const full = text + "#".repeat(10_240 - text.length);
    expect(quiet(full).args).toEqual(["a"]);
    expect(read(`${full}#`)).toEqual({
      config: DEFAULT_CONFIG,
      diagnostics: [
        {
          severity: "error",
          message: "The nvram text has 10241 bytes",
          expected: "at most 10240 bytes",
        },
      ],
    });
  });
});

describe("[args]", () => {
  it.each([
    ['prog -n 3 "two words" a\\x2cb', ["prog", "-n", "3", "two words", "a,b"]],
    ['prog -c print("hi")', ["prog", "-c", 'print("hi")']],
    [`p "" 'a b'`, ["p", "", "'a", "b'"]],
    ['"x y"z', ["x y", "z"]],
    ['"x""y"', ["x", "y"]],
    ["  a\t b  ", ["a", "b"]],
    ['"a # b"', ["a"]],
    ["a=b c=d", ["a=b", "c=d"]],
    ["a[x] [y]", ["a[x]", "[y]"]],
    ['"a\\x22b" \\x22c\\x20d', ['a"b', '"c d']],
    ["\\x2C\\x2c", [",,"]],
    [
      '\\X2C \\\\ \\n \\" \\x \\x4 \\xg1 \\x4g',
      ["\\X2C", "\\\\", "\\n", '\\"', "\\x", "\\x4", "\\xg1", "\\x4g"],
    ],
    ["\\x5cx41", ["\\x41"]],
    ["a\\x00b c", ["a", "c"]],
    ["", ["stub"]],
    ["# a", ["stub"]],
  ])("reads %j", (value, args) => {
    expect(read(`[args]\nargs=${value}\n`).config.args).toEqual(args);
  });

  it("joins the values of several records and sections with a space", () => {
    expect(quiet("[args]\nargs=a\nargs=b c\n[env]\n[args]\nargs=d").args).toEqual([
      "a",
      "b",
      "c",
      "d",
    ]);
  });

  it("lets a quote without end reach to the end of all values, and says so", () => {
    const text = '[args]\nargs=p "unfinished tail x \nargs=y\n';
    expect(read(text).config.args).toEqual(["p", "unfinished tail x y"]);
    expect(warnings(text)).toEqual([
      "3:6 A quote has no end: the last argument holds all the rest",
    ]);
  });

  it("warns of a comma in the middle", () => {
    expect(read("[args]\nargs=p a,b\n")).toMatchObject({
      config: { args: ["p", "a"] },
      diagnostics: [
        {
          line: 2,
          column: 10,
          message: "Text without = is ignored: b",
          hint: "A comma ends a value: write \\x2c for one inside",
        },
      ],
    });
  });

  it("warns of an escaped NUL", () => {
    expect(warnings("[args]\nargs=a\\x00b")).toEqual(["2:6 An argument ends at its \\x00"]);
  });
});

describe("[env]", () => {
  it("keeps quotes, order, duplicates and inner =", () => {
    expect(
      quiet(
        '[env]\nname=usable, value=1\\x2C2\\x2C3/"1\\x2C2\\x2C3"\nvalue=b=c , name=A\nname=A, value=\n',
      ).env,
    ).toEqual([
      ["usable", '1,2,3/"1,2,3"'],
      ["A", "b=c"],
      ["A", ""],
    ]);
  });

  it("decodes no escapes in names", () => {
    expect(quiet("[env]\nname=\\x41, value=\\x41").env).toEqual([["\\x41", "A"]]);
  });

  it("ends a value at an escaped NUL", () => {
    expect(read("[env]\nname=A, value=b\\x00c").config.env).toEqual([["A", "b"]]);
    expect(warnings("[env]\nname=A, value=b\\x00c")).toEqual(["2:15 The value ends at its \\x00"]);
  });

  it.each([
    ["name=A", "2:1 Record without value is ignored"],
    ["  value=A", "2:3 Record without name is ignored"],
    ["name=, value=A", "2:6 Record with an empty name is ignored"],
  ])("ignores %j", (record, message) => {
    expect(read(`[env]\n${record}\n`).config.env).toEqual([]);
    expect(warnings(`[env]\n${record}\n`)).toEqual([message]);
  });

  it("ignores an unknown key and keeps the record; of two equal keys the first holds", () => {
    const text = "[env]\nname=é, value=1, colour=red, name=B, Name=C";
    expect(read(text).config.env).toEqual([["\xc3\xa9", "1"]]);
    expect(warnings(text)).toEqual([
      "2:18 Unknown key is ignored: colour",
      "2:30 Key name stands here again: the first one holds",
      "2:38 Unknown key is ignored: Name",
    ]);
  });
});

describe("[fstab] and [mapping]", () => {
  it.each([
    ["channel=/dev/a, mountpoint=/", "2:1 Record without access is ignored"],
    ["channel=/dev/a, mountpoint=/, access=rw", "2:38 Record is ignored: access cannot be rw"],
    ["channel=/dev/a, mountpoint=/, access=", "2:38 Record is ignored: access cannot be empty"],
    ["channel=/dev/a, mountpoint=, access=ro", "2:28 Record with an empty mountpoint is ignored"],
    ["channel=, mountpoint=/, access=ro", "2:9 Record with an empty channel is ignored"],
    ["mountpoint=/, access=ro", "2:1 Record without channel is ignored"],
    [
      "channel=/dev/a, mountpoint=/, access=ro, removable=1",
      "2:52 Record is ignored: removable cannot be 1",
    ],
    [
      "channel=/dev/a, mountpoint=/, access=ro, readonly=Yes",
      "2:51 Record is ignored: readonly cannot be Yes",
    ],
    [
      "channel=/dev/a, mountpoint=/, access=ro, meta=old",
      "2:47 Record is ignored: meta cannot be old",
    ],
    [
      "channel=/dev/a, mountpoint=/, access=ro, fsname=ext2",
      "2:49 Record is ignored: there is no file system ext2",
    ],
  ])("ignores the mount %j and goes on", (record, message) => {
    const text = `[fstab]\n${record}\nchannel=/dev/a, mountpoint=/, access=ro\n`;
    expect(read(text).config.mounts).toEqual([MOUNT]);
    expect(warnings(text)).toEqual([message]);
  });

  it("keeps a mount that is written with readonly=yes, and says that it means nothing", () => {
    const text = "[fstab]\nchannel=/dev/a, mountpoint=/, access=wo, readonly=yes";
    expect(read(text).config.mounts).toEqual([{ ...MOUNT, access: "wo", readonly: true }]);
    expect(warnings(text)).toEqual(["2:51 With access=wo, readonly has no meaning"]);
  });

  it.each([
    ["channel=/dev/a, mode=disk", "2:22 Record is ignored: mode cannot be disk"],
    ["channel=/dev/a", "2:1 Record without mode is ignored"],
    ["channel=/dev/a, mode=file, truncate=on", "2:37 Record is ignored: truncate cannot be on"],
  ])("ignores the mapping %j", (record, message) => {
    expect(read(`[mapping]\n${record}`).config.mapping).toEqual([]);
    expect(warnings(`[mapping]\n${record}`)).toEqual([message]);
  });

  it("lets the later mapping of a channel hold", () => {
    const text =
      "[mapping]\nchannel=/dev/a, mode=pipe\nchannel=/dev/b, mode=char\nchannel=/dev/a, mode=file";
    expect(read(text).config.mapping).toEqual([
      { channel: "/dev/a", mode: "file", truncate: false },
      { channel: "/dev/b", mode: "char", truncate: false },
    ]);
    expect(warnings(text)).toEqual(["4:9 Channel /dev/a has a mapping above: this one holds"]);
  });

  it("says where truncate has no meaning", () => {
    expect(warnings("[mapping]\nchannel=/dev/a, mode=char, truncate=yes")).toEqual([
      "2:37 truncate=yes needs mode=file",
    ]);
  });
});

describe("[time], [debug] and [precache]", () => {
  it.each([
    ["0", 0, true],
    ["4294967295", 4294967295, true],
    ["4294967296", 0, false],
    ["12a3", 123, false],
    ["-5", 5, false],
    ["", 0, false],
    ["9".repeat(400), 0, false],
  ])("seconds=%s is %i", (value, seconds, isSilent) => {
    const { config, diagnostics } = read(`[time]\nseconds=${value}`);
    expect(config.seconds).toBe(seconds);
    expect(diagnostics.length === 0).toBe(isSilent);
  });

  it.each([
    ["3", 3, 0],
    ["9", 9, 0],
    ["42", 4, 1],
    ["x", 1, 1],
    ["", 1, 1],
  ])("verbosity=%s is %i", (value, verbosity, count) => {
    const { config, diagnostics } = read(`[debug]\nverbosity=${value}`);
    expect(config.verbosity).toBe(verbosity);
    expect(diagnostics).toHaveLength(count);
  });

  it.each([
    ["yes", true, 0],
    ["no", false, 0],
    ["Yes", false, 1],
  ])("precache=%s is %s", (value, precache, count) => {
    const { config, diagnostics } = read(`[precache]\nprecache=${value}`);
    expect(config.precache).toBe(precache);
    expect(diagnostics).toHaveLength(count);
  });

  it("takes the last record, and nothing from one without its key", () => {
    expect(
      read(
        "[time]\nseconds=1\nseconds=2\nx=3\n[debug]\nverbosity=2\ny=1\n[precache]\nprecache=yes\nprecache=no\nz=1\n[args]\na=1",
      ).config,
    ).toMatchObject({ seconds: 2, verbosity: 2, precache: false, args: ["stub"] });
  });
});

describe("sections, comments and lines", () => {
  it.each([
    ["[e]\nname=A, value=1", "1:1 Unknown section is ignored: [e]"],
    ["[ENV]\nname=A, value=1", "1:1 Unknown section is ignored: [ENV]"],
    ["[]\nname=A, value=1", "1:1 Unknown section is ignored: []"],
    ["[notes]\nany, text", "1:1 Unknown section is ignored: [notes]"],
    [`[${"n".repeat(30)}]`, `1:1 Unknown section is ignored: [${"n".repeat(30)}]`],
    ["  some text", "1:3 Text before the first section is ignored"],
    ["[env", "1:1 This is no section header, and the line is ignored"],
    [" [env]", "1:2 This is no section header, and the line is ignored"],
    ["[env] name=A", "1:6 Text behind a section header is ignored"],
    ["[env # x]", "1:1 This is no section header, and the line is ignored"],
    ["[env]\r\n", "1:6 A carriage return at the end becomes part of the value"],
    ["\0\0", "1:1 The text ends at this NUL byte: what follows is ignored"],
    ["# c\nx\0[env]\n", "2:1 Text before the first section is ignored"],
  ])("%j", (text, first) => {
    expect(read(text).config).toEqual(DEFAULT_CONFIG);
    expect(warnings(text)[0]).toBe(first);
  });

  it("names the section that was meant", () => {
    expect(read("[e]\n").diagnostics[0]?.hint).toBe("Section names are exact: write [env]");
    expect(read("[zz]\n").diagnostics[0]?.hint).toBeUndefined();
    expect(read("[]\n").diagnostics[0]?.hint).toBeUndefined();
  });

  it("lets blanks stand in a header, and a comment behind it", () => {
    expect(quiet("[ \tenv ] \t# x\nname=A, value=1").env).toEqual([["A", "1"]]);
  });

  it("ends a comment at the end of its line", () => {
    expect(
      quiet(
        "# first\n[mapping] # here\nchannel=/dev/a, mode=char # one\n\n   # indented\nchannel=/dev/b, mode=file# two\n",
      ).mapping.map(({ channel }) => channel),
    ).toEqual(["/dev/a", "/dev/b"]);
  });

  it("keeps carriage returns, and warns once", () => {
    const { config, diagnostics } = read("[env]\r\n\r\nname=A, value=1\r\nname=B, value=2\r\n");
    expect(config.env).toEqual([
      ["A", "1\r"],
      ["B", "2\r"],
    ]);
    expect(diagnostics).toHaveLength(1);
  });

  it("sorts what it found by line, and escapes what it shows", () => {
    const found = warnings('[args]\nargs="\n[\u001b]\n[env]\nx=1, name=A, value=1\n');
    expect(found).toEqual([
      "2:6 A quote has no end: the last argument holds all the rest",
      "3:1 Unknown section is ignored: [\\x1b]",
      "5:1 Unknown key is ignored: x",
    ]);
    expect(warnings(`[${"x".repeat(500)}]`)[0]?.length).toBeLessThan(120);
  });
});
