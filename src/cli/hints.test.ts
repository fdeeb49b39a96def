import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { manifestFor } from "../../test/support/sessions.ts";
import { makeTree, temporaryFolders } from "../../test/support/temporary-folder.ts";
import { byteStringOfText } from "../base/index.ts";
import { writeNexe } from "../nacl/elf/index.ts";
import { executeManifest, type Report } from "../zerovm/index.ts";
import { etagHint, hints } from "./hints.ts";

const newFolder = temporaryFolders();

describe("etagHint", () => {
  const hintFor = (program: Uint8Array, sizeBytes: number, etag: boolean): string | undefined =>
    etagHint(manifestFor(newFolder(), program, { memory: { sizeBytes, etag } }));
  const nexe = writeNexe({ text: new Uint8Array(32).fill(0x90) });

  test("names the option where much memory of a nexe is digested", () => {
    const hint = hintFor(nexe, 2 ** 32, true);
    expect(hint).toContain("digest of all 4.0 GiB of it");
    expect(hint).toContain("--memory 64M");
  });

  test("says nothing where little is, or nothing", () => {
    expect(hintFor(nexe, 2 ** 26, true)).toBe(undefined);
    expect(hintFor(nexe, 2 ** 32, false)).toBe(undefined);
    expect(hintFor(new Uint8Array(64), 2 ** 32, true)).toBe(undefined);
  });
});
const ENOENT = 2;

const anyReport = await executeManifest({ text: "" });

type Wanted = "read" | "write";

/** The hints after a session that ended with `status` and was denied these paths. */
function hintsFor(cwd: string, denied: readonly [string, Wanted][], exitStatus = 1): string[] {
  const report: Report = {
    ...anyReport,
    exitStatus,
    denied: denied.map(([path, wanted]) => {
      return { path: byteStringOfText(path), wanted, errno: ENOENT };
    }),
  };
  return hints(report, cwd);
}

test("a guest that failed at the limit of a channel is told which one it was", () => {
  const hits = [
    { limit: "put-bytes", channel: byteStringOfText("/dev/stdout") },
    { limit: "fs-bytes" },
  ] as const;
  const after = (exitStatus: number): string[] => {
    return hints({ ...anyReport, exitStatus, denied: [], hits }, newFolder());
  };
  expect(after(1)).toEqual(["/dev/stdout met its limit of bytes that are written"]);
  expect(after(0)).toEqual([]);
});

describe("hints", () => {
  test.each<[string, Wanted, string]>([
    [
      "/a.csv",
      "read",
      "the guest looked for /a.csv: -r a.csv grants it as /dev/a.csv, @a.csv as an argument does both",
    ],
    [
      "a.csv",
      "read",
      "the guest looked for a.csv: -r a.csv grants it as /dev/a.csv, @a.csv as an argument does both",
    ],
    [
      "/d/b.csv",
      "write",
      "the guest looked for /d/b.csv: -w d/b.csv grants it as /dev/b.csv, " +
        "@+d/b.csv as an argument does both",
    ],
    ["/dev/a.csv", "read", "the guest wanted to read /dev/a.csv: -r a.csv grants that"],
    ["/dev/a.csv", "write", "the guest wanted to write /dev/a.csv: -w a.csv grants that"],
    ["/dev/new", "write", "the guest wanted to write /dev/new: -w PATH=new grants that"],
    [
      "/two words",
      "read",
      "the guest looked for /two words: -r 'two words' grants it as /dev/two words, " +
        "'@two words' as an argument does both",
    ],
  ])("%s for %s", (path, wanted, hint) => {
    const cwd = newFolder();
    makeTree(cwd, { "a.csv": "", "d/b.csv": "", "two words": "" });
    expect(hintsFor(cwd, [[path, wanted]])).toEqual([hint]);
  });

  test.each<[string, Wanted]>([
    ["/absent", "read"],
    ["/d", "read"],
    ["/", "read"],
    ["/dev/absent", "read"],
  ])("none for %s", (path, wanted) => {
    const cwd = newFolder();
    makeTree(cwd, { "d/": "" });
    expect(hintsFor(cwd, [[path, wanted]])).toEqual([]);
  });

  test("a file by its path on the host, when the session failed", () => {
    const folder = newFolder();
    makeTree(folder, { "x.csv": "" });
    const path = join(folder, "x.csv");
    expect(hintsFor("/", [[path, "read"]])[0]).toContain(`-r ${path} grants it as /dev/x.csv`);
    expect(hintsFor("/nowhere", [[path, "read"]])[0]).toContain(`@${path} as an argument`);
    expect(hintsFor("/", [[path, "read"]], 0)).toEqual([]);
  });

  test("nothing for the folders of the system, wherever we stand", () => {
    const system: [string, Wanted][] = [
      ["/etc/passwd", "read"],
      ["/etc/../etc/passwd", "read"],
      [process.execPath.startsWith("/usr/") ? process.execPath : "/etc/hostname", "read"],
      ["/proc/self/status", "read"],
    ];
    for (const cwd of ["/", "/etc", newFolder()]) expect(hintsFor(cwd, system)).toEqual([]);
    expect(hintsFor("/", [["etc/passwd", "read"]])).toEqual([]);
  });

  test("each once, and not too many", () => {
    const cwd = newFolder();
    const names = ["a", "b", "c", "d", "e", "f"];
    makeTree(cwd, Object.fromEntries(names.map((name) => [name, ""])));
    const denied = [...names, ...names].map((name): [string, Wanted] => [`/${name}`, "read"]);
    expect(hintsFor(cwd, denied)).toHaveLength(5);
    expect(
      hintsFor(
        cwd,
        denied.filter(([path]) => path === "/a"),
      ),
    ).toHaveLength(1);
  });

  test("what the guest made up drives no terminal and no shell", () => {
    const cwd = newFolder();
    const name = "\x1b[31m'; rm -rf $HOME `x`\u202e";
    makeTree(cwd, { [name]: "" });
    const found = hintsFor(cwd, [
      [`/${name}`, "read"],
      [`/dev/${name}\n`, "write"],
    ]);
    expect(found).toHaveLength(2);
    for (const hint of found) expect(hint).toMatch(/^[ -~]*$/);
    expect(found[0]).toContain("-r '\\x1b[31m'\\''; rm -rf $HOME `x`\\u{202e}' grants");
  });

  test("a name that the host cannot have is no reason to stumble", () => {
    expect(hintsFor(newFolder(), [["/a\0b", "read"]])).toEqual([]);
    expect(hintsFor(newFolder(), [[`/${"x".repeat(5000)}`, "read"]])).toEqual([]);
  });
});
