import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { captured, interruptAtWork } from "../../../test/support/captured.ts";
import { craftedTar } from "../../../test/support/crafted-tar.ts";
import { exitingGuest, LOOPING_GUEST, writingGuest } from "../../../test/support/guests.ts";
import { makeTree, readTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";

let folder = "";

workInOwnFolder((made) => {
  folder = made;
});

function writeManifest(name: string, ...more: readonly string[]): void {
  const lines = [
    "Version = 20130611",
    `Program = ${folder}/p.wasm`,
    "Memory = 33554432, 0",
    "Timeout = 5",
    "Channel = /dev/null, /dev/stdin, 0, 0, 9, 9, 0, 0",
    `Channel = ${folder}/out, /dev/stdout, 0, 0, 0, 0, 9, 99`,
    "Channel = /dev/null, /dev/stderr, 0, 0, 0, 0, 9, 99",
    ...more,
  ];
  writeFileSync(name, `${lines.join("\n")}\n`);
}

describe("the whole", () => {
  test.each([["--help"], ["-h"], ["help"]])("%s", async (word) => {
    const { status, stdout, stderr } = await captured([word]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("Commands:\n  run ");
  });

  test("without a command the help is a complaint", async () => {
    const { status, stdout, stderr } = await captured([]);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toContain("Commands:");
  });

  test("--version", async () => {
    expect((await captured(["--version"])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test.each([
    [["help", "run"], "zerovm run [options] PROGRAM"],
    [["run", "--help"], "zerovm run [options] PROGRAM"],
    [["exec", "-h"], "zerovm exec [options] MANIFEST"],
  ])("%j", async (argv, text) => {
    const { status, stdout } = await captured(argv);
    expect(status).toBe(0);
    expect(stdout).toContain(text);
  });

  test.each([
    [["bogus"], "zerovm: there is no command 'bogus'; 'zerovm --help' lists them\n"],
    [["help", "bogus"], "zerovm: there is no command 'bogus'; 'zerovm --help' lists them\n"],
    [["imgae", "ls"], "zerovm: there is no command 'imgae'; did you mean 'zerovm image'?\n"],
    [["toString"], "zerovm: there is no command 'toString'; 'zerovm --help' lists them\n"],
    [["-x"], "zerovm: there is no option '-x'; 'zerovm --help' lists them\n"],
    [["p.wasm"], "zerovm: there is no command 'p.wasm'; 'zerovm run p.wasm' runs a program\n"],
  ])("%j is refused", async (argv, message) => {
    writeFileSync("p.wasm", "");
    expect(await captured(argv)).toEqual({ status: 125, stdout: "", stderr: message });
  });
});

describe("zerovm exec", () => {
  test("runs a manifest", async () => {
    writeFileSync("p.wasm", writingGuest("hello\n"));
    writeManifest("m");
    const { status, stdout, stderr } = await captured(["exec", "--report", "m"]);
    expect([status, stdout]).toEqual([0, ""]);
    expect(stderr).toMatch(/\nok\n\n$/);
    expect(readFileSync("out", "utf8")).toBe("hello\n");
  });

  test("--dry-run creates nothing", async () => {
    writeFileSync("p.wasm", writingGuest("hello\n"));
    writeManifest("m");
    expect(await captured(["exec", "-F", "m"])).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(existsSync("out")).toBe(false);
  });

  test.each([
    [["exec"], "zerovm exec: name a MANIFEST; '-' reads standard input"],
    [["exec", "m", "-F"], "zerovm exec: options come before the one MANIFEST, not '-F' after it"],
    [["exec", "absent"], "zerovm: Cannot read the manifest absent: no such file or directory"],
    [["exec", "."], "zerovm: Cannot read the manifest .: it is a folder"],
  ])("%j is refused", async (argv, message) => {
    expect(await captured(argv)).toEqual({ status: 125, stdout: "", stderr: `${message}\n` });
  });

  test("every finding is shown with its place, warnings once, and nothing is created", async () => {
    writeFileSync("p.wasm", writingGuest("hello\n"));
    writeManifest("m", "Bogus = 1", `Channel = ${folder}, /dev/d, 0, 0, 9, 9, 0, 0`);
    const { status, stderr } = await captured(["exec", "m"]);
    expect(status).toBe(125);
    expect(stderr).toContain("m:9:11: error: Source of /dev/d is a directory");
    expect(stderr).toContain("Grant a folder with 'zerovm run --dir'");
    expect(stderr.match(/Unknown keyword Bogus/g)).toHaveLength(1);
    expect(existsSync("out")).toBe(false);
  });

  test("names in the manifest drive no terminal", async () => {
    writeFileSync("p.wasm", exitingGuest(0));
    writeManifest("m", `Channel = ${folder}/\x1b[31m, /dev/d, 0, 0, 9, 9, 0, 0`);
    const { stderr } = await captured(["exec", "m"]);
    expect(stderr).toContain("\\x1b[31m");
    expect(stderr).not.toContain("\x1b");
  });
});

describe("as the original", () => {
  test("report on standard output, log on standard error, its exit code", async () => {
    writeFileSync("p.wasm", exitingGuest(7));
    writeManifest("m.manifest");
    const plain = await captured(["m.manifest"]);
    expect(plain.status).toBe(0);
    expect(plain.stdout).toMatch(/^0\n0\n7\ndisable\n[\d. ]+\nok\n\n$/);
    expect(plain.stderr).toBe("");
    const verbose = await captured(["exec", "--classic", "m.manifest", "-sPQv2"]);
    expect(verbose.stdout).toMatch(/^2\n0\n7\n/);
    expect(verbose.stderr.trim().split("\n")).toEqual([
      "VALIDATION DISABLED",
      "PLATFORM QUALIFICATION DISABLED",
      "DISK SPACE PREALLOCATION DISABLED",
      "SESSION RETURNED 7",
    ]);
  });

  test("the report in its four modes", async () => {
    writeFileSync("p.wasm", exitingGuest(0));
    writeManifest("m.manifest");
    const framed = await captured(["m.manifest", "-t3"]);
    expect(framed.stdout).toMatch(/^0x[0-9a-f]{6}0\n0\n0\ndisable\n/);
    const line = await captured(["-t", "1", "m.manifest"]);
    expect(line.stdout).toBe("");
    expect(line.stderr).toMatch(/^0; 0; 0; disable; [\d. ]+; ok; ; \n$/);
    expect(await captured(["m.manifest", "-t2"])).toEqual({ status: 0, stdout: "", stderr: "" });
  });

  test("-F judges and creates nothing", async () => {
    writeFileSync("p.wasm", exitingGuest(0));
    writeManifest("m.manifest");
    expect((await captured(["m.manifest", "-F"])).stdout).toMatch(/\nok\n/);
    expect(existsSync("out")).toBe(false);
  });

  test("-T appends the phases", async () => {
    writeFileSync("p.wasm", exitingGuest(0));
    writeManifest("m.manifest");
    const trace = join(folder, "trace");
    await captured(["m.manifest", "-t2", `-T${trace}`]);
    await captured(["m.manifest", "-t2", "-T", trace]);
    const text = readFileSync(trace, "utf8");
    expect(text.match(/^\[\d+\] 0{48}$/gm)).toHaveLength(2);
    expect(text.match(/: untrusted code$/gm)).toHaveLength(2);
  });

  test.each([
    ["p.wasm", "the program"],
    ["m.manifest", "the manifest"],
    ["out", "the source of /dev/stdout"],
  ])("a trace in %s would destroy what is there, and is refused", async (name, role) => {
    writeFileSync("p.wasm", exitingGuest(0));
    writeManifest("m.manifest");
    const before = readTree(folder);
    const { status, stderr } = await captured(["m.manifest", "-T", join(folder, name)]);
    const what = `the same file is ${role}, which writing would destroy`;
    expect([status, stderr]).toEqual([
      125,
      `zerovm: Cannot write the trace to ${join(folder, name)}: ${what}\n`,
    ]);
    expect(readTree(folder)).toEqual(before);
  });

  test("a trace that cannot be written is known before anything runs", async () => {
    writeFileSync("p.wasm", exitingGuest(0));
    writeManifest("m.manifest");
    const { status, stderr } = await captured(["m.manifest", "-T/nowhere/trace"]);
    expect(status).toBe(125);
    expect(stderr).toBe(
      "zerovm: Cannot write the trace to /nowhere/trace: no such file or directory\n",
    );
    expect(existsSync("out")).toBe(false);
  });

  test.each([
    [["m.manifest", "-x"], 22, /^Usage: zerovm MANIFEST/],
    [["m.manifest", "n.manifest"], 22, /^2nd manifest encountered\nUsage: zerovm MANIFEST/],
    [
      ["m.manifest", "-ty"],
      14,
      /^2\n0\n0\ndisable\n[\d. ]+\nMANIFEST 0: invalid numeric value 'y'\n/,
    ],
    [["absent.manifest"], 2, /^2\n0\n0\ndisable\n[\d. ]+\nmanifest open error\n/],
    [["-M."], 5, /\nmanifest read error\n/],
    [["exec", "--classic"], 22, /^Usage/],
    [["exec", "--classic", "-x", "m.manifest"], 22, /^Usage/],
  ])("%j", async (argv, expected, stdout) => {
    const got = await captured(argv);
    expect(got.status).toBe(expected);
    expect(got.stdout).toMatch(stdout);
  });

  test("a refused manifest has its finding, code and state", async () => {
    writeManifest("m.manifest");
    const { status, stdout, stderr } = await captured(["m.manifest"]);
    expect(status).toBe(2);
    expect(stdout).toContain(`Cannot open '${folder}/p.wasm'. No such file or directory\n`);
    expect(stderr).toContain("m.manifest");
    expect(stderr).toContain("SESSION FAILED WITH ERROR 2");
  });

  test("Ctrl-C", async () => {
    writeFileSync("p.wasm", LOOPING_GUEST);
    writeManifest("m.manifest");
    const [{ status, stdout }] = await Promise.all([captured(["m.manifest"]), interruptAtWork()]);
    expect(status).toBe(4);
    expect(stdout).toMatch(/\nsession interrupted\n/);
  });
});

describe("zerovm check", () => {
  test("shows what a session would destroy of its own", async () => {
    writeManifest("m", `Channel = ${folder}/p.wasm, /dev/x, 0, 0, 0, 0, 9, 9`);
    writeManifest("n", `Channel = ${folder}/n, /dev/x, 0, 0, 0, 0, 9, 9`);
    writeManifest("o", `Channel = ${folder}/out, /dev/x, 3, 0, 9, 9, 9, 9`);
    const { status, stderr } = await captured(["check", "m", "n", "o"]);
    expect(status).toBe(1);
    expect(
      stderr
        .replaceAll(`${folder}/`, "")
        .split("\n")
        .map((line) => line.split(";")[0]),
    ).toEqual([
      expect.stringContaining("m:8:11: error: Channel /dev/x empties p.wasm, which is the program"),
      expect.stringContaining("n:8:11: error: Channel /dev/x empties n, which is the manifest"),
      expect.stringContaining("which is also written by /dev/x"),
      expect.stringContaining("which is also written by /dev/stdout"),
      "",
    ]);
  });

  test("shows findings and counts", async () => {
    writeManifest("good");
    writeFileSync("bad", "Version = 1\nBogus = 2\n");
    writeFileSync("nv", "[args]\nargs=a b\n");
    const { status, stdout, stderr } = await captured(["check", "good", "bad", "nv"]);
    expect(status).toBe(1);
    expect(stdout).toMatch(
      /^good: manifest, 0 errors, 0 warnings\nbad: manifest, \d errors, 1 warning\nnv: nvram, 0 errors, 0 warnings\n$/,
    );
    expect(stderr).toContain("bad:1:11: error: Manifest version is not known: 1");
  });

  test("shows findings of a job with their places", async () => {
    writeFileSync("j.json", '[{"name": "n",\n  "count": 0, "exec": {"path": "swift://~/b/p"}}]');
    const { status, stdout, stderr } = await captured(["check", "j.json"]);
    expect(status).toBe(1);
    expect(stdout).toBe("j.json: job, 1 error, 0 warnings\n");
    expect(stderr).toBe(
      "j.json:2:12: error: Invalid node count: 0 (/0/count); expected a whole number from 1 to 1000\n",
    );
  });

  test("--json and --kind", async () => {
    writeFileSync("nv", "args=a b\n");
    const { status, stdout } = await captured(["check", "--json", "--kind", "nvram", "nv"]);
    expect(JSON.parse(stdout)).toMatchObject([{ file: "nv", kind: "nvram" }]);
    expect([0, 1]).toContain(status);
  });

  test.each([
    [["check"], "zerovm check: name at least one FILE"],
    [["check", "/tmp"], "zerovm: Cannot read /tmp: it is a folder\n"],
    [["check", "/dev/zero"], "zerovm: Cannot read /dev/zero: it is no regular file\n"],
    [["check", "absent"], "zerovm: Cannot read absent: no such file or directory"],
    [["check", "--kind", "x", "y"], "--kind is one of manifest, nvram, job, zapp, nexe, not 'x'"],
  ])("%j is refused", async (argv, message) => {
    const { status, stderr } = await captured(argv);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});

describe("zerovm inspect", () => {
  test("a program", async () => {
    writeFileSync("p.wasm", writingGuest("x"));
    const { status, stdout } = await captured(["inspect", "p.wasm"]);
    expect(status).toBe(0);
    expect(stdout).toContain("Imports of wasi_snapshot_preview1\n");
    expect(stdout).toMatch(/^ {2}fd_write +function/m);
    expect(stdout).toContain("Memory from 2 to any number of pages of 64 KiB");
    expect(stdout).toMatch(/It would run\.\n$/);
    const { stdout: json } = await captured(["inspect", "--json", "p.wasm"]);
    expect(JSON.parse(json)).toMatchObject({ runnable: true });
  });

  test("a program that would be refused", async () => {
    const name = "\\1b[31m";
    writeFileSync("p.wasm", moduleOf(`(module (import "env" "${name}" (func)))`));
    const { status, stdout } = await captured(["inspect", "p.wasm"]);
    expect(status).toBe(126);
    expect(stdout).toContain("\\x1b[31m");
    expect(stdout).not.toContain("\x1b");
    expect(stdout).toMatch(/It would be refused\.\n$/);
  });

  test("an image, plain or compressed", async () => {
    const tar = craftedTar([{ name: "a.txt", contents: "hello" }, { name: "\x1b[31m" }]);
    writeFileSync("t.tar", tar);
    writeFileSync("t.tar.gz", gzipSync(tar));
    for (const [name, form] of [
      ["t.tar", ""],
      ["t.tar.gz", ", gzip"],
    ]) {
      const { status, stdout, stderr } = await captured(["inspect", `${name}`]);
      expect(status).toBe(0);
      expect(stdout).toMatch(/^-0644 +5 1970-01-01T00:00:00 a\.txt\n-0644 .* \\x1b\[31m\n$/);
      expect(stderr).toBe(`${name}: 2 members, ${tar.length} bytes of tar${form}\n`);
    }
    const { stdout } = await captured(["inspect", "--json", "t.tar"]);
    expect(JSON.parse(stdout)).toMatchObject({ members: [{ path: "a.txt" }, {}] });
  });

  test.each([
    [["inspect"], 125, "zerovm inspect: name one PROGRAM or TAR"],
    [["inspect", "a", "b"], 125, "zerovm inspect: name one PROGRAM or TAR"],
    [["inspect", "absent"], 127, "There is no program absent"],
  ])("%j is refused", async (argv, expected, message) => {
    const { status, stdout, stderr } = await captured(argv);
    expect(status).toBe(expected);
    expect(stdout + stderr).toContain(message);
  });
});

describe("zerovm image", () => {
  test("builds, adds to and lists", async () => {
    makeTree(folder, { "root/a.txt": "a", "root/d/b.txt": "b", "c.txt": "c" });
    const built = await captured(["image", "build", "--mtime", "5", "t.tar", "root"]);
    expect([built.status, built.stderr]).toEqual([0, ""]);
    expect(built.stdout).toMatch(/^t\.tar: \d+ members, \d+ bytes\n$/);
    const added = await captured(["image", "add", "--json", "t.tar", "c.txt=d/c.txt"]);
    expect(JSON.parse(added.stdout)).toMatchObject({ image: "t.tar" });
    const { stdout } = await captured(["image", "ls", "t.tar"]);
    for (const name of ["a.txt", "d", "d/b.txt", "d/c.txt"]) {
      expect(stdout).toMatch(new RegExp(` ${name}$`, "m"));
    }
    expect(stdout).toMatch(/ 1970-01-01T00:00:05 a\.txt$/m);
    const { stdout: json } = await captured(["image", "ls", "--json", "t.tar"]);
    expect(JSON.parse(json)).toHaveProperty("members");
  });

  test("names are text in JSON, also for inspect", async () => {
    makeTree(folder, { "root/größe": "x", "root/ziel": "-> größe" });
    await captured(["image", "build", "t.tar", "root"]);
    for (const argv of [
      ["image", "ls", "--json", "t.tar"],
      ["inspect", "--json", "t.tar"],
    ]) {
      const { members } = JSON.parse((await captured(argv)).stdout);
      expect(members).toEqual([
        expect.objectContaining({ path: "größe", kind: "file" }),
        expect.objectContaining({ path: "ziel", link: "größe" }),
      ]);
    }
  });

  test.each([
    [["image"], "zerovm image: say build, ls or add; see 'zerovm image --help'"],
    [["image", "pack", "t.tar", "x"], "zerovm image: say build, ls or add"],
    [["image", "build", "t.tar"], "build: name OUT.tar and at least one FOLDER or FILE"],
    [["image", "add", "t.tar"], "zerovm image add: name a TAR and at least one FOLDER or FILE"],
    [["image", "ls"], "zerovm image ls: name one TAR"],
    [["image", "build", "t.tar", "absent"], "absent"],
    [["image", "build", "--mtime", "x", "t.tar", "f"], "--mtime is a number of seconds since 1970"],
    [["image", "ls", "absent.tar"], "zerovm: Cannot open the image absent.tar: no such file"],
    [["image", "ls", "f"], "it is no tar archive"],
    [["image", "add", "absent.tar", "f"], "absent.tar"],
  ])("%j is refused and changes nothing", async (argv, message) => {
    makeTree(folder, { f: "text" });
    const { status, stdout, stderr } = await captured(argv);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toContain(message);
    expect(readTree(folder)).toEqual({ f: "text" });
  });

  test("Ctrl-C leaves what was there", async () => {
    makeTree(folder, { "t.tar": "before", "d/": "" });
    for (let index = 0; index < 500; index++) writeFileSync(`d/${index}`, "x".repeat(9000));
    const working = captured(["image", "build", "t.tar", "d"]);
    while (process.listenerCount("SIGINT") === 0) await new Promise(setImmediate);
    process.emit("SIGINT");
    const { status, stderr } = await working;
    expect([status, stderr]).toEqual([130, "zerovm: interrupted; t.tar is as it was\n"]);
    expect(readFileSync("t.tar", "utf8")).toBe("before");
    expect(readdirSync(folder).sort()).toEqual(["d", "t.tar"]);
  });
});

describe("zerovm runtime", () => {
  test("ls", async () => {
    const { status, stdout } = await captured(["runtime", "ls"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^python {5}CPython 3\.11/);
    const { stdout: json } = await captured(["runtime", "ls", "--json"]);
    expect((JSON.parse(json) as unknown[]).length).toBeGreaterThan(5);
  });

  test.each([
    [["runtime"], "zerovm runtime: say ls, add, rm or image; see 'zerovm runtime --help'"],
    [["runtime", "add", "x"], "zerovm runtime: say ls, add, rm or image"],
    [["runtime", "rm", "python"], "python"],
    [["runtime", "add", "--env", "A", "x", "p@1.0.0", "f"], "--env has the form A=B, not 'A'"],
    [["runtime", "add", "--image", "A", "x", "p@1.0.0", "f"], "--image has the form A:B, not 'A'"],
    [["runtime", "add", "x", "p@latest", "f"], "p@latest"],
  ])("%j is refused", async (argv, message) => {
    const { status, stderr } = await captured(argv);
    expect([status, stderr]).toEqual([125, expect.stringContaining(message)]);
  });
});
