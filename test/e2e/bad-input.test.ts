import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, test } from "vitest";
import { craftedTar } from "../support/crafted-tar.ts";
import { COPYING_GUEST, exitingGuest, showingGuest, writingGuest } from "../support/guests.ts";
import { Shell } from "../support/shell.ts";
import { readTree, temporaryFolders } from "../support/temporary-folder.ts";
import { moduleOf } from "../support/wat.ts";

const newFolder = temporaryFolders();
let shell: Shell;

beforeEach(() => {
  shell = new Shell(newFolder());
});

const link = (target: string) => ({ name: "link", type: "2", link: target });

interface Bad {
  readonly line: string;
  readonly status: number;
  /** Where the one message says what is wrong. */
  readonly says: RegExp;
  readonly files?: () => Readonly<Record<string, string | Uint8Array>>;
}

const WITNESS = "Channel = HERE/witness, /dev/w, 0, 0, 0, 0, 9, 9";
const RUN_IMAGE = "zerovm run -w witness --image t.tar p.wasm";
const RUN_BAD = "zerovm run -w witness bad.wasm";

const BAD: Readonly<Record<string, Bad>> = {
  "a malformed manifest": {
    line: "zerovm exec m",
    status: 125,
    says: /^m:4:11: error: Timeout is not a number: x; expected .*\n/,
    files: () => ({ m: shell.manifest("this is nothing", WITNESS).replace("= 5", "= x") }),
  },
  "a manifest that is no text": {
    line: "zerovm exec m",
    status: 125,
    says: /^m: error: Manifest has no /,
    files: () => ({ m: new Uint8Array(300).map((_value, index) => index) }),
  },
  "a missing manifest": { line: "zerovm exec m", status: 125, says: /Cannot read the manifest m:/ },
  "a file that a manifest's channel needs": {
    line: "zerovm exec m",
    status: 125,
    says: /^m:9:11: error: Source of \/dev\/x does not exist: /,
    files: () => ({ m: shell.manifest(WITNESS, "Channel = HERE/no, /dev/x, 0, 0, 9, 9, 0, 0") }),
  },
  "a directory as a channel of a manifest": {
    line: "zerovm exec m",
    status: 125,
    says: /^m:9:11: error: Source of \/dev\/x is a directory: (?:.|\n)*--dir/,
    files: () => ({ m: shell.manifest(WITNESS, "Channel = HERE, /dev/x, 0, 0, 9, 9, 0, 0") }),
  },
  "nvram over its size": {
    line: "zerovm exec m",
    status: 125,
    says: /^m:9:11: error: Cannot use \/dev\/nvram: .* 10241 bytes; expected at most 10240/,
    files: () => ({
      m: shell.manifest(WITNESS, "Channel = HERE/nv, /dev/nvram, 0, 0, 9, 99999, 0, 0"),
      nv: "#".repeat(10_241),
    }),
  },
  "a missing file": {
    line: "zerovm run -w witness -r no p.wasm",
    status: 125,
    says: /^zerovm: Cannot grant '-r no': there is no such file\n$/,
  },
  "a directory as a channel": {
    line: "zerovm run -w witness -r . p.wasm",
    status: 125,
    says: /it is a folder; grant it with '--dir \.'\n$/,
  },
  "a truncated tar": {
    line: RUN_IMAGE,
    status: 125,
    says: /t\.tar: it is truncated/,
    files: () => ({
      "t.tar": craftedTar([{ name: "a", contents: "x".repeat(2000) }]).slice(0, 999),
    }),
  },
  "a tar with ..": {
    line: RUN_IMAGE,
    status: 125,
    says: /its name holds '\.\.'.*\(member '\.\.\/evil'/,
    files: () => ({ "t.tar": craftedTar([{ name: "../evil", contents: "x" }]) }),
  },
  "a tar that is in conflict with itself": {
    line: RUN_IMAGE,
    status: 125,
    says: /^zerovm: Cannot mount the image .*t\.tar on \/: its member 'a\/b' needs a directory/,
    files: () => ({ "t.tar": craftedTar([{ name: "a" }, { name: "a/b" }]) }),
  },
  "a tar that is in conflict with the tar before it": {
    line: "zerovm run -w witness --image t.tar --image u.tar p.wasm",
    status: 125,
    says: /^zerovm: Cannot mount the image .*u\.tar on \/: a directory is in the place of .* 'a'/,
    files: () => ({
      "t.tar": craftedTar([{ name: "a/b" }]),
      "u.tar": craftedTar([{ name: "a" }]),
    }),
  },
  "a tar with members in /dev": {
    line: RUN_IMAGE,
    status: 125,
    says: /^zerovm: Cannot mount the image .*t\.tar on \/: its member 'dev\/null' would lie in \/dev/,
    files: () => ({ "t.tar": craftedTar([{ name: "dev/", type: "5" }, { name: "dev/null" }]) }),
  },
  "a tar on /dev": {
    line: "zerovm run -w witness --image t.tar:/dev/x p.wasm",
    status: 125,
    says: /^zerovm: Cannot mount the image t\.tar on \/dev\/x: \/dev holds the channels alone/,
    files: () => ({ "t.tar": craftedTar([{ name: "a" }]) }),
  },
  "an export of /dev": {
    line: "zerovm run -w witness --image t.tar:/x/../dev:export p.wasm",
    status: 125,
    says: /^zerovm: Cannot write the image t\.tar from .*: \/dev holds the channels alone/,
  },
  "a folder on /dev": {
    line: "zerovm run -w witness --dir no:dev/x p.wasm",
    status: 125,
    says: /^zerovm: Cannot grant the folder no as \/dev\/x: .* as in '--dir no:\/other'\n$/,
  },
  "a folder with a dev of its own on /": {
    line: "zerovm run -w witness --dir .:/:rw p.wasm",
    status: 125,
    says: /^zerovm: Cannot mount the folder \. on \/: its member 'dev' would lie in \/dev/,
    files: () => ({ dev: "a file" }),
  },
  "a tar with a link out of itself": {
    line: RUN_IMAGE,
    status: 125,
    says: /a symbolic link that leads out of the image \(member 'link'/,
    files: () => ({ "t.tar": craftedTar([link("../../etc/passwd")]) }),
  },
  "a tar with an absolute link out of itself": {
    line: "zerovm run -w witness --image t.tar:/m p.wasm",
    status: 125,
    says: /a symbolic link to a place outside of the image's mountpoint \(member 'link'/,
    files: () => ({ "t.tar": craftedTar([link("/etc/passwd")]) }),
  },
  "a tar that claims a huge member": {
    line: RUN_IMAGE,
    status: 125,
    says: /it is truncated: 8589934591 bytes of contents/,
    files: () => ({ "t.tar": craftedTar([{ name: "a", size: "77777777777\0" }]) }),
  },
  "no tar at all": {
    line: RUN_IMAGE,
    status: 125,
    says: /t\.tar: it is no tar archive/,
    files: () => ({ "t.tar": "text" }),
  },
  "a gzip bomb": {
    line: "zerovm run -w witness --limit image-bytes=1M --image t.tar p.wasm",
    status: 125,
    says: /t\.tar: it unpacks to more than 1048576 bytes; raise the limit image-bytes/,
    files: () => ({ "t.tar": gzipSync(Buffer.alloc(64 * 2 ** 20)) }),
  },
  "damaged gzip": {
    line: RUN_IMAGE,
    status: 125,
    says: /t\.tar: its gzip compression is damaged/,
    files: () => ({ "t.tar": gzipSync(Buffer.alloc(99_999)).subarray(0, 60) }),
  },
  "a name with escapes in a tar": {
    line: RUN_IMAGE,
    status: 125,
    says: /member '\.\.\/\\x1b\[31m\\u\{202e\}'/,
    files: () => ({ "t.tar": craftedTar([{ name: "../\x1b[31m\xe2\x80\xae" }]) }),
  },
  "an image read and exported": {
    line: "zerovm run -w witness --image t.tar --image t.tar:/out:export p.wasm",
    status: 125,
    says: /Cannot grant '--image t\.tar:\/out:export': the same file is also '--image t\.tar'/,
    files: () => ({ "t.tar": craftedTar([{ name: "a" }]) }),
  },
  "an image read and exported by a manifest": {
    line: "zerovm exec m",
    status: 125,
    says: /^m:9:11: error: Channel \/dev\/out empties \S+t\.tar, which is read by \/dev\/in/,
    files: () => ({
      "t.tar": craftedTar([{ name: "a" }]),
      nv: [
        "[fstab]",
        "channel=/dev/in, mountpoint=/, access=ro",
        "channel=/dev/out, mountpoint=/, access=wo\n",
      ].join("\n"),
      m: shell.manifest(
        "Channel = HERE/t.tar, /dev/in, 3, 0, 999, 99999, 0, 0",
        "Channel = HERE/./t.tar, /dev/out, 3, 0, 0, 0, 999, 99999",
        "Channel = HERE/nv, /dev/nvram, 0, 0, 999, 99999, 0, 0",
      ),
    }),
  },
  "one channel as image and export": {
    line: "zerovm exec m",
    status: 125,
    says: /^m:8:11: error: \/dev\/t writes the file of the image \/dev\/t, which is read/,
    files: () => ({
      "t.tar": craftedTar([{ name: "a" }]),
      nv: [
        "[fstab]",
        "channel=/dev/t, mountpoint=/, access=ro",
        "channel=/dev/t, mountpoint=/, access=wo\n",
      ].join("\n"),
      m: shell.manifest(
        "Channel = HERE/t.tar, /dev/t, 3, 0, 999, 99999, 999, 99999",
        "Channel = HERE/nv, /dev/nvram, 0, 0, 999, 99999, 0, 0",
      ),
    }),
  },
  "a program that is written": {
    line: "zerovm run -w witness p.wasm @+p.wasm",
    status: 125,
    says: /Cannot grant '@\+p\.wasm': the same file is the program/,
  },
  "a job in place of a manifest": {
    line: "zerovm exec job.json",
    status: 125,
    says: /job\.json is a job, not a manifest: .*zerovm job plan/,
    files: () => ({ "job.json": '[{"name": "a"' }),
  },
  "an empty program": {
    line: RUN_BAD,
    status: 126,
    says: /bad\.wasm is an empty file; expected a WebAssembly module/,
    files: () => ({ "bad.wasm": "" }),
  },
  "a truncated program": {
    line: RUN_BAD,
    status: 126,
    says: /bad\.wasm:offset 0x[0-9a-f]+: error: .* is a damaged module/,
    files: () => ({ "bad.wasm": COPYING_GUEST.slice(0, 150) }),
  },
  "a program of random bytes": {
    line: RUN_BAD,
    status: 126,
    says: /bad\.wasm is no program of a known kind/,
    files: () => ({ "bad.wasm": new Uint8Array(500).map((_value, index) => (index * 77) % 251) }),
  },
  "a program whose code is invalid": {
    line: RUN_BAD,
    status: 126,
    says: /bad\.wasm/,
    files: () => ({
      "bad.wasm": moduleOf(
        `(module (memory (export "memory") 1) (func (export "_start") (i32.add)))`,
      ),
    }),
  },
  "a program with a threads import": {
    line: RUN_BAD,
    status: 126,
    says: /thread/,
    files: () => ({
      "bad.wasm": moduleOf(
        `(module (import "wasi" "thread-spawn" (func (param i32) (result i32)))
           (memory (export "memory") 1) (func (export "_start")))`,
      ),
    }),
  },
  "a program with shared memory": {
    line: RUN_BAD,
    status: 126,
    says: /shared/,
    files: () => ({
      "bad.wasm": moduleOf(
        `(module (memory (export "memory") 1 2 shared) (func (export "_start")))`,
      ),
    }),
  },
  "a program with an unknown import": {
    line: RUN_BAD,
    status: 126,
    says: /\\x1b\[31mevil/,
    files: () => ({
      "bad.wasm": moduleOf(
        `(module (import "env" "\\1b[31mevil" (func))
           (memory (export "memory") 1) (func (export "_start")))`,
      ),
    }),
  },
  "a program that needs more memory than it may have": {
    line: "zerovm run -w witness --memory 64K p.wasm",
    status: 126,
    says: /memory/,
  },
  "a missing program": { line: "zerovm run -w witness no.wasm", status: 127, says: /no\.wasm/ },
  "a folder as program": { line: "zerovm run -w witness .", status: 127, says: /is a directory/ },
  "an unknown option": {
    line: "zerovm run -w witness --bogus p.wasm",
    status: 125,
    says: /^zerovm run: there is no option --bogus; see 'zerovm run --help'\n$/,
  },
  "an unknown limit": {
    line: "zerovm run -w witness --limit bogus=1 p.wasm",
    status: 125,
    says: /There is no limit 'bogus'/,
  },
  "a clash of names": {
    line: "zerovm run -w witness -r p.wasm -r ./p.wasm p.wasm",
    status: 125,
    says: /Cannot give \.\/p\.wasm the name \/dev\/p\.wasm: .*name it with =ALIAS/,
  },
  "a place that cannot be written": {
    line: "zerovm run -w witness -w /proc/no/x p.wasm",
    status: 125,
    says: /Cannot grant '-w \/proc\/no\/x': there is no folder \/proc\/no\n$/,
  },
  "a place that turns out not to take files": {
    line: "zerovm run -w witness -w /proc/x p.wasm",
    status: 125,
    says: /\/proc\/x/,
  },
  "a report that cannot be written": {
    line: "zerovm run -w witness --report-file /proc/no/x p.wasm",
    status: 125,
    says: /^zerovm: Cannot write the report to \/proc\/no\/x: no such file or directory\n$/,
  },
  "an argument that is much too long for a path": {
    line: `zerovm run -w witness p.wasm "@$(head -c 100000 /dev/zero | tr '\\0' a)"`,
    status: 125,
    says: /^zerovm: Cannot grant '@a{199}…': /,
  },
  "an argument that is no UTF-8": {
    line: `zerovm run -w witness p.wasm $'@\\xff\\xfe'`,
    status: 125,
    says: /is not UTF-8 and cannot be passed on/,
  },
};

describe("bad input: one clear error, the right status, nothing changed", () => {
  test.each(Object.entries(BAD))("%s", async (_, { line, status, says, files }) => {
    shell.put("p.wasm", writingGuest("hello\n"));
    for (const [name, contents] of Object.entries(files?.() ?? {})) shell.put(name, contents);
    const before = readTree(shell.folder);
    const end = await shell.run(line);
    const stderr = Buffer.from(end.stderr, "latin1").toString();
    expect([end.status, end.stdout]).toEqual([status, ""]);
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/[^\n\P{Cc}]|defect of zerovm|zerovm: zerovm/u);
    expect(stderr.match(/^\S.*$/gm)?.length).toBeLessThanOrEqual(5);
    expect(readTree(shell.folder)).toEqual(before);
    expect(shell.leftovers()).toEqual([]);
    await expect.poll(() => shell.survivors()).toEqual([]);
  });

  test("what is hostile and harmless is taken", async () => {
    shell.put("p.wasm", showingGuest("abs/f"));
    shell.put("t.tar", craftedTar([{ name: "/abs/f", contents: "inside" }, { ...link("link") }]));
    expect(await shell.run("zerovm run --image t.tar p.wasm")).toEqual({
      status: 0,
      stdout: "inside",
      stderr: "",
    });
    shell.put("p.wasm", showingGuest("link"));
    expect((await shell.run("zerovm run --image t.tar p.wasm")).status).toBe(1);
  });

  test("a file that only its owner may touch", async ({ skip }) => {
    if (process.getuid?.() !== 0 || spawnSync("setpriv", ["--version"]).status !== 0) {
      skip("it takes root and setpriv to become somebody else");
    }
    shell.put("p.wasm", exitingGuest(0));
    shell.put("secret", "x");
    shell.put("report", "old");
    spawnSync("mkdir", [join(shell.folder, "d")]);
    const tree = readTree(shell.folder);
    spawnSync("chmod", ["700", join(shell.folder, "secret"), join(shell.folder, "report")]);
    spawnSync("chmod", ["-R", "a+rX,u=rwX", join(shell.folder, "..")]);
    spawnSync("chmod", ["600", join(shell.folder, "secret"), join(shell.folder, "report")]);
    const as = `setpriv --reuid 65534 --clear-groups env HOME=/nowhere "$NODE" "$ZEROVM"`;
    for (const [options, message] of [
      ["-r secret", "zerovm: Cannot grant '-r secret': permission denied\n"],
      ["-w secret", "zerovm: Cannot grant '-w secret': permission denied\n"],
      ["-w new", "zerovm: Cannot grant '-w new': permission denied\n"],
      [
        "--dir d:/at:rw",
        "zerovm: Cannot grant '--dir d:/at:rw': it cannot be written: permission denied; nothing " +
          "could be brought back; without ':rw' its changes are gone at the end\n",
      ],
      ["--report-file report", "zerovm: Cannot write the report to report: permission denied\n"],
      ["--report-file new", "zerovm: Cannot write the report to new: permission denied\n"],
    ]) {
      const { status, stderr } = await shell.run(`${as} run ${options} p.wasm`);
      expect([status, stderr]).toEqual([125, message]);
    }
    expect(readTree(shell.folder)).toEqual(tree);
  });

  test("what a guest prints in its panic is escaped by us and not by the guest", async () => {
    shell.put("p.wasm", showingGuest("\x1b[31mred\x07"));
    shell.put("\x1b[31mred\x07", "");
    const { stderr } = await shell.run("zerovm run p.wasm");
    expect(stderr).toContain("\\x1b[31mred\\x07");
    expect(stderr).not.toContain("\x1b");
  });
});
