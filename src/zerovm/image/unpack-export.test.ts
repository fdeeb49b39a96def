import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type CraftedMember, craftedTar } from "../../../test/support/crafted-tar.ts";
import {
  makeTree,
  readTree,
  type Tree,
  temporaryFolders,
} from "../../../test/support/temporary-folder.ts";
import { type ByteSource, memorySource, ZvmError } from "../../base/index.ts";
import { indexTar, type Member } from "../../tar/index.ts";
import {
  packFolder,
  type Snapshot,
  type Unpacked,
  type UnpackOptions,
  unpackExport,
} from "./index.ts";

const newFolder = temporaryFolders();

interface Exported {
  readonly source: ByteSource;
  readonly members: readonly Member[];
}

function exported(members: readonly CraftedMember[]): Exported {
  const source = memorySource(craftedTar(members));
  const options = { name: "export", membersMax: 1000, links: "kept" } as const;
  return { source, members: indexTar(source, options) };
}

function file(name: string, contents: string, mode = "0000644\0"): CraftedMember {
  return { name, contents, mode };
}

function folder(name: string, mode = "0000755\0"): CraftedMember {
  return { name: `${name}/`, type: "5", mode };
}

function link(name: string, target: string, type: "1" | "2" = "2"): CraftedMember {
  return { name, link: target, type };
}

function unpack(what: Exported, into: string, options: UnpackOptions = {}): Unpacked {
  return unpackExport(what.source, what.members, into, options);
}

function refusal(what: Exported, into: string, options: UnpackOptions = {}): string {
  try {
    unpack(what, into, options);
  } catch (error) {
    if (error instanceof ZvmError && error.code === "ZVM_EXPORT") return error.message;
    throw error;
  }
  return "accepted";
}

/** A folder, its snapshot, and what a session made of a copy of it. */
function sessionOn(tree: Tree, change: (guest: string) => void): [string, Exported, Snapshot] {
  const [host, guest] = [newFolder(), newFolder()];
  makeTree(host, tree);
  execFileSync("cp", ["-a", `${host}/.`, guest]);
  const before = packFolder(host);
  change(guest);
  const after = packFolder(guest);
  return [host, after, before];
}

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

describe("unpackExport() after a session on the folder", () => {
  const TREE = { "d/a": "1", "d/b": "2", c: "3", "e/f/g": "4", s: "-> d/a", out: "-> /usr/bin" };

  test("what was left alone is left alone, links that lead out among them", () => {
    const [host, after, before] = sessionOn(TREE, () => {});
    const times = statSync(host).mtimeMs;
    writeFileSync(join(host, "c"), "edited meanwhile");
    unlinkSync(join(host, "d/b"));
    expect(unpack(after, host, { before })).toEqual({ written: 0, removed: 0, warnings: [] });
    expect(readTree(host)).toMatchObject({ c: "edited meanwhile", out: "-> /usr/bin" });
    expect(existsSync(join(host, "d/b"))).toBe(false);
    expect(statSync(host).mtimeMs).toBe(times);
  });

  test("changes, new files, deletions, renames, new types", () => {
    const [host, after, before] = sessionOn(TREE, (guest) => {
      writeFileSync(join(guest, "c"), "changed");
      chmodSync(join(guest, "d/a"), 0o755);
      rmSync(join(guest, "e"), { recursive: true });
      writeFileSync(join(guest, "e"), "now a file");
      unlinkSync(join(guest, "s"));
      mkdirSync(join(guest, "s"));
      writeFileSync(join(guest, "s/new"), "n");
      rmSync(join(guest, "d/b"));
      linkSync(join(guest, "c"), join(guest, "d/c2"));
      chmodSync(join(guest, "d"), 0o700);
    });
    const result = unpack(after, host, { before });
    expect(result).toEqual({ written: 5, removed: 1, warnings: [] });
    expect(readTree(host)).toEqual({
      c: "changed",
      "d/": "",
      "d/a": "1",
      "d/c2": "changed",
      e: "now a file",
      out: "-> /usr/bin",
      "s/": "",
      "s/new": "n",
    });
    expect(statSync(join(host, "d/a")).mode & 0o777).toBe(0o755);
    expect(statSync(join(host, "d")).mode & 0o777).toBe(0o700);
    expect(statSync(join(host, "c")).ino).toBe(statSync(join(host, "d/c2")).ino);
  });

  test("everything deleted", () => {
    const [host, after, before] = sessionOn(TREE, (guest) => {
      for (const name of readdirSync(guest)) rmSync(join(guest, name), { recursive: true });
    });
    expect(unpack(after, host, { before })).toMatchObject({ removed: 9, warnings: [] });
    expect(readTree(host)).toEqual({});
    expect(refusal(exported([]), host, { before })).toContain("the export is empty");
  });

  test("hard links: kept, broken, made, and over changed contents", () => {
    const make = (change: (guest: string) => void): [string, Unpacked] => {
      const [host, guest] = [newFolder(), newFolder()];
      makeTree(host, { a: "1", x: "1" });
      linkSync(join(host, "a"), join(host, "b"));
      execFileSync("cp", ["-a", `${host}/.`, guest]);
      const before = packFolder(host);
      change(guest);
      return [host, unpack(packFolder(guest), host, { before })];
    };
    const isLinked = (host: string, one: string, two: string): boolean =>
      statSync(join(host, one)).ino === statSync(join(host, two)).ino;
    const [kept, none] = make(() => {});
    expect([none.written, isLinked(kept, "a", "b")]).toEqual([0, true]);
    const [changed] = make((guest) => writeFileSync(join(guest, "b"), "22"));
    expect([readTree(changed), isLinked(changed, "a", "b")]).toEqual([
      { a: "22", b: "22", x: "1" },
      true,
    ]);
    const [broken] = make((guest) => {
      rmSync(join(guest, "b"));
      writeFileSync(join(guest, "b"), "3");
    });
    expect([readTree(broken), isLinked(broken, "a", "b")]).toEqual([
      { a: "1", b: "3", x: "1" },
      false,
    ]);
    const [made, one] = make((guest) => {
      rmSync(join(guest, "x"));
      linkSync(join(guest, "a"), join(guest, "x"));
    });
    expect([one.written, isLinked(made, "a", "x")]).toEqual([1, true]);
    const [first] = make((guest) => rmSync(join(guest, "a")));
    expect(readTree(first)).toEqual({ b: "1", x: "1" });
  });

  test("what the host changed meanwhile is not lost without a word", () => {
    const [host, after, before] = sessionOn({ ...TREE, "k/old": "1" }, (guest) => {
      rmSync(join(guest, "d"), { recursive: true });
      rmSync(join(guest, "k"), { recursive: true });
      writeFileSync(join(guest, "c"), "session");
    });
    writeFileSync(join(host, "d/a"), "edited");
    rmSync(join(host, "d/b"));
    mkdirSync(join(host, "d/b"));
    writeFileSync(join(host, "c"), "edited");
    rmSync(join(host, "k"), { recursive: true });
    symlinkSync("/tmp", join(host, "k"));
    const { warnings } = unpack(after, host, { before });
    expect(warnings.map((text) => text.slice(host.length))).toEqual([
      ": 'c' was changed on the host meanwhile; the session's version took its place",
      expect.stringMatching(/'d\/a' was deleted by the session, but changed on the host/),
      expect.stringMatching(/'d\/b' was deleted by the session, but changed on the host/),
      expect.stringMatching(/'d' was deleted by the session, but holds what it did not know/),
      expect.stringMatching(/'k' was deleted by the session, but changed on the host/),
    ]);
    expect(readTree(host)).toMatchObject({ c: "session", "d/a": "edited", k: "-> /tmp" });
  });

  test("what the host made meanwhile, or made into something else, goes with a warning", () => {
    const tree = { a: "1", l: "-> a", "d/x": "1", "e/x": "1" };
    const [host, after, before] = sessionOn(tree, (guest) => {
      writeFileSync(join(guest, "new"), "session");
      makeTree(guest, { "sub/f": "session" });
      rmSync(join(guest, "l"));
      rmSync(join(guest, "d"), { recursive: true });
      writeFileSync(join(guest, "d"), "session");
      writeFileSync(join(guest, "e/x"), "session");
    });
    makeTree(host, { new: "host", sub: "host", "d/x": "host" });
    rmSync(join(host, "l"));
    writeFileSync(join(host, "l"), "host");
    rmSync(join(host, "e"), { recursive: true });
    writeFileSync(join(host, "e"), "host");
    const { warnings } = unpack(after, host, { before });
    const made = "on the host meanwhile; the session's version took its place";
    expect(warnings.map((text) => text.slice(host.length)).sort()).toEqual([
      `: 'd/x' was changed ${made}`,
      `: 'e' was changed ${made}`,
      ": 'l' was deleted by the session, but changed on the host meanwhile: it stays",
      `: 'new' was made ${made}`,
      `: 'sub' was made ${made}`,
    ]);
    expect(readTree(host)).toMatchObject({ new: "session", "sub/f": "session", l: "host" });
  });

  test("a guest cannot use a link that was there to lead out", () => {
    const [host, after, before] = sessionOn(TREE, (guest) =>
      symlinkSync("out/x", join(guest, "n")),
    );
    expect(refusal(after, host, { before })).toContain("'n'");
    const [two, changed, old] = sessionOn(
      { ...TREE, "d/up": "-> x/../../..", "d/x/y/": "" },
      (guest) => {
        rmSync(join(guest, "d/x"), { recursive: true });
        symlinkSync(".", join(guest, "d/x"));
      },
    );
    expect(refusal(changed, two, { before: old })).toBe("accepted");
    const [three, moved, past] = sessionOn({ "d/up": "-> x/../..", "d/x/y/": "" }, (guest) => {
      rmSync(join(guest, "d/x"), { recursive: true });
      symlinkSync(".", join(guest, "d/x"));
    });
    expect(refusal(moved, three, { before: past })).toContain("'d/up'");
  });

  test("without its contents, a list of members still tells what was deleted", () => {
    const [host, after, before] = sessionOn({ a: "1", b: "2" }, (guest) =>
      rmSync(join(guest, "b")),
    );
    utimesSync(join(host, "a"), 5, 5);
    const empty = { source: memorySource(new Uint8Array(0)), members: before.members };
    expect(unpack(after, host, { before: empty })).toMatchObject({ written: 1, removed: 1 });
    expect(readTree(host)).toEqual({ a: "1" });
  });

  test("a file of the host cannot become a hard link of something else", () => {
    const [host, after, before] = sessionOn({ a: "1" }, (guest) => {
      linkSync(join(guest, "a"), join(guest, "b"));
    });
    unlinkSync(join(host, "a"));
    symlinkSync("/etc/passwd", join(host, "a"));
    expect(refusal(after, host, { before })).toContain("something else by now");
    unlinkSync(join(host, "a"));
    expect(refusal(after, host, { before })).toContain("'b' into the folder");
    expect(readdirSync(host)).toEqual([]);
  });
});
