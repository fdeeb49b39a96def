import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Exported, exported, refusal, unpack } from "../../../test/support/crafted-exports.ts";
import {
  makeTree,
  readTree,
  type Tree,
  temporaryFolders,
} from "../../../test/support/temporary-folder.ts";
import { memorySource } from "../../base/index.ts";
import { packFolder, type Snapshot, type Unpacked } from "./index.ts";

const newFolder = temporaryFolders();

/** A folder, its snapshot, and what a session made of a copy of it. */
async function sessionOn(
  tree: Tree,
  change: (guest: string) => void,
): Promise<[string, Exported, Snapshot]> {
  const [host, guest] = [newFolder(), newFolder()];
  makeTree(host, tree);
  execFileSync("cp", ["-a", `${host}/.`, guest]);
  const before = await packFolder(host);
  change(guest);
  const after = await packFolder(guest);
  return [host, after, before];
}

describe("unpackExport() after a session on the folder", () => {
  const TREE = { "d/a": "1", "d/b": "2", c: "3", "e/f/g": "4", s: "-> d/a", out: "-> /usr/bin" };

  test("what was left alone is left alone, links that lead out among them", async () => {
    const [host, after, before] = await sessionOn(TREE, () => {});
    const times = statSync(host).mtimeMs;
    writeFileSync(join(host, "c"), "edited meanwhile");
    unlinkSync(join(host, "d/b"));
    expect(unpack(after, host, { before })).toEqual({ written: 0, removed: 0, warnings: [] });
    expect(readTree(host)).toMatchObject({ c: "edited meanwhile", out: "-> /usr/bin" });
    expect(existsSync(join(host, "d/b"))).toBe(false);
    expect(statSync(host).mtimeMs).toBe(times);
  });

  test("what was there keeps permissions that the umask withholds, and gets none of them", async () => {
    const [host, after, before] = await sessionOn({ group: "1", own: "2" }, (guest) => {
      for (const name of ["group", "own", "new"]) {
        writeFileSync(join(guest, name), `changed ${name}`);
        chmodSync(join(guest, name), 0o666);
      }
    });
    const shared = before.members.map((it) => (it.path === "group" ? { ...it, mode: 0o664 } : it));
    const old = process.umask(0o022);
    try {
      unpack(after, host, { before: { ...before, members: shared } });
    } finally {
      process.umask(old);
    }
    const modes = ["group", "own", "new"].map((name) => statSync(join(host, name)).mode & 0o777);
    expect(modes).toEqual([0o664, 0o644, 0o644]);
  });

  test("changes, new files, deletions, renames, new types", async () => {
    const [host, after, before] = await sessionOn(TREE, (guest) => {
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

  test("everything deleted", async () => {
    const [host, after, before] = await sessionOn(TREE, (guest) => {
      for (const name of readdirSync(guest)) rmSync(join(guest, name), { recursive: true });
    });
    expect(unpack(after, host, { before })).toMatchObject({ removed: 9, warnings: [] });
    expect(readTree(host)).toEqual({});
    expect(refusal(exported([]), host, { before })).toContain("the export is empty");
  });

  test("hard links: kept, broken, made, and over changed contents", async () => {
    const make = async (change: (guest: string) => void): Promise<[string, Unpacked]> => {
      const [host, guest] = [newFolder(), newFolder()];
      makeTree(host, { a: "1", x: "1" });
      linkSync(join(host, "a"), join(host, "b"));
      execFileSync("cp", ["-a", `${host}/.`, guest]);
      const before = await packFolder(host);
      change(guest);
      return [host, unpack(await packFolder(guest), host, { before })];
    };
    const isLinked = (host: string, one: string, two: string): boolean =>
      statSync(join(host, one)).ino === statSync(join(host, two)).ino;
    const [kept, none] = await make(() => {});
    expect([none.written, isLinked(kept, "a", "b")]).toEqual([0, true]);
    const [changed] = await make((guest) => writeFileSync(join(guest, "b"), "22"));
    expect([readTree(changed), isLinked(changed, "a", "b")]).toEqual([
      { a: "22", b: "22", x: "1" },
      true,
    ]);
    const [broken] = await make((guest) => {
      rmSync(join(guest, "b"));
      writeFileSync(join(guest, "b"), "3");
    });
    expect([readTree(broken), isLinked(broken, "a", "b")]).toEqual([
      { a: "1", b: "3", x: "1" },
      false,
    ]);
    const [made, one] = await make((guest) => {
      rmSync(join(guest, "x"));
      linkSync(join(guest, "a"), join(guest, "x"));
    });
    expect([one.written, isLinked(made, "a", "x")]).toEqual([1, true]);
    const [first] = await make((guest) => rmSync(join(guest, "a")));
    expect(readTree(first)).toEqual({ b: "1", x: "1" });
  });

  test("what the host changed meanwhile is not lost without a word", async () => {
    const [host, after, before] = await sessionOn({ ...TREE, "k/old": "1" }, (guest) => {
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

  test("what the host made meanwhile, or made into something else, goes with a warning", async () => {
    const tree = { a: "1", l: "-> a", "d/x": "1", "e/x": "1" };
    const [host, after, before] = await sessionOn(tree, (guest) => {
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

  test("a guest cannot use a link that was there to lead out", async () => {
    const [host, after, before] = await sessionOn(TREE, (guest) =>
      symlinkSync("out/x", join(guest, "n")),
    );
    expect(refusal(after, host, { before })).toContain("'n'");
    const [two, changed, old] = await sessionOn(
      { ...TREE, "d/up": "-> x/../../..", "d/x/y/": "" },
      (guest) => {
        rmSync(join(guest, "d/x"), { recursive: true });
        symlinkSync(".", join(guest, "d/x"));
      },
    );
    expect(refusal(changed, two, { before: old })).toBe("accepted");
    const [three, moved, past] = await sessionOn(
      { "d/up": "-> x/../..", "d/x/y/": "" },
      (guest) => {
        rmSync(join(guest, "d/x"), { recursive: true });
        symlinkSync(".", join(guest, "d/x"));
      },
    );
    expect(refusal(moved, three, { before: past })).toContain("'d/up'");
  });

  test("without its contents, a list of members still tells what was deleted", async () => {
    const [host, after, before] = await sessionOn({ a: "1", b: "2" }, (guest) =>
      rmSync(join(guest, "b")),
    );
    utimesSync(join(host, "a"), 5, 5);
    const empty = { source: memorySource(new Uint8Array(0)), members: before.members };
    expect(unpack(after, host, { before: empty })).toMatchObject({ written: 1, removed: 1 });
    expect(readTree(host)).toEqual({ a: "1" });
  });

  test("a file of the host cannot become a hard link of something else", async () => {
    const [host, after, before] = await sessionOn({ a: "1" }, (guest) => {
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
