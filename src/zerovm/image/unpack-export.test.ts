import {
  chmodSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  exported,
  file,
  folder,
  link,
  refusal,
  unpack,
} from "../../../test/support/crafted-exports.ts";
import type { CraftedMember } from "../../../test/support/crafted-tar.ts";
import { makeTree, readTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import type { Member } from "../../tar/index.ts";

const newFolder = temporaryFolders();

describe("unpackExport() into a folder", () => {
  test("writes files, folders and links, with their modes", () => {
    const into = newFolder();
    const result = unpack(
      exported([
        folder("d", "0000750\0"),
        file("d/f", "hello", "0104711\0"),
        link("d/s", "../x"),
        file("x", ""),
        link("h", "d/f", "1"),
        file("no/parent", "p"),
      ]),
      into,
    );
    expect(result).toEqual({ written: 5, removed: 0, warnings: [] });
    expect(readTree(into)).toEqual({
      "d/": "",
      "d/f": "hello",
      "d/s": "-> ../x",
      h: "hello",
      "no/": "",
      "no/parent": "p",
      x: "",
    });
    expect(statSync(join(into, "d")).mode & 0o7777).toBe(0o750);
    expect(statSync(join(into, "no")).mode & 0o7777).toBe(0o755);
    expect(statSync(join(into, "d/f")).mode & 0o7777).toBe(0o711);
    expect(statSync(join(into, "h")).ino).toBe(statSync(join(into, "d/f")).ino);
  });

  test("takes the mountpoint off names and hard links", () => {
    const into = newFolder();
    const what = exported([
      folder("data/in"),
      file("data/in/f", "1"),
      link("data/in/h", "data/in/f", "1"),
      link("data/in/s", "h"),
    ]);
    unpack(what, into, { mountpoint: "/data//in/" });
    expect(readTree(into)).toEqual({ f: "1", h: "1", s: "-> h" });
    expect(refusal(what, into, { mountpoint: "/data/i" })).toContain(
      "Cannot unpack 'data/in' into the folder",
    );
    expect(refusal(what, into, { mountpoint: "/other" })).toContain("outside of the folder");
  });

  test("large contents come whole; times only when asked for", () => {
    const [into, kept] = [newFolder(), newFolder()];
    const contents = "0123456789".repeat(100_000);
    const mtime = "00000000017\0";
    const what = exported([
      { ...folder("d"), mtime },
      { ...file("d/big", contents), mtime },
    ]);
    unpack(what, into);
    unpack(what, kept, { times: "archive" });
    expect(readFileSync(join(into, "d/big"), "utf8")).toBe(contents);
    expect(statSync(join(into, "d/big")).mtimeMs).toBeGreaterThan(1e12);
    expect(["d", "d/big"].map((name) => statSync(join(kept, name)).mtimeMs)).toEqual([15e3, 15e3]);
  });

  test("folders that forbid writing get their mode last", () => {
    const into = newFolder();
    unpack(
      exported([folder("d", "0000500\0"), folder("d/e", "0000000\0"), file("d/e/f", "1")]),
      into,
    );
    expect(statSync(join(into, "d")).mode & 0o777).toBe(0o500);
    expect(lstatSync(join(into, "d/e")).mode & 0o777).toBe(0);
    chmodSync(join(into, "d"), 0o700);
    chmodSync(join(into, "d/e"), 0o700);
    expect(readTree(into)["d/e/f"]).toBe("1");
  });

  test.each([
    [0o022, [0o644, 0o755, 0o755, 0o755]],
    [0o077, [0o600, 0o700, 0o700, 0o700]],
    [0o000, [0o666, 0o777, 0o777, 0o755]],
  ])("under the umask %o, new files and folders lose what it withholds", (umask, expected) => {
    const into = newFolder();
    const what = exported([
      file("f", "", "0000666\0"),
      file("x", "", "0000777\0"),
      folder("d", "0000777\0"),
      file("unnamed/f", "", "0000666\0"),
    ]);
    const old = process.umask(umask);
    try {
      unpack(what, into);
    } finally {
      process.umask(old);
    }
    const modes = ["f", "x", "d", "unnamed"].map((name) => statSync(join(into, name)).mode & 0o777);
    expect(modes).toEqual(expected);
    expect(Object.keys(readTree(into))).toEqual(["d/", "f", "unnamed/", "unnamed/f", "x"]);
  });

  test("names are bytes", () => {
    const into = newFolder();
    unpack(exported([file("\xff\n", "1")]), into);
    expect(readdirSync(into, { encoding: "buffer" })).toEqual([Buffer.of(0xff, 0x0a)]);
  });
});

describe("unpackExport() under attack", () => {
  test("links that are in the way are replaced, never followed", () => {
    const [into, outside] = [newFolder(), newFolder()];
    makeTree(outside, { victim: "safe", "d/inner": "safe" });
    makeTree(into, {
      file: `-> ${outside}/victim`,
      folder: `-> ${outside}/d`,
      deep: `-> ${outside}`,
      link: `-> ${outside}/victim`,
      hard: `-> ${outside}/victim`,
    });
    unpack(
      exported([
        file("file", "new"),
        folder("folder", "0000700\0"),
        file("folder/inner", "new"),
        file("deep/d/inner", "new"),
        link("link", "file"),
        link("hard", "file", "1"),
      ]),
      into,
    );
    expect(readTree(outside)).toEqual({ "d/": "", "d/inner": "safe", victim: "safe" });
    expect(readTree(into)).toEqual({
      "deep/": "",
      "deep/d/": "",
      "deep/d/inner": "new",
      file: "new",
      "folder/": "",
      "folder/inner": "new",
      hard: "new",
      link: "-> file",
    });
  });

  test("a file with another name outside is replaced, not written", () => {
    const [into, outside] = [newFolder(), newFolder()];
    makeTree(outside, { victim: "safe" });
    linkSync(join(outside, "victim"), join(into, "f"));
    unpack(exported([file("f", "new", "0000777\0")]), into);
    expect(readTree(into)).toEqual({ f: "new" });
    expect(readFileSync(join(outside, "victim"), "utf8")).toBe("safe");
    expect(statSync(join(outside, "victim")).mode & 0o777).not.toBe(0o777);
  });

  test.each([
    ["a link to the root", [link("a", "/")], "'a' .* symbolic link to '/', which leads out"],
    ["a link to the parent", [link("a", "..")], "leads out of it"],
    ["a link in a folder", [folder("d"), link("d/a", "../../x")], "'d/a'"],
    ["links that add up", [link("a", "b/.."), link("b", ".")], "'a'"],
    ["a link by another", [link("a", "b/x"), link("b", "/etc")], "leads out of it"],
    ["a path under a link", [link("a", "b"), folder("b"), file("a/f", "1")], "no folder"],
    ["a path under a file", [file("a", "1"), file("a/f", "1")], "no folder"],
    ["a name twice", [file("a", "1"), link("a", "b")], "it is there twice"],
    ["a file as the folder", [file("m", "1")], "takes the folder's place", "/m"],
    ["depth", [file(`${"d/".repeat(45)}f`, "")], "accepted"],
  ] as [string, CraftedMember[], string, string?][])(
    "%s: one error or none, and then nothing is written",
    (_, members, reason, mountpoint = "/") => {
      const into = newFolder();
      const message = refusal(
        exported([file("m/0", "first"), ...members].slice(mountpoint === "/" ? 0 : 1)),
        into,
        { mountpoint },
      );
      expect(message).toMatch(new RegExp(reason));
      if (reason !== "accepted") expect(readTree(into)).toEqual({});
    },
  );

  test.each([
    ["..", "file"],
    ["../x", "file"],
    ["a/../../x", "file"],
    ["a\0b", "file"],
  ] as const)("a member that claims the path %j", (path, kind) => {
    const into = newFolder();
    const { source, members } = exported([file("f", "1")]);
    const hostile = members.map((member) => ({ ...member, path, kind }));
    expect(refusal({ source, members: hostile }, into)).toContain("nothing was changed");
    expect(readTree(into)).toEqual({});
  });

  test("hard links that lead round, nowhere, or to a link", () => {
    const into = newFolder();
    const { source, members } = exported([
      file("f", "1"),
      link("a", "f", "1"),
      link("b", "a", "1"),
    ]);
    const [f, a, b] = members as [Member, Member, Member];
    const hostile: Member[][] = [
      [{ ...a, link: "b" }, b],
      [{ ...a, link: "none" }],
      [{ ...a, link: "../f" }, f],
      [{ ...f, kind: "symlink", link: "x" }, a],
      [{ ...f, kind: "directory" }, a],
    ];
    for (const list of hostile) {
      expect(refusal({ source, members: list }, into)).toContain("nothing was changed");
    }
    expect(readTree(into)).toEqual({});
    expect(unpack({ source, members: [b, a, f] }, into).written).toBe(3);
  });

  test("a long chain of hard links costs no more than its length", () => {
    const { source, members } = exported([file("f", "1"), link("h", "f", "1")]);
    const [first, hard] = members as [Member, Member];
    const count = 100_000;
    const chain = Array.from({ length: count }, (_, index): Member => {
      return { ...hard, path: `h${index}`, link: index === 0 ? "f" : `h${index - 1}` };
    });
    const before = { source, members: [first, ...chain.toReversed()] };
    const into = newFolder();
    writeFileSync(join(into, "f"), "1");
    const lost = [{ ...hard, path: "z", link: `h${count}` }, ...before.members];
    expect(refusal({ source, members: lost }, into)).toContain("'z'");
    expect(unpack(before, into, { before }).written).toBe(0);
  });

  test("too deep, too tangled", () => {
    const into = newFolder();
    const { source, members } = exported([file("f", "1")]);
    const deep = members.map((member) => ({ ...member, path: `${"d/".repeat(300)}f` }));
    expect(refusal({ source, members: deep }, into)).toContain("more than 256 folders deep");
    const target = "x/../".repeat(800);
    const links: Member[] = Array.from({ length: 600 }, (_, index) => ({
      path: `l${index}`,
      kind: "symlink",
      mode: 0o777,
      mtimeSeconds: 0,
      mtimeNanos: 0,
      sizeBytes: 0,
      dataOffset: 0,
      link: `${target}l${(index + 1) % 600}`,
    }));
    expect(refusal({ source, members: links }, into)).toContain("too tangled");
    const many = links.slice(0, 30).map((member, index) => {
      const names = Array.from({ length: 800 }, (_, part) => `${index}-${part}/../`);
      return { ...member, link: `${names.join("")}end` };
    });
    expect(refusal({ source, members: many }, into)).toContain("too many");
    expect(readTree(into)).toEqual({});
  });

  test("a link of the host that the export does not name counts", () => {
    const into = newFolder();
    makeTree(into, { s: "-> /etc" });
    expect(refusal(exported([link("n", "s/passwd")]), into)).toContain("leads out of it");
    expect(refusal(exported([link("n", "none/passwd")]), into)).toBe("accepted");
  });

  test("contents that end early leave the folder as it was", () => {
    const into = newFolder();
    makeTree(into, { a: "old", b: "old" });
    const { source, members } = exported([file("a", "new"), file("b", "x".repeat(5000))]);
    const short = {
      ...source,
      read: (at: number, to: Uint8Array) => (at > 3000 ? 0 : source.read(at, to.subarray(0, 2000))),
    };
    expect(refusal({ source: short, members }, into)).toMatch(/'b' .* ended within its contents/);
    expect(readTree(into)).toEqual({ a: "old", b: "old" });
  });

  test("a full folder of files is not replaced by a file unless the session knew them", () => {
    const into = newFolder();
    makeTree(into, { "d/sub/user's": "1", "e/": "" });
    const what = exported([file("a", "1"), file("d", "2")]);
    expect(refusal(what, into)).toMatch(/'d' .* holds 'd\/sub', which the session did not know/);
    expect(readTree(into)).toEqual({ "d/": "", "d/sub/": "", "d/sub/user's": "1", "e/": "" });
    expect(refusal(exported([file("e", "1")]), into)).toBe("accepted");
  });

  test("the folder must be there", () => {
    const into = join(newFolder(), "none");
    expect(refusal(exported([file("a", "1")]), into)).toBe(
      `Cannot unpack into the folder ${into}: no such file or directory`,
    );
  });
});
