import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { archive } from "../../../test/support/archive.ts";
import { captured } from "../../../test/support/captured.ts";
import { ZEROVM } from "../../../test/support/command-line.ts";
import { makeTree, workInOwnFolder } from "../../../test/support/temporary-folder.ts";

workInOwnFolder(() => undefined);

const MAP_REDUCE = [
  {
    name: "map",
    exec: { path: "swift://~/bin/map", args: "-v" },
    devices: [{ name: "stdin", path: "swift://~/logs/*.log" }],
    connect: ["reduce"],
  },
  {
    name: "reduce",
    exec: { path: "file://python:python" },
    replicate: 2,
    devices: [
      { name: "python" },
      { name: "stdout" },
      { name: "output", path: "swift://~/out/all" },
    ],
  },
];

function writeJob(job: unknown): void {
  writeFileSync("job.json", typeof job === "string" ? job : JSON.stringify(job));
}

function makeLogs(): void {
  makeTree(".", { "logs/b.log": "", "logs/2014/a.log": "", "logs/c.txt": "", "logs/z/": "" });
}

const reading = (path: string) => [
  { name: "n", exec: { path: "swift://~/b/p" }, devices: [{ name: "stdin", path }] },
];

describe("zerovm job plan", () => {
  test("shows nodes, channels and connections over the folders", async () => {
    writeJob(MAP_REDUCE);
    makeLogs();
    const { status, stdout, stderr } = await captured(["job", "plan", "job.json"]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`\
ID  NAME               PROGRAM               BESIDE           CHANNELS
1   map-1              bin/map               logs/2014/a.log  stdin < logs/2014/a.log
2   map-2              bin/map               logs/b.log       stdin < logs/b.log
3   reduce (2 copies)  file://python:python  -                stdout > the answer
                                                              output > out/all
                                                              python = a system image

map-1  out/reduce  ->  reduce  in/map-1
map-2  out/reduce  ->  reduce  in/map-2

3 nodes, 2 connections
`);
  });

  test("--graph mermaid draws it", async () => {
    writeJob(MAP_REDUCE);
    makeLogs();
    const { status, stdout, stderr } = await captured([
      "job",
      "plan",
      "--graph=mermaid",
      "job.json",
    ]);
    expect([status, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(`\
flowchart LR
  n1["1 map-1<br/>bin/map"]
  n2["2 map-2<br/>bin/map"]
  n3["3 reduce, 2 copies<br/>file://python:python"]
  e1[("logs/2014/a.log")]
  e2[("logs/b.log")]
  e3(["answer"])
  e4[("out/all")]
  e5[["python"]]
  e1 ==>|"stdin"| n1
  e2 ==>|"stdin"| n2
  n3 -->|"stdout"| e3
  n3 -->|"output"| e4
  e5 -->|"python"| n3
  n1 -.->|"out/reduce to in/map-1"| n3
  n2 -.->|"out/reduce to in/map-2"| n3
`);
  });

  test("shows each kind of channel", async () => {
    const devices = [
      { name: "stdin" },
      { name: "image" },
      { name: "stderr", path: "swift://~/out/e" },
      { name: "debug", path: "tcp://localhost:99" },
    ];
    const exec = { path: "file://image:bin/p" };
    writeJob([{ name: "n", exec, attach: "stderr", devices }]);
    const { stdout } = await captured(["job", "plan", "job.json"]);
    expect(stdout).toBe(`\
ID  NAME  PROGRAM             BESIDE  CHANNELS
1   n     file://image:bin/p  out/e   stdin < the request
                                      image = the posted image
                                      stderr > out/e
                                      debug = tcp://localhost:99

1 node, 0 connections
`);
    const graph = await captured(["job", "plan", "--graph", "mermaid", "job.json"]);
    expect(graph.stdout).toBe(`\
flowchart LR
  n1["1 n<br/>file://image:bin/p"]
  e1(["request"])
  e2[["image"]]
  e3[("out/e")]
  e4(["tcp://localhost:99"])
  e1 -->|"stdin"| n1
  e2 -->|"image"| n1
  n1 ==>|"stderr"| e3
  n1 <-->|"debug"| e4
`);
  });

  test("--json has the plan, the findings and what was left out", async () => {
    writeJob([{ ...MAP_REDUCE[0], connect: [], more: 1 }]);
    makeTree("data", { "logs/a.log": "", "logs/b.log": "-> a.log" });
    const argv = ["job", "plan", "--json", "--store", "data", "job.json"];
    const { status, stdout, stderr } = await captured(argv);
    expect([status, stderr]).toEqual([0, ""]);
    const item = { account: "~", container: "logs", object: "a.log" };
    expect(JSON.parse(stdout)).toEqual({
      plan: {
        nodes: [
          {
            id: 1,
            name: "map-1",
            group: "map",
            program: {
              kind: "object",
              item: { account: "~", container: "bin", object: "map" },
              url: "swift://~/bin/map",
            },
            programName: "map-1",
            args: "-v",
            env: {},
            channels: [
              { kind: "input", device: "stdin", type: 0, mode: "file", access: "read", item },
            ],
            attachment: { device: "stdin", item, access: "read" },
            instances: [1],
            pool: "default",
            captures: ["a"],
            transfers: [],
          },
        ],
        connections: [],
      },
      findings: [expect.objectContaining({ severity: "warning", rule: "unknown-key" })],
      leftOut: [{ path: "logs/b.log", reason: "it is a symbolic link" }],
    });
  });

  test("reads the job from standard input", () => {
    makeTree(".", { "c/x": "" });
    const input = JSON.stringify(reading("swift://~/c/*"));
    const run = spawnSync(process.execPath, [ZEROVM, "job", "plan", "-"], { input });
    expect(`${run.stderr}`).toBe("");
    expect(`${run.stdout}`).toContain("1 node, 0 connections\n");
    const bad = spawnSync(process.execPath, [ZEROVM, "job", "plan", "-"], { input: "[1]" });
    expect(bad.status).toBe(1);
    expect(`${bad.stderr}`).toContain("<stdin>:1:2: error: Config parser internal error");
  });

  test("a wildcard goes over containers, in byte order, and fills the outputs", async () => {
    makeTree(".", { "c2/x": "", "c1/y": "", "c1/d/e": "", other: "", "d/x": "" });
    const devices = [
      { name: "stdin", path: "swift://~/c*/*" },
      { name: "stdout", path: "swift://~/out/*-*.txt" },
    ];
    writeJob([{ name: "n", exec: { path: "swift://~/b/p" }, devices }]);
    const { stdout } = await captured(["job", "plan", "job.json"]);
    expect(stdout.match(/stdout > .*/g)).toEqual([
      "stdout > out/1/d-e.txt",
      "stdout > out/1-y.txt",
      "stdout > out/2-x.txt",
    ]);
  });

  test("shows errors of the text and of the plan by their places", async () => {
    writeJob('[{"name": "n",\n  "count": 0}]');
    const { status, stdout, stderr } = await captured(["job", "plan", "job.json"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("job.json:1:2: error: Must specify exec stanza for n (/0)");
    expect(stderr).toContain("job.json:2:12: error: Invalid node count: 0 (/0/count)");
    const json = await captured(["job", "plan", "--json", "job.json"]);
    expect([json.status, json.stderr]).toEqual([1, ""]);
    const { plan, findings, leftOut } = JSON.parse(json.stdout);
    expect([plan, findings.length, leftOut]).toEqual([undefined, 2, []]);
  });

  test.each([
    [
      "swift://~/none/*",
      "Error querying object server for container: none; there is no such container",
    ],
    [
      "swift://~/file/*",
      "Error querying object server for container: file; there is no such container",
    ],
    ["swift://~/empty/*", "No objects found in path swift://~/empty/*"],
    ["swift://~/links/*", "No objects found in path swift://~/links/*"],
    ["swift://other/c/*", "There is no account other for swift://other/c/*"],
    ["swift://other/c/x", "There is no account other for swift://other/c/x"],
  ])("%s is an error at its place", async (path, message) => {
    makeTree(".", { file: "", "empty/deep/": "", "links/a": "-> ../file", "c/x": "" });
    writeJob(reading(path));
    const { status, stdout, stderr } = await captured(["job", "plan", "job.json"]);
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^job\.json:1:\d+: error: /);
    expect(stderr).toContain(`${message} (/0/devices/0/path)`);
  });

  test("a link out of the store is no container, and is named", async () => {
    makeTree(".", { "outside/secret": "", "store/out": "-> ../outside", "store/c/x": "" });
    makeTree(".", { "store/c/\x1b[31m": "-> ../../outside" });
    const plan = async (path: string) => {
      writeJob(reading(path));
      return await captured(["job", "plan", "--store=store", "job.json"]);
    };
    const refused = await plan("swift://~/out/*");
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain("out is no object: it is no folder, or a symbolic link\n");
    const { status, stdout, stderr } = await plan("swift://~/*/*");
    expect([status, stdout.includes("secret"), stdout.includes("c/x")]).toEqual([0, false, true]);
    const link = "is no object: it is a symbolic link";
    expect(stderr.split("\n").sort()).toEqual([
      "",
      `zerovm: warning: c/\\x1b[31m ${link}`,
      `zerovm: warning: out ${link}`,
    ]);
  });

  // Root may read every folder.
  test.skipIf(process.getuid?.() === 0)("a folder that is closed to us is denied", async () => {
    makeTree(".", { "c/closed/x": "", "c/a": "" });
    chmodSync("c/closed", 0);
    writeJob(reading("swift://~/c/*"));
    const { status, stderr } = await captured(["job", "plan", "job.json"]);
    chmodSync("c/closed", 0o700);
    expect(status).toBe(1);
    expect(stderr).toContain("May not list /~/c for swift://~/c/*");
  });

  test("--graph svg draws a picture, or says that there is too much for one", async () => {
    writeJob(MAP_REDUCE);
    makeLogs();
    const { status, stdout } = await captured(["job", "plan", "--graph=svg", "job.json"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg".*<\/svg>\n$/s);
    expect(stdout).toContain(">logs/2014/a.log</text>");
    writeJob([{ name: "n", exec: { path: "swift://~/b/p" }, count: 301 }]);
    const large = await captured(["job", "plan", "--graph=svg", "job.json"]);
    expect(large.status).toBe(125);
    expect(large.stderr).toContain("zerovm: The plan has 301 boxes and 0 arrows");
  });

  test("names of the job can neither break the graph nor drive a terminal", async () => {
    makeTree(".", { 'c/a"]; click #1;\u202e`': "" });
    writeJob(reading("swift://~/c/*"));
    const graph = await captured(["job", "plan", "--graph", "mermaid", "job.json"]);
    expect(graph.stdout).toContain(
      'e1[("c/a#34;#93;#59; click #35;1#59;#92;u#123;202e#125;#96;")]',
    );
    const { stdout } = await captured(["job", "plan", "job.json"]);
    expect(stdout).toContain("\\u{202e}`");
  });

  test.each([
    [["job"], "zerovm job: say run or plan; see 'zerovm job --help'"],
    [["job", "walk", "job.json"], "zerovm job: say run or plan; see 'zerovm job --help'"],
    [
      ["job", "plan", "--quiet", "job.json"],
      "zerovm job plan has no --quiet; see 'zerovm job --help'",
    ],
    [
      ["job", "run", "--graph", "mermaid", "job.json"],
      "zerovm job run has no --graph; see 'zerovm job --help'",
    ],
    [["job", "run"], "zerovm job run: name one FILE; '-' reads standard input"],
    [["job", "run", "--image", "python", "job.json"], "zerovm: --image is NAME=TAR, not 'python'"],
    [
      ["job", "run", "--stdin", "absent", "job.json"],
      "zerovm: Cannot read absent: no such file or directory",
    ],
    [["job", "run", "--stdin", "-", "-"], "zerovm job run: the job and --stdin cannot both be -"],
    [["job", "plan"], "zerovm job plan: name one FILE; '-' reads standard input"],
    [["job", "plan", "a", "b"], "zerovm job plan: name one FILE; '-' reads standard input"],
    [["job", "plan", "absent"], "zerovm: Cannot read absent: no such file or directory"],
    [
      ["job", "plan", "--store", "none", "job.json"],
      "zerovm: Cannot read the store none: no such file or directory",
    ],
    [
      ["job", "plan", "--store", "job.json", "job.json"],
      "zerovm: Cannot read the store job.json: not a directory",
    ],
    [
      ["job", "plan", "--json", "--graph", "mermaid", "job.json"],
      "zerovm job plan: --json and --graph exclude each other",
    ],
    [
      ["job", "plan", "--graph", "dot", "job.json"],
      "zerovm job: --graph is one of mermaid, svg, not 'dot'; see 'zerovm job --help'",
    ],
  ])("%j is refused", async (argv, message) => {
    writeJob(reading("swift://~/c/x"));
    expect(await captured(argv)).toEqual({ status: 125, stdout: "", stderr: `${message}\n` });
  });

  test.each([
    ["--image", "python=absent.tar"],
    ["--posted-image", "absent.tar"],
  ])("%s %s has to be there", async (...option) => {
    writeJob(reading("swift://~/c/x"));
    for (const verb of ["run", "plan"]) {
      const { status, stderr } = await captured(["job", verb, ...option, "job.json"]);
      expect(status).toBe(125);
      expect(stderr).toMatch(
        /^zerovm: Cannot read the image .*absent\.tar: no such file or directory$/m,
      );
    }
  });

  test.each([
    ["--image", "python=job.json", "job\\.json: it is no tar archive"],
    ["--posted-image", "job.json", "job\\.json: it is no tar archive"],
    ["--image", "python=.", "it is a folder: make a tar archive"],
    ["--image", "python=/dev/null", "/dev/null.*regular file"],
  ])("plan opens what %s %s names, and refuses what is no image", async (option, value, said) => {
    writeJob(reading("swift://~/c/x"));
    const { status, stdout, stderr } = await captured(["job", "plan", option, value, "job.json"]);
    expect([status, stdout]).toEqual([125, ""]);
    expect(stderr).toMatch(new RegExp(`^zerovm: .*(?:${said})`));
  });

  test("plan takes all images as there, until it is told which there are", async () => {
    writeFileSync("python.tar", archive([["python", ""]]));
    const exec = { path: "file://python:python" };
    const devices = (...more: string[]) => [...more, "stdout"].map((name) => ({ name }));
    const planned = async (names: readonly string[], ...options: string[]) => {
      writeJob([{ name: "n", exec, devices: devices(...names) }]);
      return await captured(["job", "plan", ...options, "job.json"]);
    };
    const image = ["--image", "python=python.tar"];
    expect((await planned(["python", "perl"])).status).toBe(0);
    expect((await planned(["python"], ...image)).status).toBe(0);
    const other = await planned(["python", "perl"], ...image);
    expect([other.status, other.stdout]).toEqual([1, ""]);
    expect(other.stderr).toMatch(/^job\.json:1:\d+: error: .*perl/);
    const none = await planned([], "--image", "perl=python.tar");
    expect([none.status, none.stderr.split("\n")[0]]).toEqual([
      1,
      expect.stringMatching(/^job\.json:1:\d+: error: .*python/),
    ]);
  });
});
