import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { captured, interruptAtWork } from "../../../test/support/captured.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  LOOPING_GUEST,
  savingGuest,
  showingGuest,
  writingGuest,
} from "../../../test/support/guests.ts";
import { makeTree, readTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";
import { moduleOf } from "../../../test/support/wat.ts";

let folder = "";

workInOwnFolder((made) => {
  folder = made;
  writeFileSync("p.wasm", writingGuest("hello\n"));
});

/** Standard output of the guest goes to a file: that of this process is not the test's. */
const TO_FILE = () => ["-c", `${folder}/out,/dev/stdout,0,0,0,0,1000,1000000`];

describe("zerovm run", () => {
  test("runs a program", async () => {
    const { status, stdout, stderr } = await captured(["run", ...TO_FILE(), "p.wasm"]);
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
    expect(readFileSync("out", "utf8")).toBe("hello\n");
  });

  test("has the tier that it is given, which its report names", async () => {
    const tiers = [[], ["--tier", "dynamic"], ["--tier=optimise"]];
    for (const [index, option] of tiers.entries()) {
      const args = ["run", ...option, "--report-file", "r.json", ...TO_FILE(), "p.wasm"];
      expect((await captured(args)).status).toBe(0);
      expect(readFileSync("out", "utf8")).toBe("hello\n");
      const { tier } = JSON.parse(readFileSync("r.json", "utf8"));
      expect(tier).toBe(["auto", "dynamic", "optimise"][index]);
    }
  });

  test.each([
    [["--tier", "fast"], "--tier"],
    [["--tier", "optimise", "--isolation", "none"], "needs a process of its own"],
  ])("refuses %j", async (options, message) => {
    const { status, stderr } = await captured(["run", ...options, "p.wasm"]);
    expect(status).toBe(125);
    expect(stderr).toContain(message);
  });

  test("gives the guest's own status", async () => {
    writeFileSync("exit.wasm", exitingGuest(300));
    expect((await captured(["run", "exit.wasm"])).status).toBe(300 & 0xff);
  });

  test.each([
    ["unreachable", 132, /^zerovm: t\.wasm faulted in function 0: unreachable\n$/],
    [
      "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
      136,
      /faulted in function 0: divide by zero/,
    ],
    ["(drop (i32.load (i32.const -1)))", 139, /faulted in function 0: memory access out of bounds/],
    ["(call $f)", 124, /^zerovm: t\.wasm was ended by its stack limit/],
  ])("a guest that does %s", async (body, expected, message) => {
    const start = `(func $f (export "_start") ${body})`;
    writeFileSync("t.wasm", moduleOf(`(module (memory (export "memory") 1) ${start})`));
    const { status, stderr } = await captured(["run", "t.wasm"]);
    expect(status).toBe(expected);
    expect(stderr).toMatch(message);
  });

  test.each([
    ["--timeout", "1"],
    ["--timeout", "0.25"],
    ["--limit", "time=.5"],
  ])("the time limit is named: %s %s", async (option, value) => {
    writeFileSync("loop.wasm", LOOPING_GUEST);
    const { status, stderr } = await captured(["run", option, value, "loop.wasm"]);
    expect([status, stderr]).toEqual([
      124,
      "zerovm: loop.wasm was ended by its time limit (--timeout)\n",
    ]);
  });

  test("every option comes to the manifest", async () => {
    makeTree(folder, { "a.csv": "", "d/f": "", "t/f": "" });
    await captured(["image", "build", "t.tar", "t"]);
    const { status, stdout } = await captured([
      ...["run", "--dry-run", "-r", "a.csv=in", "-w", "new", "--dir", "d:/x:ro"],
      ...["--image", "t.tar:/m", "-e", "A=b=c", "--timeout=7", "--memory", "1M", "--clock=5"],
      ...["--seed", "6", "--limit", "open-files=30", "--etag=sha1", "-i", "p.wasm", "-r", "@@"],
    ]);
    expect(status).toBe(0);
    const lines = stdout.split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        `Program = ${folder}/p.wasm`,
        "Memory = 1048576, 1",
        "Timeout = 7",
        "Etag = sha1",
        "Clock = 5",
        "Seed = 6",
        "Limit = open-files, 30",
        expect.stringMatching(/^Channel = .*\/a\.csv, \/dev\/in, 3, 1, /),
        expect.stringMatching(/^Channel = .*\/new, \/dev\/new, 3, 1, /),
        expect.stringMatching(/^Channel = .*\/t\.tar, \/dev\/mount\/t\.tar, 3, 1, /),
        "# folder d at /x, ro",
      ]),
    );
    expect(readdirSync(folder).sort()).toEqual(["a.csv", "d", "p.wasm", "t", "t.tar"]);
  });

  test("--clock real and --seed real are granted and told", async () => {
    const { stderr } = await captured([
      ...["run", "--clock=real", "--seed=real", "--report=json", ...TO_FILE(), "p.wasm"],
    ]);
    expect(JSON.parse(stderr)).toMatchObject({ granted: { clock: true, entropy: true } });
  });

  test("what a manifest cannot hold is shown all the same", async () => {
    makeTree(folder, { "a,b": "" });
    const { status, stdout } = await captured(["run", "--dry-run", "-r", "a,b=in", "p.wasm"]);
    expect(status).toBe(0);
    expect(stdout).toContain("# A manifest cannot hold Source of channel /dev/in");
    expect(stdout).toContain(`# channel /dev/in: ${folder}/a,b`);
  });

  test("the report of a dry run says that nothing ran", async () => {
    const argv = ["run", "--dry-run", "--report=json", "p.wasm"];
    const { status, stderr } = await captured(argv);
    expect([status, JSON.parse(stderr).outcome]).toEqual([0, { kind: "judged" }]);
  });

  test("the report goes where it is asked for", async () => {
    const argv = ["run", ...TO_FILE(), "--report", "--report-file", "r.json", "p.wasm"];
    const { stderr } = await captured(argv);
    expect(stderr).toMatch(/^0\n0\n0\ndisable\n[\d. ]+\nok\n\n$/);
    expect(JSON.parse(readFileSync("r.json", "utf8"))).toMatchObject({ exitStatus: 0 });
  });

  test("a saved session runs again, with the same result and trace", async () => {
    makeTree(folder, { "in.csv": "some data\n" });
    writeFileSync("show.wasm", showingGuest("dev/in.csv"));
    const argv = ["--save", "s", "--report-file", "1.json", ...TO_FILE(), "-r", "in.csv"];
    const first = await captured(["run", ...argv, "show.wasm"]);
    expect([first.status, first.stderr]).toEqual([0, "zerovm: saved as s/session.manifest\n"]);
    expect(readFileSync("out", "utf8")).toBe("some data\n");
    writeFileSync("out", "");
    const second = await captured(["exec", "--report-file", "2.json", "s/session.manifest"]);
    expect([second.status, second.stderr]).toEqual([0, ""]);
    expect(readFileSync("out", "utf8")).toBe("some data\n");
    const [one, other] = ["1.json", "2.json"].map((name) => {
      return (JSON.parse(readFileSync(name, "utf8")) as { traceHash: string }).traceHash;
    });
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).toBe(one);
  });

  test("a saved session says which rules of a nexe no manifest holds", async () => {
    writeFileSync("p.wasm", writingGuest("x"));
    const rules = ["--policy", "nacl", "--strict-memory"];
    const { status, stderr } = await captured(["run", "--save", "s", ...rules, "p.wasm"]);
    expect([status, stderr.split("\n")[1]]).toEqual([
      0,
      "zerovm: hint: no manifest holds these: give exec --policy nacl --strict-memory as well",
    ]);
  });

  test("--save that fails leaves no folder behind", async () => {
    // The folders can be made, or some of them; the files in them cannot.
    const places = [`new/${"x".repeat(300)}`, `new${"/deeper".repeat((4085 - folder.length) / 7)}`];
    for (const place of places) {
      const { status, stderr } = await captured(["run", ...TO_FILE(), "--save", place, "p.wasm"]);
      expect([status, stderr]).toEqual([125, expect.stringContaining("Cannot save the session")]);
      expect(readdirSync(".")).toEqual(["p.wasm"]);
    }
  });

  test("--save writes nothing for what would be refused", async () => {
    writeFileSync("bad.wasm", "no module");
    expect((await captured(["run", "--save", "s", "bad.wasm"])).status).toBe(126);
    expect(existsSync("s")).toBe(false);
  });

  test("a denied file comes with the option that grants it", async () => {
    makeTree(folder, { "a.csv": "" });
    writeFileSync("show.wasm", showingGuest("a.csv"));
    const { status, stderr } = await captured(["run", "show.wasm"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^zerovm: hint: the guest looked for \/?a\.csv: -r a\.csv grants it/);
    writeFileSync("save.wasm", savingGuest("dev/a.csv", "x"));
    const again = await captured(["run", "-r", "a.csv", "save.wasm"]);
    expect(again.stderr).toContain("the guest wanted to write /dev/a.csv: -w a.csv grants that");
  });

  test("Ctrl-C ends the session in order", async () => {
    writeFileSync("loop.wasm", LOOPING_GUEST);
    const argv = ["run", "--report-file", "r.json", "--image", "o.tar:/o:export", "loop.wasm"];
    const [{ status, stderr }] = await Promise.all([captured(argv), interruptAtWork()]);
    expect([status, stderr]).toEqual([130, "zerovm: interrupted\n"]);
    expect(JSON.parse(readFileSync("r.json", "utf8"))).toMatchObject({
      outcome: { kind: "lost", cause: "interrupted" },
    });
    expect(existsSync("o.tar")).toBe(false);
    expect(process.listenerCount("SIGINT")).toBe(0);
  });
});

describe("what is refused before anything happens", () => {
  test.each([
    [[], 125, "zerovm run: name a PROGRAM; see 'zerovm run --help'"],
    [["--bogus", "p.wasm"], 125, "zerovm run: there is no option --bogus; see 'zerovm run --help'"],
    [["--timeot=5", "p.wasm"], 125, "no option --timeot; did you mean --timeout? see 'zerovm run"],
    [["--env", "A", "p.wasm"], 125, "--env is NAME=VALUE, not 'A'"],
    [["--env", "=A", "p.wasm"], 125, "--env is NAME=VALUE, not '=A'"],
    [["--node", "0", "p.wasm"], 125, "--node is a number from 1 to 2147483647, not '0'"],
    [["--name-server", "tcp:1:2", "p.wasm"], 125, "server 'tcp:1:2': it is not udp:HOST:PORT"],
    [["--name-server", "udp:1", "p.wasm"], 125, "server 'udp:1': Source has too few parts: udp:1"],
    [["--name-server", "udp:1.1.1.1:0", "p.wasm"], 125, "it has no port, 1 to 65535"],
    [["--name-server", "udp:1.1.1.1:70000", "p.wasm"], 125, "a port is 0 to 65535"],
    [["-c", "tcp:1.1.1.1:70000, /dev/n, 0,0,1,1,0,0", "p.wasm"], 125, "a port is 0 to 65535"],
    [["-c", "tcp:1.1.1.1:-1, /dev/n, 0,0,1,1,0,0", "p.wasm"], 125, "a port is 0 to 65535"],
    [
      ["-c", "tcp:::1:60, /dev/n, 0,0,1,1,0,0", "p.wasm"],
      125,
      "IPv6 address of a source is not in",
    ],
    [
      ["-c", "tcp:localhost:60, /dev/n, 0,0,1,1,0,0", "p.wasm"],
      125,
      "localhost; expected an address like 127.0.0.1 or [::1], as names of hosts are not looked up",
    ],
    [
      ["-c", "tcp:a.b:60, /dev/n, 0,0,1,1,0,0", "p.wasm"],
      125,
      "a.b; expected an IPv4 address like 192.168.0.1, not 0.0.0.0 and no name of a host",
    ],
    [["--node", "3", "absent.wasm"], 127, "warning: --node means nothing without --name-server"],
    [["--key", "k", "absent.wasm"], 127, "--key means nothing without a network channel (-c tcp"],
    [["--name-server", "udp:1.1.1.1:1", "absent.wasm"], 127, "--name-server means nothing without"],
    [["--key", "none", "p.wasm"], 125, "/none: no such file or directory"],
    [["--limit", "open-files", "p.wasm"], 125, "--limit is NAME=VALUE, not 'open-files'"],
    [["--limit", "bogus=1", "p.wasm"], 125, "There is no limit 'bogus'; there are time, memory"],
    [["--limit", "fs-byte=1", "p.wasm"], 125, "'fs-byte'; did you mean fs-bytes? There are time"],
    [["--limit", "open-files=x", "p.wasm"], 125, "--limit open-files is descriptors up to 65536"],
    ...["x", "-1", "0", "0.0001", "1e3", "2147483648", "1.", "."].map(
      (text): [string[], number, string] => [
        ["--timeout", text, "p.wasm"],
        125,
        `--timeout is seconds from 0.001 to 2147483647, not '${text}'`,
      ],
    ),
    [["--timeout", "0.5", "--save", "s", "p.wasm"], 125, "Timeout 0.5: it is not a whole number"],
    [["--memory", "5G", "p.wasm"], 125, "--memory is a size up to 4G, not '5G'"],
    [["--memory", "lots", "p.wasm"], 125, "--memory is a size up to 4G, not 'lots'"],
    [["--clock", "-1", "p.wasm"], 125, "--clock is seconds up to 4294967295 or real, not '-1'"],
    [["--clock", "4294967296", "p.wasm"], 125, "--clock is seconds up to 4294967295 or real"],
    [["--seed", "18446744073709551616", "p.wasm"], 125, "--seed is a number below 2^64 or real"],
    [["--etag=crc", "p.wasm"], 125, "--etag is one of sha256, sha1, md5, not 'crc'"],
    [["--report=xml", "p.wasm"], 125, "--report is one of text, json, not 'xml'"],
    [["-r", "absent", "p.wasm"], 125, "Cannot grant '-r absent': there is no such file"],
    [["-r", "d", "p.wasm"], 125, "Cannot grant '-r d': it is a folder; grant it with '--dir d'"],
    [["p.wasm", "@d"], 125, "Cannot grant '@d': it is a folder; grant it with '--dir d'"],
    [["p.wasm", "@absent"], 125, "Cannot grant '@absent': there is no file absent"],
    [["-w", "no/new", "p.wasm"], 125, "Cannot grant '-w no/new': there is no folder no"],
    [["-w", "p.wasm", "p.wasm"], 125, "Cannot grant '-w p.wasm': the same file is the program"],
    [["--image", "absent.tar", "p.wasm"], 125, "Cannot grant '--image absent.tar'"],
    [["--image", "d", "p.wasm"], 125, "it is a folder; grant it with '--dir"],
    [["--dir", "absent", "p.wasm"], 125, "Cannot pack the folder absent: no such file"],
    [["--dir", "p.wasm", "p.wasm"], 125, "Cannot pack the folder p.wasm: not a directory"],
    [["--report-file", "d", "p.wasm"], 125, "Cannot write the report to d: it is a folder"],
    [["--report-file", "no/r", "p.wasm"], 125, "Cannot write the report to no/r: no such file"],
    [["-w", "w=x", "-w", "w=y", "p.wasm"], 125, "'-w w=x': the same file is also '-w w=y'"],
    [["--save", "p.wasm/s", "p.wasm"], 125, "Cannot save the session in p.wasm/s: not a dir"],
    [
      ["-c", "tcp:1.1.1.1:1, /dev/n, 0,0,1,1,0,0", "p.wasm"],
      125,
      "Cannot bind tcp:1.1.1.1:1 of /dev/n: this host has no such address",
    ],
    [["-c", "/absent, /dev/n, 0,0,1,1,0,0", "p.wasm"], 125, "Source of /dev/n does not exist"],
    [["absent.wasm"], 127, "There is no program"],
    [["d"], 127, "is a directory"],
    [["text"], 126, "is no program of a known kind"],
  ])("%j", async (argv, expected, message) => {
    makeTree(folder, { "d/f": "", text: "just text" });
    const before = readTree(folder);
    const { status, stdout, stderr } = await captured(["run", "-w", "witness", ...argv]);
    expect([status, stdout]).toEqual([expected, ""]);
    expect(stderr).toContain(message);
    expect(stderr.startsWith("zerovm")).toBe(true);
    expect(stderr).not.toContain("zerovm: zerovm");
    expect(readTree(folder)).toEqual(before);
  });

  test("a stream that nobody needs is not read", async () => {
    writeFileSync("copy.wasm", COPYING_GUEST);
    makeTree(folder, { in: "text" });
    const stdin = ["-c", `${folder}/in,/dev/stdin,0,0,1000,1000,0,0`];
    expect((await captured(["run", ...stdin, ...TO_FILE(), "copy.wasm"])).status).toBe(0);
    expect(readFileSync("out", "utf8")).toBe("text");
  });
});
