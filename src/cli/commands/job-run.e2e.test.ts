import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ROOT, ZEROVM, zerovm } from "../../../test/support/command-line.ts";
import {
  COPYING_GUEST,
  exitingGuest,
  guestOf,
  LOOPING_GUEST,
  writingGuest,
} from "../../../test/support/guests.ts";
import { group, jobText, putFiles } from "../../../test/support/job-folder.ts";
import { childProcesses } from "../../../test/support/sessions.ts";
import { workInOwnFolder } from "../../../test/support/temporary-folder.ts";

workInOwnFolder(() => undefined);

function prepare(...groups: readonly unknown[]): void {
  putFiles(".", {
    "job.json": jobText(...groups),
    "bin/cat": COPYING_GUEST,
    "bin/hello": writingGuest("hello"),
    "bin/note": writingGuest("one\ntwo \x1b[2J", 2),
    "bin/exit": exitingGuest(7),
    "bin/fault": guestOf("(unreachable)"),
    "bin/loop": LOOPING_GUEST,
    "out/x": "",
  });
}

const runJob = async (...options: readonly string[]) =>
  await zerovm(["job", "run", ...options, "job.json"], { cwd: ".", input: "typed" });

describe("zerovm job run", () => {
  test("prints the answers, and what became of each node", async () => {
    prepare(group({ name: "a", program: "bin/hello" }), group({ name: "b", program: "bin/hello" }));
    const { status, stdout, stderr } = await runJob("--concurrency", "1");
    expect([status, stdout]).toEqual([0, "hellohello"]);
    const lines = stderr.replace(/\d+\.\d+ s/g, "TIME").split("\n");
    expect(lines).toEqual([
      "zerovm: a ended with 0 (1 of 2)",
      "zerovm: b ended with 0 (2 of 2)",
      "NAME  STATE  EXIT  TIME     WHAT",
      "a     ran    0     TIME  ok.",
      "b     ran    0     TIME  ok.",
      "",
    ]);
  });

  test("gives standard input to nodes, and shows what they complain about by name", async () => {
    const devices = [{ name: "stdin" }, { name: "stdout" }];
    prepare(
      group({ name: "in", program: "bin/cat", devices }),
      group({ name: "err", program: "bin/note", devices: [{ name: "stdin" }] }),
    );
    const { status, stdout, stderr } = await runJob("--quiet", "--stdin", "-");
    expect([status, stdout, stderr]).toEqual([0, "typed", "err: one\nerr: two \\x1b[2J\n"]);
  });

  test("ends with the highest status of a node, and writes its report", async () => {
    prepare(group({ name: "a", program: "bin/hello" }), group({ name: "b", program: "bin/exit" }));
    const { status } = await runJob("--report-file", "report.json", "--quiet");
    expect(status).toBe(7);
    const { instances } = JSON.parse(readFileSync("report.json", "utf8"));
    expect(instances).toMatchObject([
      { name: "a", exitCode: 0, responses: [{ device: "stdout", sizeBytes: 5 }] },
      { name: "b", exitCode: 7, report: { exitStatus: 7 } },
    ]);
  });

  test("--json has the answers, as text or in base 64", async () => {
    prepare(group({ program: "bin/cat", devices: [{ name: "stdin" }, { name: "stdout" }] }));
    const json = await runJob("--json", "--stdin", "-");
    expect([json.status, json.stderr]).toEqual([0, ""]);
    expect(JSON.parse(json.stdout).instances[0].responses).toMatchObject([{ text: "typed" }]);
    const argv = ["job", "run", "--json", "--stdin", "-", "job.json"];
    const binary = await zerovm(argv, { cwd: ".", input: Buffer.from([0xff, 0]) });
    expect(JSON.parse(binary.stdout).instances[0].responses).toMatchObject([{ base64: "/wA=" }]);
  });

  test("shows the findings of a job with errors, and runs nothing", async () => {
    prepare(group({ program: "file://none:bin/x" }));
    const { status, stdout, stderr } = await runJob();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("job.json:1:");
    expect(stderr).toContain("file://none:bin/x is in the image none, which is not there");
  });

  test("a refused job, and an output that cannot be stored, are 125", async () => {
    prepare(group({ program: "bin/none" }));
    const { status, stdout, stderr } = await runJob();
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toContain("refused  125");
    const quiet = await runJob("--quiet");
    expect([quiet.stdout, quiet.stderr]).toEqual([
      "",
      "zerovm: n: Error 404 Not Found while fetching /~/bin/none\n",
    ]);
  });

  test("a file that is no image is named, and what is wrong with it", async () => {
    prepare(group({ program: "bin/hello", devices: [{ name: "py" }] }));
    writeFileSync("py.tar", "no archive");
    const { status, stderr } = await runJob("--quiet", "--image", "py=py.tar");
    expect(status).toBe(125);
    expect(stderr).toContain("zerovm: n: Failed to read the image of device py\n");
    expect(stderr).toMatch(
      /^zerovm: Cannot read the tar archive .*\/py\.tar: it is no tar archive/m,
    );
  });

  test("the report does not take the place of the job", async () => {
    prepare(group({ program: "bin/hello" }));
    const { status, stdout, stderr } = await runJob("--report-file", "job.json");
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toContain("the same file is the job");
  });

  test("many nodes wait for each other without a word", async () => {
    prepare(group({ program: "bin/hello", more: { count: 15 } }));
    const { status, stdout, stderr } = await runJob("--quiet", "--concurrency", "2");
    expect([status, stdout, stderr]).toEqual([0, "hello".repeat(15), ""]);
  });

  test("a time limit is 124", async () => {
    prepare(group({ program: "bin/loop" }));
    const { status, stderr } = await runJob("--timeout", "0.2", "--quiet");
    expect([status, stderr]).toEqual([124, "zerovm: n: its time was over\n"]);
  });

  test("Ctrl-C ends it in order, with nothing stored", async () => {
    const devices = [{ name: "stdout", path: "swift://~/out/o" }];
    prepare(group({ program: "bin/loop", devices }));
    const child = spawn(process.execPath, [ZEROVM, "job", "run", "--timeout", "60", "job.json"], {
      env: { ...process.env, ZEROVM_ROOT: ROOT },
    });
    let stderr = "";
    child.stderr.on("data", (text) => {
      stderr += String(text);
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await new Promise((resolve) => setTimeout(resolve, 3000));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(stderr).toMatch(/^n +failed +125 .* interrupted$/m);
    expect(existsSync("out/o")).toBe(false);
  });

  test("says of nodes that wait for each other's ends that they are in a circle", async () => {
    const pipe = (name: string, next: string): object => {
      const devices = [{ name: "stdout", path: `zvm://${next}:stdin` }];
      return group({ name, program: "bin/cat", devices });
    };
    prepare(pipe("a", "b"), pipe("b", "a"));
    const { status, stderr } = await runJob("--timeout", "2", "--quiet");
    expect(status).toBe(124);
    expect(stderr).toMatch(/^zerovm: \w: its time was over; it waited for \/dev\/stdin$/m);
    expect(stderr).toMatch(/^zerovm: hint: (a waited for b|b waited for a), to which its own/m);
  });

  test("tells copies of a node apart", async () => {
    prepare(group({ program: "bin/hello", more: { replicate: 2 } }));
    const { stdout, stderr } = await runJob();
    expect(stdout).toBe("hello");
    expect(stderr).toMatch(/^n +ran .*\nn \(copy 1\) +ran /m);
  });

  test("runs connected nodes together, and says how much passed between them", async () => {
    const next = { name: "stdout", path: "zvm://b:stdin" };
    prepare(
      group({ name: "a", program: "bin/hello", devices: [next] }),
      group({ name: "b", program: "bin/cat" }),
    );
    const { status, stdout, stderr } = await runJob("--concurrency", "1");
    expect([status, stdout]).toEqual([0, "hello"]);
    expect(stderr).toMatch(/^b +ran +0 .* ok\.$/m);
    const json = JSON.parse((await runJob("--json")).stdout);
    expect(json.instances[0].accounting.network).toMatchObject({ writtenBytes: 5 });
    expect(json.instances[1].accounting.network).toMatchObject({ readBytes: 5 });
  });

  test("names the node that failed, and not those that lost it", async () => {
    const next = { name: "stdout", path: "zvm://b:stdin" };
    prepare(
      group({ name: "a", program: "bin/fault", devices: [next] }),
      group({ name: "b", program: "bin/cat" }),
    );
    const { status, stdout, stderr } = await runJob("--quiet");
    expect([status, stdout]).toEqual([132, ""]);
    expect(stderr).toMatch(/^zerovm: a: faulted in function \d+: unreachable\n$/);
    const table = await runJob();
    expect(table.stderr).toMatch(/^a +failed +132 .* faulted in function \d+: unreachable$/m);
    expect(table.stderr).toMatch(
      /^b +cancelled +- +0\.\d*[1-9]\d* s +Nothing of it is kept: node a failed first/m,
    );
    const [a, b] = JSON.parse((await runJob("--json")).stdout).instances;
    expect(a.error).toMatch(/^The program was ended: Signal 4 /);
    expect(b).toMatchObject({ state: "cancelled", status: 424, statusText: "cancelled" });
    expect(b.error).toMatch(/^Nothing of it is kept: node a failed first/);
  });

  test("says of a fault of a node alone where it was", async () => {
    prepare(group({ name: "a", program: "bin/fault" }));
    const { stderr } = await runJob();
    expect(stderr).toMatch(/^a +ran +132 .* faulted in function \d+: unreachable$/m);
  });

  test("has one line for all of a job of which nothing ran", async () => {
    prepare(
      group({ name: "a", program: "bin/hello", more: { count: 3 } }),
      group({ name: "b", program: "bin/none" }),
    );
    const { stderr } = await runJob();
    expect(stderr.trimEnd().split("\n").slice(1)).toEqual([
      expect.stringMatching(/^b +refused +125 /),
      expect.stringMatching(/^3 others +skipped +- +- +nothing ran$/),
    ]);
    expect((await runJob("--quiet")).stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("Ctrl-C ends all connected nodes in order", async () => {
    const next = { name: "stdout", path: "zvm://b:stdin" };
    const devices = [{ name: "stdout", path: "swift://~/out/o" }];
    prepare(
      group({ name: "a", program: "bin/loop", devices: [next] }),
      group({ name: "b", program: "bin/cat", devices }),
    );
    const child = spawn(process.execPath, [ZEROVM, "job", "run", "--timeout", "60", "job.json"], {
      env: { ...process.env, ZEROVM_ROOT: ROOT },
    });
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
    await expect.poll(() => childProcesses().length, { timeout: 20_000 }).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    child.kill("SIGINT");
    expect(await ended).toBe(130);
    expect(existsSync("out/o")).toBe(false);
    await expect.poll(childProcesses).toEqual([]);
  });
});
