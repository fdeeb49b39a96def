import { describe, expect, test } from "vitest";
import { Aliases } from "./aliases.ts";

const NUL = "\0";

describe("take", () => {
  test.each([
    ["a.csv", undefined, "/dev/a.csv"],
    ["dir/a.csv", undefined, "/dev/a.csv"],
    ["/tmp/a.csv", undefined, "/dev/a.csv"],
    ["a.csv", "b", "/dev/b"],
    ["a.csv", "in/b", "/dev/in/b"],
    ["a.csv", "/dev/b", "/dev/b"],
    ["dir/ä", undefined, "/dev/\xc3\xa4"],
  ])("%s as %s", (path, wanted, alias) => {
    expect(new Aliases().take(path, wanted)).toBe(alias);
  });

  test.each(["stdin", "stdout", "stderr", "nvram", "null", "zero", "full", "random", "urandom"])(
    "%s is a device of every session",
    (name) => {
      expect(() => new Aliases().take(`dir/${name}`, undefined)).toThrow(
        `Cannot give dir/${name} the name /dev/${name}: a device of every session has it; ` +
          `name it with =ALIAS, as in 'dir/${name}=${name}-2'`,
      );
      expect(() => new Aliases().take("x", `/dev/${name}`)).toThrow(
        expect.objectContaining({ code: "ZVM_ALIAS_CLASH" }),
      );
    },
  );

  test("two files of one name clash, and the proposal is free", () => {
    const aliases = new Aliases();
    aliases.take("one/a", undefined);
    aliases.take("x", "a-2");
    expect(() => aliases.take("two/a", undefined)).toThrow(
      "Cannot give two/a the name /dev/a: one/a has it; name it with =ALIAS, as in 'two/a=a-3'",
    );
    expect(aliases.take("two/a", "a-3")).toBe("/dev/a-3");
  });

  test.each([
    ["a", "a/b", "it is inside of /dev/a (one)", "'two=a-2'"],
    ["a/b", "a", "/dev/a/b (one) is inside of it", "'two=a-2'"],
    ["a/b", "a/b/c/d", "it is inside of /dev/a/b (one)", "'two=a/b-2'"],
    ["x", "stdin/y", "it is inside of /dev/stdin (a device of every session)", "'two=stdin-2'"],
  ])("%s and %s cannot both have a path", (first, second, why, proposal) => {
    const aliases = new Aliases();
    aliases.take("one", first);
    expect(() => aliases.take("two", second)).toThrow(
      `Cannot give two the name /dev/${second}: ${why}; name it with =ALIAS, as in `,
    );
    expect(() => aliases.take("two", second)).toThrow(
      expect.objectContaining({ code: "ZVM_ALIAS_CLASH" }),
    );
    expect(() => aliases.take("two", second)).toThrow(proposal);
    expect(aliases.take("two", "ab/c")).toBe("/dev/ab/c");
    expect(aliases.take("three", "ab/d")).toBe("/dev/ab/d");
  });

  test.each(["..", ".", "a/../b", "a//b", "a/", "/", "", `a${NUL}b`])("%j is no name", (wanted) => {
    expect(() => new Aliases().take("x", wanted)).toThrow(
      expect.objectContaining({ code: "ZVM_USAGE" }),
    );
  });

  test("messages drive no terminal", () => {
    const aliases = new Aliases();
    aliases.take("\x1b[31m", undefined);
    expect(() => aliases.take("d/\x1b[31m", undefined)).toThrow(/^[ -~]*$/);
  });
});

test("images are numbered where their names are taken", () => {
  const aliases = new Aliases();
  expect(aliases.takeForImage("a/root.tar")).toBe("/dev/mount/root.tar");
  expect(aliases.takeForImage("b/root.tar")).toBe("/dev/mount/root.tar-2");
  expect(aliases.takeForImage("a/root.tar")).toBe("/dev/mount/root.tar-3");
});

test("images stay out of the way of files", () => {
  const aliases = new Aliases();
  aliases.take("x", "mount");
  aliases.take("y", "mount-2/root.tar/z");
  expect(aliases.takeForImage("a/root.tar")).toBe("/dev/mount-2/root.tar-2");
  expect(aliases.takeForImage("a/root.tar")).toBe("/dev/mount-2/root.tar-3");
});

describe("declare", () => {
  test("not inside of another, nor around it", () => {
    const aliases = new Aliases();
    aliases.take("a.csv", undefined);
    expect(() => aliases.declare("/dev/a.csv/b", "c")).toThrow(
      "Cannot declare the channel 'c': its alias is /dev/a.csv/b, and it is inside of /dev/a.csv (a.csv)",
    );
    aliases.declare("/dev/own/a", "c");
    expect(() => aliases.declare("/dev/own", "d")).toThrow(
      "/dev/own/a (the channel 'c') is inside of it",
    );
  });

  test("a channel may stand in for a stream or a device, once", () => {
    const aliases = new Aliases();
    aliases.declare("/dev/stdin", "/tmp/x,/dev/stdin");
    aliases.declare("/dev/zero", "/tmp/y,/dev/zero");
    aliases.declare("/dev/own", "/tmp/z,/dev/own");
    expect(() => aliases.declare("/dev/stdin", "other")).toThrow(
      "Cannot declare the channel 'other': the channel '/tmp/x,/dev/stdin' has the alias /dev/stdin",
    );
  });

  test("not for a granted file, nor for the configuration", () => {
    const aliases = new Aliases();
    aliases.take("a.csv", undefined);
    expect(() => aliases.declare("/dev/a.csv", "c")).toThrow("a.csv has the alias /dev/a.csv");
    expect(() => aliases.declare("/dev/nvram", "c")).toThrow(
      expect.objectContaining({ code: "ZVM_ALIAS_CLASH" }),
    );
  });
});
