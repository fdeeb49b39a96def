import { execFileSync, spawn } from "node:child_process";
import { closeSync, constants, linkSync, openSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { writingGuest } from "../../test/support/guests.ts";
import { Shell } from "../../test/support/shell.ts";
import { temporaryFolders } from "../../test/support/temporary-folder.ts";
import { openReportFile } from "./report-file.ts";

const newFolder = temporaryFolders();
let shell: Shell;

beforeEach(() => {
  shell = new Shell(newFolder());
  shell.put("p.wasm", writingGuest("hello\n"));
  execFileSync("mkfifo", [join(shell.folder, "pipe")]);
});

describe("--report-file on a named pipe", () => {
  test("is refused where nobody reads it, before anything runs", async () => {
    const end = await shell.run("zerovm run --report-file pipe -w new p.wasm");
    expect(end).toEqual({
      status: 125,
      stdout: "",
      stderr:
        "zerovm: Cannot write the report to pipe: nobody reads this named pipe; " +
        "start its reader first\n",
    });
    expect(shell.has("new")).toBe(false);
  });

  test("comes whole to a reader that begins a little later", async () => {
    const line = "(sleep 0.5; cat pipe > report) & zerovm run --report-file pipe p.wasm; wait";
    expect(await shell.run(line)).toEqual({ status: 0, stdout: "hello\n", stderr: "" });
    expect(JSON.parse(shell.read("report"))).toMatchObject({ outcome: { kind: "exited" } });
  });

  test("a reader that leaves before the report is named", async () => {
    const line = "(: < pipe) & zerovm run --report-file pipe p.wasm";
    const { status, stderr } = await shell.run(line);
    expect([status, stderr]).toEqual([
      125,
      "zerovm: Cannot write the report to pipe: broken pipe\n",
    ]);
  });

  test("of more bytes than a pipe holds, to a reader that pauses", async () => {
    const path = join(shell.folder, "pipe");
    const report = join(shell.folder, "report");
    const text = "0123456789".repeat(50_000);
    const reader = spawn("sh", ["-c", 'exec 3< "$0"; sleep 0.3; cat <&3 > "$1"', path, report]);
    const closed = new Promise((resolve) => reader.on("close", resolve));
    const file = await openReportFile(path);
    await file.write(text);
    await closed;
    expect(readFileSync(report, "utf8")).toBe(text);
  });

  test("a pipe under another name: that of a descriptor", async () => {
    const line = "zerovm run --report-file /dev/fd/3 p.wasm 3>&1 >/dev/null | cat";
    expect(JSON.parse((await shell.run(line)).stdout).exitStatus).toBe(0);
  });
});

test("a file is looked at first and written last", async () => {
  const path = join(shell.folder, "report");
  const file = await openReportFile(path);
  expect(shell.has("report")).toBe(false);
  await file.write("text");
  expect(shell.read("report")).toBe("text");
  await expect(openReportFile(shell.folder)).rejects.toThrow(": it is a folder");
  const held = openSync(join(shell.folder, "pipe"), constants.O_RDONLY | constants.O_NONBLOCK);
  const pipe = await openReportFile(join(shell.folder, "pipe"));
  closeSync(held);
  await expect(pipe.write("text")).rejects.toThrow(": broken pipe");
});

describe("--report-file that is a file of the session", () => {
  const destroys = "which writing would destroy\n";
  const refused = (file: string, role: string) => ({
    status: 125,
    stdout: "",
    stderr: `zerovm: Cannot write the report to ${file}: the same file is ${role}, ${destroys}`,
  });

  beforeEach(() => {
    shell.put("in", "input");
    linkSync(join(shell.folder, "in"), join(shell.folder, "hard"));
    symlinkSync("in", join(shell.folder, "soft"));
    shell.put("m.manifest", shell.manifest("Channel = HERE/in, /dev/in, 0, 0, 9, 9, 0, 0"));
  });

  test.each([
    ["in", "-r in", "the source of /dev/in"],
    ["./in", "-w in", "the source of /dev/in"],
    ["hard", "-r in", "the source of /dev/in"],
    ["soft", "-r in", "the source of /dev/in"],
    ["in", "-c $PWD/in,/dev/x,0,0,9,9,0,0", "the source of /dev/x"],
    ["new", "-w new", "the source of /dev/new"],
    ["new", "--image new:/tmp:export", "the source of"],
    ["new", "--record new", "the record"],
    ["s/nvram.txt", "--save s", "what --save writes"],
    ["p.wasm", "", "the program"],
  ])("run: %s with %s", async (file, options, role) => {
    const program = shell.read("p.wasm");
    execFileSync("mkdir", [join(shell.folder, "s")]);
    const end = await shell.run(`zerovm run --report-file ${file} ${options} p.wasm`);
    expect([end.status, end.stdout]).toEqual([125, ""]);
    expect(end.stderr).toContain(`write the report to ${file}: the same file is ${role}`);
    expect(shell.read("in")).toBe("input");
    expect(shell.read("p.wasm")).toBe(program);
    expect([shell.has("new"), shell.has("s/nvram.txt")]).toEqual([false, false]);
  });

  test.each([
    ["m.manifest", "the manifest"],
    ["p.wasm", "the program"],
    ["hard", "the source of /dev/in"],
  ])("exec: %s", async (file, role) => {
    const before = shell.read(file);
    const end = await shell.run(`zerovm exec --report-file ${file} m.manifest`);
    expect(end).toEqual(refused(file, role));
    expect(shell.read(file)).toBe(before);
  });

  test("what the shell redirected", async () => {
    const into = await shell.run("zerovm run --report-file out p.wasm > out");
    expect(into).toEqual(refused("out", "standard output"));
    const from = await shell.run("zerovm run --report-file in p.wasm < in");
    expect(from).toEqual(refused("in", "standard input"));
    expect(shell.read("in")).toBe("input");
  });

  test("a redirected stream by its own name gets it behind the rest", async () => {
    const end = await shell.run("zerovm run --report-file /dev/stdout p.wasm > out");
    expect(end.status).toBe(0);
    const [hello, ...report] = shell.read("out").split("\n");
    expect(hello).toBe("hello");
    expect(JSON.parse(report.join("\n"))).toMatchObject({ exitStatus: 0 });
  });

  test("replay: the record", async () => {
    await shell.run("zerovm run --record r p.wasm");
    const end = await shell.run("zerovm replay --report-file r r");
    expect(end).toEqual(refused("r", "the record"));
    expect((await shell.run("zerovm replay r")).status).toBe(0);
  });
});
