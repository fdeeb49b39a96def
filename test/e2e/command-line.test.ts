import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import {
  COPYING_GUEST,
  guestOf,
  LOOPING_GUEST,
  savingGuest,
  writingGuest,
} from "../support/guests.ts";
import { Shell } from "../support/shell.ts";
import { makeTree, readTree, temporaryFolders } from "../support/temporary-folder.ts";

const newFolder = temporaryFolders();
let shell: Shell;

beforeEach(() => {
  shell = new Shell(newFolder());
});

describe("standard streams", () => {
  test("input closed is input at its end", async () => {
    shell.put("p.wasm", COPYING_GUEST);
    expect(await shell.run("zerovm run p.wasm <&-")).toMatchObject({ status: 0, stdout: "" });
    expect(await shell.run("zerovm exec - <&-")).toMatchObject({ status: 125 });
  });

  test.each([
    ["run", "zerovm run p.wasm < ."],
    ["exec", "zerovm exec m.manifest < ."],
    ["run --record", "zerovm run --record made p.wasm < ."],
  ])("a folder as standard input of %s is one error, before anything is made", async (_, line) => {
    shell.put("p.wasm", COPYING_GUEST);
    shell.put("m.manifest", shell.manifest("Channel = HERE/made, /dev/made, 0, 0, 0, 0, 9, 9"));
    const { status, stderr, stdout } = await shell.run(line);
    expect([status, stdout]).toEqual([125, ""]);
    const what = "Source of /dev/stdin is a directory: standard input was redirected from it";
    expect(stderr.split(what)).toHaveLength(2);
    expect(stderr.trim().split("\n")).toHaveLength(2);
    expect(shell.has("made")).toBe(false);
  });

  test("a reader that goes away ends the session as it ends any program", async () => {
    shell.put(
      "p.wasm",
      guestOf(`(loop $more (drop (call $write (i32.const 1) (i32.const 64)
      (i32.const 1000))) (br $more))`),
    );
    const { stdout, stderr } = await shell.run(
      `zerovm run --report-file r.json p.wasm | head -c 10 > head; echo "\${PIPESTATUS[0]}"`,
    );
    expect([stdout, stderr]).toEqual(["141\n", ""]);
    expect(shell.read("head")).toHaveLength(10);
    expect(JSON.parse(shell.read("r.json"))).toMatchObject({
      exitStatus: 141,
      outcome: {
        kind: "lost",
        cause: "channel",
        message: "/dev/stdout;0 failed to write: Broken pipe",
      },
    });
    shell.put("m.manifest", shell.manifest());
    const exec = await shell.run(`zerovm exec m.manifest | head -c 1; echo "\${PIPESTATUS[0]}"`);
    expect([exec.stdout.slice(1), exec.stderr]).toEqual(["141\n", ""]);
  });

  test.each([["--help"], ["run --help"], ["--version"], ["runtime ls --json"]])(
    "%s onto a full device says that its output is lost",
    async (words) => {
      const { status, stderr } = await shell.run(`zerovm ${words} > /dev/full`);
      expect(status).toBe(125);
      expect(stderr).toBe("zerovm: cannot write to standard output: no space left on device\n");
    },
  );

  test("a report that cannot be written to standard error is an error", async () => {
    shell.put("p.wasm", writingGuest("hello\n"));
    shell.put("m.manifest", shell.manifest());
    for (const words of ["run --report p.wasm", "exec --report=json m.manifest"]) {
      const { status, stdout } = await shell.run(`zerovm ${words} 2> /dev/full`);
      expect([words, status, stdout]).toEqual([words, 125, "hello\n"]);
    }
    const both = "zerovm run --report --report-file r.json p.wasm 2> /dev/full";
    expect(await shell.run(both)).toMatchObject({ status: 125 });
    expect(JSON.parse(shell.read("r.json"))).toMatchObject({ outcome: { kind: "exited" } });
    expect(await shell.run("zerovm run p.wasm 2> /dev/full")).toMatchObject({ status: 0 });
  });

  test("a working directory that was removed is named", async () => {
    shell.put("p.wasm", writingGuest("hello\n"));
    const says = "zerovm: the current folder does not exist any more: change to one that does\n";
    for (const words of ["run p.wasm", "run ../p.wasm", "image build x.tar ."]) {
      const line = `mkdir gone; cd gone; rmdir ../gone; zerovm ${words}`;
      expect([words, await shell.run(line)]).toEqual([
        words,
        { status: 125, stdout: "", stderr: says },
      ]);
    }
  });

  test("our own text may be cut short", async () => {
    const { stdout, stderr } = await shell.run(
      `zerovm run --help | head -n 1; echo "\${PIPESTATUS[0]}"; zerovm bogus 2>&1 | true`,
    );
    expect(stdout).toMatch(/^Runs a program .*\n0\n$/);
    expect(stderr).toBe("");
  });

  test("output to a full device is the guest's trouble, or the host's", async () => {
    shell.put("p.wasm", writingGuest("hello"));
    const { status, stderr } = await shell.run("zerovm run p.wasm > /dev/full");
    expect(status).toBe(125);
    expect(stderr).toMatch(/^zerovm: the session was lost: .*No space left on device\n$/);
  });

  test("binary goes through both ways, from files and pipes", async () => {
    shell.put("p.wasm", COPYING_GUEST);
    shell.put(
      "in",
      new Uint8Array(300_000).map((_value, index) => index % 256),
    );
    for (const line of ["zerovm run p.wasm < in > out", "cat in | zerovm run p.wasm | cat > out"]) {
      expect((await shell.run(line)).status).toBe(0);
      expect(shell.read("out") === shell.read("in")).toBe(true);
    }
  });

  test("appending standard output is kept", async () => {
    shell.put("p.wasm", writingGuest("more\n"));
    shell.put("log", "first\n");
    await shell.run("zerovm run p.wasm >> log");
    expect(shell.read("log")).toBe("first\nmore\n");
  });
});

describe("signals", () => {
  /** Starts a guest that has written something, and sends signals to the command line. */
  async function interrupted(signals: readonly NodeJS.Signals[], ...argv: readonly string[]) {
    const { child, end } = shell.zerovm(...argv);
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    for (const signal of signals) {
      child.kill(signal);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    return await end;
  }

  /** Writes to a granted file and to standard output, and then goes on for ever. */
  function busyGuest(): Uint8Array {
    const saving = `(local $fd i32)
      (local.set $fd (call $open (i32.const 64) (i32.const 8) (i32.const 0) (i64.const 64)))
      (drop (call $write (local.get $fd) (i32.const 64) (i32.const 8)))
      (drop (call $write (i32.const 1) (i32.const 64) (i32.const 8)))
      (loop $again (br $again))`;
    return guestOf(saving, `(data (i32.const 64) "dev/kept")`);
  }

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s ends the session in order", async (signal, status) => {
    shell.put("p.wasm", busyGuest());
    makeTree(shell.folder, { "d/a": "before" });
    const end = await interrupted(
      [signal],
      ...["run", "-w", "kept", "--image", "out.tar:/out:export", "--dir", "d:/d:rw"],
      ...["--report-file", "report", "p.wasm"],
    );
    expect(end).toEqual({ status, stdout: "dev/kept", stderr: "zerovm: interrupted\n" });
    expect(shell.read("kept")).toBe("dev/kept");
    expect(shell.has("out.tar")).toBe(false);
    expect(readTree(join(shell.folder, "d"))).toEqual({ a: "before" });
    expect(JSON.parse(shell.read("report"))).toMatchObject({ outcome: { cause: "interrupted" } });
    expect(shell.leftovers()).toEqual([]);
    await expect.poll(() => shell.survivors()).toEqual([]);
  });

  test("a manifest's channels are cut to what was written", async () => {
    shell.put("p.wasm", busyGuest());
    shell.put("m", shell.manifest("Channel = HERE/kept, /dev/kept, 0, 0, 0, 0, 9, 100000"));
    expect((await interrupted(["SIGINT"], "exec", "m")).status).toBe(130);
    expect(statSync(join(shell.folder, "kept")).size).toBe(8);
  });

  test("a second Ctrl-C does not wait", async () => {
    shell.put("p.wasm", busyGuest());
    makeTree(shell.folder, { "d/": "" });
    const argv = ["run", "-w", "kept", "--dir", "d:/d:rw", "p.wasm"];
    const end = await interrupted(["SIGINT", "SIGINT", "SIGINT"], ...argv);
    // The third may meet a process that has given its handlers back already.
    expect([130, "SIGINT"]).toContain(end.status);
    expect(shell.leftovers()).toEqual([]);
    await expect.poll(() => shell.survivors(), { timeout: 5000 }).toEqual([]);
  });

  test("a session that waits for a pipe can be ended", async () => {
    shell.put(
      "p.wasm",
      guestOf(
        `(local $fd i32)
       (drop (call $write (i32.const 1) (i32.const 64) (i32.const 8)))
       (local.set $fd (call $open (i32.const 64) (i32.const 8) (i32.const 0) (i64.const 2)))
       (drop (call $read (local.get $fd) (i32.const 1024) (i32.const 10)))`,
        `(data (i32.const 64) "dev/pipe")`,
      ),
    );
    spawnSync("mkfifo", [join(shell.folder, "pipe")]);
    const end = await interrupted(["SIGINT"], "run", "-r", "pipe", "p.wasm");
    expect([end.status, end.stderr]).toEqual([130, "zerovm: interrupted\n"]);
    await expect.poll(() => shell.survivors()).toEqual([]);
  });

  test("when the command line is killed, the session ends with its time at the latest", async () => {
    shell.put("p.wasm", LOOPING_GUEST);
    const { child, end } = shell.zerovm("run", "--timeout", "3", "p.wasm");
    await new Promise((resolve) => setTimeout(resolve, 800));
    child.kill("SIGKILL");
    expect((await end).status).toBe("SIGKILL");
    await expect.poll(() => shell.survivors(), { timeout: 10_000, interval: 200 }).toEqual([]);
  });
});

describe("files and folders", () => {
  test("@ and @+ in arguments of a script", async () => {
    shell.put(
      "sum.py",
      "import sys\nrows = open(sys.argv[1]).read().split()\n" +
        "print(sys.argv[1:], file=sys.stderr)\nopen(sys.argv[2], 'w').write(str(len(rows)))\n",
    );
    shell.put("in.csv", "a b c");
    const { status, stderr } = await shell.run("zerovm run python sum.py @in.csv @+out.txt @@x");
    expect([status, stderr]).toEqual([0, "['/dev/in.csv', '/dev/out.txt', '@x']\n"]);
    expect(shell.read("out.txt")).toBe("3");
  });

  test("-w is not cut at the start, and truncates and appends as a file does", async () => {
    shell.put("f", "before");
    const python = (code: string) => shell.run(`zerovm run -w f python -c '${code}'`);
    expect((await python("pass")).status).toBe(0);
    expect(shell.read("f")).toBe("before");
    expect((await python('open("/dev/f", "r+").write("BE")')).status).toBe(0);
    expect(shell.read("f")).toBe("BEfore");
    expect((await python('open("/dev/f", "a").write("more")')).status).toBe(0);
    expect(shell.read("f")).toBe("BEforemore");
    expect((await python('open("/dev/f", "w").write("new")')).status).toBe(0);
    expect(shell.read("f")).toBe("new");
  });

  test("a folder as it is, copied on write, or brought back", async () => {
    makeTree(shell.folder, { "d/a": "one", "d/sub/b": "two" });
    const code = `import os
for path in sorted(os.listdir("/in")): print(path)
os.remove("/in/a")
open("/in/sub/new", "w").write("made")`;
    shell.put("code.py", code);
    for (const [mode, status] of [
      ["ro", 1],
      ["cow", 0],
    ] as const) {
      const end = await shell.run(`zerovm run --dir d:/in:${mode} python code.py`);
      expect([end.status, end.stdout]).toEqual([status, "a\nsub\n"]);
      expect(readTree(join(shell.folder, "d"))).toEqual({ a: "one", "sub/": "", "sub/b": "two" });
    }
    expect((await shell.run("zerovm run --dir d:/in:rw python code.py")).status).toBe(0);
    expect(readTree(join(shell.folder, "d"))).toEqual({
      "sub/": "",
      "sub/b": "two",
      "sub/new": "made",
    });
    expect(shell.leftovers()).toEqual([]);
  });

  test("a folder that comes back is bounded, and the way back is not the guest's", async () => {
    makeTree(shell.folder, { "d/a": "one" });
    const code = (text: string) => shell.put("code.py", text);
    code(`open("/in/huge", "wb").truncate(2**38)`);
    const huge = await shell.run("zerovm run --dir d:/in:rw python code.py");
    expect(huge.status).toBe(125);
    expect(huge.stderr).toMatch(/Cannot export \/in: the archive would have 2748779\d+ bytes/);
    const small = "zerovm run --limit image-bytes=30000 --dir d:/in:rw python -c";
    const write = (size: number) => `'open("/in/f", "wb").write(b"x" * ${size})'`;
    expect((await shell.run(`${small} ${write(30_000)}`)).status).toBe(125);
    expect(readTree(join(shell.folder, "d"))).toEqual({ a: "one" });
    code(`import os\nprint(os.path.exists("/dev/folder"), os.path.exists("/folder"))`);
    const names = await shell.run("zerovm run --dir d:/in:rw python code.py");
    expect([names.status, names.stdout]).toEqual([0, "False False\n"]);
    expect(shell.leftovers()).toEqual([]);
  });

  test("a folder as the root: neither /tmp nor images come into it", async () => {
    makeTree(shell.folder, { "d/a": "one", "i/b": "two" });
    await shell.run("zerovm image build i.tar i");
    shell.put("p.wasm", savingGuest("new", "made"));
    const line = "zerovm run --env HOME=/house/me --dir d:/:rw";
    const clash = await shell.run(`${line} --image i.tar:/m p.wasm`);
    expect([clash.status, clash.stderr]).toEqual([
      125,
      expect.stringContaining("i.tar is mounted"),
    ]);
    expect((await shell.run(`${line} p.wasm`)).status).toBe(0);
    expect(readTree(join(shell.folder, "d"))).toEqual({ a: "one", new: "made" });
  });

  test.each([
    ["the file is gone", false],
    ["the file is empty", true],
  ])("a disk that takes no whole export: %s", async (_, isThere) => {
    shell.put("p.wasm", savingGuest("out/f", "data"));
    if (isThere) shell.put("out.tar", "before");
    // A tar has at least ten of these blocks.
    const line = "ulimit -f 8; zerovm run --image out.tar:/out:export p.wasm";
    const { status, stderr } = await shell.run(line);
    expect(status).toBe(125);
    expect(stderr).toBe(
      "zerovm: the session was lost: /dev/mount/out.tar;0 failed to write: File too large\n" +
        "zerovm: warning: The export to /dev/mount/out.tar is not whole: its file was " +
        `${isThere ? "emptied" : "removed"}\n`,
    );
    expect(shell.has("out.tar") ? shell.read("out.tar") : undefined).toBe(isThere ? "" : undefined);
  });

  test("several images, and an export", async () => {
    makeTree(shell.folder, { "one/a": "1", "two/b": "2" });
    await shell.run("zerovm image build one.tar one; zerovm image build two.tar.gz two");
    shell.put("p.wasm", savingGuest("m/new", "made"));
    const images = "--image one.tar:/m --image two.tar.gz:/m/deep:ro";
    expect((await shell.run(`zerovm run ${images} --image out.tar:/m:export p.wasm`)).status).toBe(
      0,
    );
    const { stdout } = await shell.run("tar tf out.tar");
    expect(stdout.split("\n").sort()).toEqual(["", "m/", "m/a", "m/deep/", "m/deep/b", "m/new"]);
    expect((await shell.run("zerovm run --image one.tar:/m:ro p.wasm")).status).toBe(1);
  });

  test("an export is compressed where its name says so, and its etag is that of the archive", async () => {
    shell.put("p.wasm", savingGuest("out/a", "text of the guest ".repeat(50)));
    shell.put("nvram", "[fstab]\nchannel=/dev/x,mountpoint=/out,access=wo\n");
    const put = "0, 1, 0, 0, 9999, 999999";
    shell.put(
      "m.manifest",
      shell.manifest(
        "Channel = HERE/nvram, /dev/nvram, 3, 0, 9, 99999, 0, 0",
        `Channel = HERE/manifest.tar.gz, /dev/x, ${put}`,
      ),
    );
    shell.put("kept.tgz", "what was there before, which is longer than the archive ".repeat(40));
    const run = (name: string) =>
      `zerovm run --etag --report-file r --image ${name}:/out:export p.wasm`;
    for (const line of [run("o.tar"), run("kept.tgz"), run("o.tar.gz"), "zerovm exec m.manifest"]) {
      expect(await shell.run(line)).toMatchObject({ status: 0, stderr: "" });
    }
    const { etags } = JSON.parse(shell.read("r")) as { etags: { alias: string; hex: string }[] };
    const plain = readFileSync(join(shell.folder, "o.tar"));
    const packed = readFileSync(join(shell.folder, "o.tar.gz"));
    expect(packed.length).toBeLessThan(plain.length);
    expect([...packed.subarray(0, 10)]).toEqual([31, 139, 8, 0, 0, 0, 0, 0, 0, 255]);
    expect(etags.find(({ alias }) => alias.endsWith("o.tar.gz"))?.hex).toBe(
      createHash("sha256").update(plain).digest("hex"),
    );
    expect(readFileSync(join(shell.folder, "kept.tgz"))).toEqual(packed);
    for (const name of ["o.tar.gz", "manifest.tar.gz"]) {
      expect(gunzipSync(readFileSync(join(shell.folder, name))).equals(plain)).toBe(true);
    }
    expect(shell.leftovers()).toEqual([]);
    const mounted = await shell.run("zerovm image ls o.tar.gz");
    expect(mounted.stdout).toContain("out/a");
  });

  test("named pipes in both directions", async () => {
    shell.put("p.wasm", COPYING_GUEST);
    const channel = (path: string, alias: string, limits: string) =>
      `-c "$PWD/${path},/dev/${alias},0,0,${limits}"`;
    const streams = `${channel("in", "stdin", "99,99,0,0")} ${channel("out", "stdout", "0,0,99,99")}`;
    const { status, stdout } = await shell.run(
      `mkfifo in out; (echo through > in) & (cat out) & zerovm run ${streams} p.wasm; wait`,
    );
    expect([status, stdout]).toEqual([0, "through\n"]);
    const granted = await shell.run(
      `(echo again > in) & zerovm run -r in python -c 'print(open("/dev/in").read())'`,
    );
    expect(granted.stdout).toBe("again\n\n");
  });

  test("etags are the digests of what passed", async () => {
    shell.put("p.wasm", COPYING_GUEST);
    const { stderr } = await shell.run("zerovm run --etag --report=json p.wasm", "some text");
    const { etags } = JSON.parse(stderr) as { etags: { alias: string; hex: string }[] };
    const digest = createHash("sha256").update("some text").digest("hex");
    expect(etags.slice(0, 2)).toEqual([
      { alias: "/dev/stdin", hex: digest },
      { alias: "/dev/stdout", hex: digest },
    ]);
  });

  test("--env is all the environment there is", async () => {
    const { stdout } = await shell.run(
      `zerovm run -e A=1 --env B=x=y python -c 'import os; print(sorted(os.environ.items()))'`,
    );
    expect(stdout).toContain("('A', '1'), ('B', 'x=y')");
    expect(stdout).not.toContain("PATH");
  });
});

describe("manifests", () => {
  test("exec reads one from standard input", async () => {
    shell.put("p.wasm", writingGuest("hello\n"));
    const { status, stdout, stderr } = await shell.run("zerovm exec -", shell.manifest());
    expect([status, stdout, stderr]).toEqual([0, "hello\n", ""]);
    const bad = await shell.run("zerovm exec -", shell.manifest("Channel = x"));
    expect([bad.status, bad.stderr]).toEqual([
      125,
      expect.stringMatching(/^<stdin>:8:\d+: error:/),
    ]);
  });

  test("FILE.manifest has the original's report after the guest's output", async () => {
    shell.put("p.wasm", writingGuest("hello\n"));
    shell.put("m.manifest", shell.manifest());
    const { status, stdout, stderr } = await shell.run("zerovm m.manifest");
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/^hello\n0\n0\n0\ndisable\n[\d. ]+\nok\n\n$/);
    expect((await shell.run("zerovm -t2 m.manifest")).stdout).toBe("hello\n");
    expect((await shell.run("zerovm -PQst1 m.manifest")).stderr).toMatch(
      /\n2; 0; 0; disable; [\d. ]+; ok; ; \n$/,
    );
    expect((await shell.run("zerovm exec --classic m.manifest -t3")).stdout).toMatch(/^hello\n0x/);
  });

  test("check, inspect and runtime for programs that read JSON", async () => {
    shell.put("m", shell.manifest());
    shell.put("p.wasm", writingGuest("hello\n"));
    for (const line of ["check --json m", "inspect --json p.wasm", "runtime ls --json"]) {
      const { status, stdout, stderr } = await shell.run(`zerovm ${line}`);
      expect([line, status, stderr]).toEqual([line, 0, ""]);
      expect(() => JSON.parse(stdout)).not.toThrow();
    }
  });
});
