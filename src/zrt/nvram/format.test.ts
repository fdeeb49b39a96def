import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteStringOf, textOf, ZvmError } from "../../base/index.ts";
import { configWith, formatNvram, type MountRecord, parseNvram, type ZrtConfig } from "./index.ts";

const MOUNT: MountRecord = {
  channel: "/dev/a",
  mountpoint: "/m",
  access: "ro",
  readonly: false,
  meta: "archive",
  removable: false,
  fsname: "tar",
};

function written(fields: Partial<ZrtConfig>): string {
  return textOf(byteStringOf(formatNvram(configWith(fields))));
}

describe("formatNvram", () => {
  it("writes what is not the default", () => {
    expect(written({})).toBe("[args]\nargs=stub\n");
  });

  it("writes everything, with escapes", () => {
    expect(
      written({
        args: ["py", "", "a b", 'say "x, y"', "c\\d#e\t\n\r"],
        env: [["LIST", ' a, "b"\\#\n ']],
        mounts: [
          MOUNT,
          { ...MOUNT, access: "wo", readonly: true, meta: "classic", removable: true },
        ],
        mapping: [
          { channel: "/dev/x", mode: "file", truncate: true },
          { channel: "/dev/y", mode: "pipe", truncate: false },
        ],
        seconds: 7,
        verbosity: 3,
        precache: true,
      }),
    ).toBe(
      String.raw`[fstab]
channel=/dev/a, mountpoint=/m, access=ro
channel=/dev/a, mountpoint=/m, access=wo, readonly=yes, meta=classic, removable=yes
[args]
args=py "" a\x20b say\x20\x22x\x2c\x20y\x22 c\x5cd\x23e\x09\x0a\x0d
[env]
name=LIST, value=\x20a\x2c \x22b\x22\x5c\x23\x0a\x20
[mapping]
channel=/dev/x, mode=file, truncate=yes
channel=/dev/y, mode=pipe
[time]
seconds=7
[debug]
verbosity=3
[precache]
precache=yes
`,
    );
  });

  it.each<[string, Partial<ZrtConfig>, string]>([
    ["no arguments", { args: [] }, "no argument at all"],
    ["NUL in an argument", { args: ["a\0"] }, "it has a NUL"],
    ["NUL in a value", { env: [["A", "\0"]] }, "the value of A"],
    ["text that is no bytes", { args: ["\u20ac"] }, "it is text, not bytes"],
    ["an empty name", { env: [["", "x"]] }, "an empty name of a variable"],
    ["a comma in a name", { env: [["a,b", "x"]] }, "the name of a variable a,b: it has a comma"],
    ["a # in a channel", { mounts: [{ ...MOUNT, channel: "/dev/#" }] }, "the channel /dev/#"],
    ["blanks around a name", { env: [[" A", "x"]] }, "it has outer blanks"],
    ["a line break in a mountpoint", { mounts: [{ ...MOUNT, mountpoint: "/\n" }] }, "line break"],
    ["a relative mountpoint", { mounts: [{ ...MOUNT, mountpoint: "m" }] }, "relative mountpoint m"],
    ["another file system", { mounts: [{ ...MOUNT, fsname: "ext2" }] }, "the file system ext2"],
    [
      "two mappings of a channel",
      {
        mapping: [
          { channel: "a", mode: "pipe", truncate: false },
          { channel: "a", mode: "file", truncate: false },
        ],
      },
      "two mappings of the channel a",
    ],
    ["half a second", { seconds: 0.5 }, "seconds 0.5"],
    ["a late second", { seconds: 2 ** 32 }, "from 0 to 4294967295"],
    ["a verbosity of 10", { verbosity: 10 }, "verbosity 10"],
    [
      "too much",
      { args: ["x".repeat(10_240)] },
      "they take 10253 bytes, and it has room for 10240",
    ],
  ])("refuses %s", (_name, fields, message) => {
    expect(() => written(fields)).toThrow(ZvmError);
    expect(() => written(fields)).toThrow(message);
  });
});

const byte = fc.integer({ min: 1, max: 255 }).map((code) => String.fromCharCode(code));
const special = fc.constantFrom(" ", "\t", '"', ",", "#", "\\", "\\x41", "=", "[", "]", "\r", "\n");
const text = fc.string({ unit: fc.oneof(byte, special), maxLength: 20 });
const name = text.map((given) => given.replace(/[\0\n,#]/g, "").replace(/^[ \t]+|[ \t]+$/g, ""));
const filled = name.filter((given) => given !== "");
const configs: fc.Arbitrary<ZrtConfig> = fc.record(
  {
    args: fc.array(text, { minLength: 1, maxLength: 8 }),
    env: fc.array(fc.tuple(filled, text), { maxLength: 8 }),
    mounts: fc.array(
      fc.record({
        channel: filled,
        mountpoint: name.map((path) => `/${path}`),
        access: fc.constantFrom("ro", "wo"),
        readonly: fc.boolean(),
        meta: fc.constantFrom("archive", "classic"),
        removable: fc.boolean(),
        fsname: fc.constant("tar"),
      }),
      { maxLength: 4 },
    ),
    mapping: fc.uniqueArray(
      fc.record({
        channel: filled,
        mode: fc.constantFrom("pipe", "char", "file"),
        truncate: fc.boolean(),
      }),
      { selector: ({ channel }) => channel, maxLength: 4 },
    ),
    seconds: fc.nat(4_294_967_295),
    verbosity: fc.nat(9),
    precache: fc.boolean(),
  },
  { requiredKeys: ["args", "env", "mounts", "mapping", "verbosity", "precache"] },
);

describe("parse after format", () => {
  it("gives the same configuration", () => {
    fc.assert(
      fc.property(configs, (config) => {
        expect(parseNvram(formatNvram(config)).config).toEqual(config);
      }),
      { numRuns: 1000 },
    );
  });
});
