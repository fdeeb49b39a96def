import { describe, expect, it } from "vitest";
import { groupOf, judgeText, type Scene } from "../../../test/support/judge-job.ts";
import { RULES, type RuleName } from "../job/index.ts";

type Case = readonly [rule: RuleName, job: unknown, path: string, message: string, scene?: Scene];

const zvm = (target: string) => [{ name: "stdout", path: `zvm://${target}:stdin` }];
const device = (part: Readonly<Record<string, unknown>>) => [groupOf({ devices: [part] })];
const exec = (part: Readonly<Record<string, unknown>>) => [
  groupOf({ exec: { path: "swift://~/bin/p", ...part } }),
];
const program = (path: unknown) => [groupOf({ exec: { path } })];

/** Chapter 2.8 of the reference: the messages of the original, with the rule that says each. */
const PARSER_MESSAGES: readonly Case[] = [
  ["node-name-missing", [{ exec: { path: "swift://~/b/p" } }], "/0", "Must specify node name (/0)"],
  ["node-name-missing", [groupOf({ name: "" })], "/0/name", "Must specify node name (/0/name)"],
  ["node-name", [groupOf({ name: "a\u0001" })], "/0/name", "Invalid node name (/0/name)"],
  ["exec-missing", [{ name: "n" }], "/0", "Must specify exec stanza for n (/0)"],
  [
    "exec-path-missing",
    program(undefined),
    "/0/exec",
    "Must specify executable path for n (/0/exec)",
  ],
  [
    "exec-path-missing",
    program("bin/p"),
    "/0/exec/path",
    "Must specify executable path for n (/0/exec/path)",
  ],
  [
    "exec-path-missing",
    program("swift://~/bin"),
    "/0/exec/path",
    "Must specify executable path for n (/0/exec/path)",
  ],
  [
    "exec-path-zvm",
    program("zvm://n:stdin"),
    "/0/exec/path",
    "Executable path cannot be a zvm path in n (/0/exec/path)",
  ],
  [
    "exec-property",
    exec({ args: "a\nb" }),
    "/0/exec/args",
    "Invalid nexe property for n (/0/exec/args)",
  ],
  ["count", [groupOf({ count: 0 })], "/0/count", "Invalid node count: 0 (/0/count)"],
  [
    "device-name",
    device({ name: "std\u007fin" }),
    "/0/devices/0/name",
    "Bad device name: std\\x7fin in n (/0/devices/0/name)",
  ],
  [
    "device-missing",
    device({}),
    "/0/devices/0",
    "Must specify device for file in n (/0/devices/0)",
  ],
  [
    "readable-path",
    device({ name: "stdin", path: "file://py:x" }),
    "/0/devices/0/path",
    "Readable device must be a swift object (/0/devices/0/path)",
  ],
  [
    "path-parts",
    device({ name: "stdin", path: "swift://~" }),
    "/0/devices/0/path",
    "Invalid path URL in n (/0/devices/0/path)",
  ],
  [
    "container-write",
    device({ name: "stdout", path: "swift://~/c" }),
    "/0/devices/0/path",
    "Container path must be read-only (/0/devices/0/path)",
  ],
  [
    "path",
    device({ name: "stdin", path: "swift://a*/c/o" }),
    "/0/devices/0/path",
    "Invalid path: swift://a*/c/o (/0/devices/0/path)",
  ],
  [
    "list-account",
    device({ name: "stdin", path: "swift://other/c*/o" }),
    "/0/devices/0/path",
    "Error querying object server for account: other (/0/devices/0/path)",
    { objects: { "t/c": ["o"] } },
  ],
  [
    "list-container",
    device({ name: "stdin", path: "swift://~/gone/*" }),
    "/0/devices/0/path",
    "Error querying object server for container: gone; there is no such container (/0/devices/0/path)",
  ],
  [
    "no-objects",
    device({ name: "stdin", path: "swift://~/c/*.txt" }),
    "/0/devices/0/path",
    "No objects found in path swift://~/c/*.txt (/0/devices/0/path)",
    { objects: { "t/c": ["a.csv"] } },
  ],
  [
    "single-path",
    [groupOf({ count: 2, devices: [{ name: "stdout", path: "swift://~/c/o" }] })],
    "/0/devices/0/path",
    "Single path swift://~/c/o for multiple node definition: n, please use wildcard (/0/devices/0/path)",
  ],
  [
    "immediate",
    device({ name: "output" }),
    "/0/devices/0",
    "Immediate response is not available for device output (/0/devices/0)",
  ],
  [
    "output-wildcard",
    [
      groupOf({
        devices: [
          { name: "stdin", path: "swift://~/c/*" },
          { name: "stdout", path: "swift://~/o/*-*" },
        ],
      }),
    ],
    "/0/devices/1/path",
    "Wildcards in input cannot be resolved into output path swift://~/o/*-* (/0/devices/1/path)",
    { objects: { "t/c": ["a"] } },
  ],
  [
    "zvm-wildcard",
    [groupOf({ devices: [{ name: "stdout", path: "zvm://m:/dev/in*" }] }), groupOf({ name: "m" })],
    "/0/devices/0/path",
    "Cannot resolve wildcard for node m (/0/devices/0/path)",
  ],
  [
    "connect-itself",
    [groupOf({ connect: ["n"] })],
    "/0/connect/0",
    "Cannot bind to itself: n (/0/connect/0)",
  ],
  [
    "connect-target",
    [groupOf({ connect: ["x"] })],
    "/0/connect/0",
    "Non-existing node in connect x (/0/connect/0)",
  ],
  ["no-nodes", [], "", "Config parser cannot resolve any job nodes"],
  ["structure", {}, "", "Config parser internal error: the job is an object"],
  ["structure", [1], "/0", "Config parser internal error: a group is 1 (/0)"],
  [
    "structure",
    [groupOf({ exec: "x" })],
    "/0/exec",
    'Config parser internal error: exec is "x" (/0/exec)',
  ],
  [
    "structure",
    device({ name: "stdout", path: "zvm://m" }),
    "/0/devices/0/path",
    "Config parser internal error: path is zvm://m (/0/devices/0/path)",
  ],
];

/** Rules that the original has elsewhere, or not at all; the number is that of its defect. */
const FURTHER_RULES: readonly Case[] = [
  ["job-size", `[${" ".repeat(70_000)}]`, "", "The job has more than 65536 bytes"],
  [
    "json-encoding",
    Uint8Array.of(0x5b, 0xff, 0x5d),
    "",
    "Could not parse system map: it is no UTF-8",
  ],
  [
    "json-syntax",
    '[{"name" "n"}]',
    "/0",
    'Could not parse system map: "\\"" where a colon should be (/0)',
  ],
  [
    "json-depth",
    "[".repeat(33),
    `${"/0".repeat(32)}`,
    `Could not parse system map: more than 32 levels of arrays and objects (${"/0".repeat(32)})`,
  ],
  [
    "json-duplicate-key",
    '[{"name":"n","name":"m","exec":{"path":"swift://~/b/p"}}]',
    "/0",
    'Duplicate key "name" (/0)',
  ],
  [
    "findings-cut",
    [groupOf({ count: 0 }), groupOf({ name: "b", count: 0 })],
    "",
    "1 more findings are not shown",
    { limits: { "job-findings": 1 } },
  ],
  // X 42: these keys were not validated.
  [
    "group-setting",
    [groupOf({ replicate: -1 })],
    "/0/replicate",
    "Invalid replicate: -1 in n (/0/replicate)",
  ],
  ["group-setting", [groupOf({ attach: "stdin" })], "/0", 'Invalid attach: "stdin" in n (/0)'],
  [
    "group-setting",
    [groupOf({ location: "a\n" })],
    "/0/location",
    'Invalid location: "a\\n" in n (/0/location)',
  ],
  [
    "device-setting",
    device({ name: "stdin", mode: "tape" }),
    "/0/devices/0/mode",
    'Invalid mode: "tape" in n (/0/devices/0/mode)',
  ],
  [
    "meta",
    device({ name: "stdout", meta: { "": "v" } }),
    "/0/devices/0/meta/",
    "Metadata name cannot be empty (/0/devices/0/meta/)",
  ],
  [
    "connect-name",
    [groupOf({ connect: [""] })],
    "/0/connect/0",
    'Invalid name in connect: "" in n (/0/connect/0)',
  ],
  [
    "group-differs",
    [groupOf(), groupOf({ count: 2 })],
    "/1",
    "Groups named n differ in count (/1)",
  ],
  [
    "exec-not-found",
    program("tcp://h:1"),
    "/0/exec/path",
    "No executable found in request: tcp://h:1 is no program (/0/exec/path)",
  ],
  [
    "exec-not-found",
    program("file://no:x"),
    "/0/exec/path",
    "No executable found in request: file://no:x is in the image no, which is not there (/0/exec/path)",
  ],
  [
    "channel-name",
    [groupOf({ connect: ["x=1,2;3"] }), groupOf({ name: "x=1,2;3" })],
    "/0/connect/0",
    "x=1,2;3 cannot be connected: the name of its channel, /dev/out/x=1,2;3, has a comma (/0/connect/0)",
  ],
  [
    "zvm-several",
    [groupOf({ devices: zvm("b") }), groupOf({ name: "b", count: 3 })],
    "/0/devices/0/path",
    "Device stdout of n leads to b, which has 3 nodes, and one device cannot lead to several (/0/devices/0/path)",
  ],
  [
    "zvm-writers",
    [groupOf({ devices: zvm("b"), count: 2 }), groupOf({ name: "b" })],
    "/0/devices/0/path",
    "Device stdin of b has two writers, n-1 and n-2 (/0/devices/0/path)",
  ],
  [
    "device-twice",
    [groupOf({ devices: [{ name: "stdin" }, { name: "stdin" }] })],
    "/0/devices/1",
    "Device stdin is declared twice in n (/0/devices/1)",
  ],
  // X 11: the first response was taken, and the others dropped.
  [
    "immediate-twice",
    [groupOf({ devices: [{ name: "stdout" }, { name: "stderr" }] })],
    "/0/devices/1",
    "Only one device of a node can be the response: stderr in n (/0/devices/1)",
  ],
  [
    "channel-path",
    device({ name: "input" }),
    "/0/devices/0",
    'Could not resolve channel path "" for device: input (/0/devices/0)',
  ],
  [
    "channel-path",
    device({ name: "ruby" }),
    "/0/devices/0",
    'Could not resolve channel path "" for device: ruby (/0/devices/0)',
  ],
  [
    "channel-path",
    device({ name: "image" }),
    "/0/devices/0",
    'Could not resolve channel path "" for device: image (/0/devices/0)',
  ],
  // X 19: it connected anywhere.
  [
    "debug-off",
    device({ name: "debug", path: "tcp://h:1" }),
    "/0/devices/0/path",
    "Device debug may not reach tcp://h:1 in n (/0/devices/0/path)",
  ],
  ...[device({ name: "stdin", path: "swift://o/c/x" }), program("swift://o/c/x")].map(
    (job, at): Case => {
      const place = at === 0 ? "/0/devices/0/path" : "/0/exec/path";
      const message = `There is no account o for swift://o/c/x (${place})`;
      return ["account-missing", job, place, message, { settings: { accounts: ["~"] } }];
    },
  ),
  // X 22: nodes of different widths.
  [
    "matches-differ",
    [
      groupOf({
        devices: [
          { name: "stdin", path: "swift://~/c/*" },
          { name: "input", path: "swift://~/d/*" },
        ],
      }),
    ],
    "/0/devices/1/path",
    "Wildcards of n find 2 and 1 objects (/0/devices/1/path)",
    { objects: { "t/c": ["a", "b"], "t/d": ["a"] } },
  ],
  [
    "node-twice",
    [groupOf({ count: 2 }), groupOf({ name: "n-2" })],
    "/1",
    "Two nodes are named n-2 (/1)",
  ],
  [
    "container-remote",
    [
      groupOf({
        devices: [
          { name: "stdin", path: "swift://~/c" },
          { name: "input", path: "swift://~/c/o" },
        ],
      }),
    ],
    "/0/devices/0/path",
    "Cannot use container /t/c as a remote object reference (/0/devices/0/path)",
  ],
  [
    "read-and-write",
    [
      groupOf({
        devices: [
          { name: "stdin", path: "swift://~/c/o" },
          { name: "stdout", path: "swift://t/c/o" },
        ],
      }),
    ],
    "/0/devices/1/path",
    "Object /t/c/o is both read and written by n (/0/devices/1/path)",
  ],
  // X 36: there was no cap.
  [
    "too-many",
    [groupOf({ count: 501, replicate: 2 })],
    "/0",
    "The job has 1002 nodes and copies, 1000 are the most (/0)",
  ],
];

const WARNINGS: readonly Case[] = [
  [
    "unknown-key",
    [groupOf({ devcies: [] })],
    "/0/devcies",
    "Unknown key devcies: it is ignored (/0/devcies)",
  ],
  [
    "ignored-key",
    [groupOf({ devices: [], file_list: [] })],
    "/0/devices",
    "devices is ignored beside file_list (/0/devices)",
  ],
  [
    "ignored-key",
    device({ device: "stdin", name: "input" }),
    "/0/devices/0/name",
    "name is ignored beside device (/0/devices/0/name)",
  ],
  ["count-true", [groupOf({ count: true })], "/0/count", "true as a count is 1 (/0/count)"],
  [
    "name-splits",
    [groupOf({ name: "a b" })],
    "/0/name",
    "Name a b has blanks or commas, which separate names in answers (/0/name)",
  ],
  [
    "unknown-scheme",
    device({ name: "stdout", path: "swfit://~/c/o" }),
    "/0/devices/0/path",
    "Path swfit://~/c/o is no URL of a job: the device has no path (/0/devices/0/path)",
  ],
  [
    "device-idle",
    device({ name: "db" }),
    "/0/devices/0",
    "Device db in n is ignored (/0/devices/0)",
  ],
  [
    "name-skipped",
    device({ name: "stdin", path: "swift://~/c/*" }),
    "/0/devices/0/path",
    "../up is not taken for swift://~/c/* (/0/devices/0/path)",
    { objects: { "t/c": ["../up", "o"] } },
  ],
  [
    "outputs-collide",
    [
      groupOf({ devices: [{ name: "stdout", path: "swift://~/c/o" }] }),
      groupOf({ name: "m", devices: [{ name: "stdout", path: "swift://~/c/o" }] }),
    ],
    "/1/devices/0/path",
    "Object /t/c/o is written by n and by m (/1/devices/0/path)",
  ],
];

const named = (cases: readonly Case[]) => {
  return cases.map(([rule, job, path, message, scene]) => ({ rule, job, path, message, scene }));
};

async function expectFinding(
  { job, scene, ...expected }: ReturnType<typeof named>[number],
  severity: "error" | "warning",
): Promise<void> {
  const { findings, plan } = await judgeText(job, scene);
  expect(findings).toContainEqual(expect.objectContaining({ ...expected, severity }));
  expect(plan === undefined).toBe(severity === "error");
}

describe("rules", () => {
  it.each(named(PARSER_MESSAGES))("2.8 $rule: $message", async (one) => {
    await expectFinding(one, "error");
  });

  it.each(named(FURTHER_RULES))("$rule: $message", async (one) => {
    await expectFinding(one, "error");
  });

  it.each(named(WARNINGS))("$rule is a warning: $message", async (one) => {
    await expectFinding(one, "warning");
  });

  it("has a test of each rule, but of denied listings, which are tested with listings", () => {
    const tested = new Set(
      [...PARSER_MESSAGES, ...FURTHER_RULES, ...WARNINGS].map(([rule]) => rule),
    );
    const others = (Object.keys(RULES) as RuleName[]).filter((rule) => !tested.has(rule));
    expect(others).toEqual(["list-denied"]);
  });

  it("names the other place of a group that is there twice", async () => {
    const exec = '"exec": {"path": "swift://~/c/x"}';
    const { findings } = await judgeText(`[
  {"name": "n", ${exec}},
  {"name": "n", "count": 2, ${exec}}
]`);
    expect(findings).toMatchObject([
      {
        rule: "group-differs",
        line: 3,
        hint: expect.stringContaining("the first group of this name is at line 2, column 3 (/0)"),
      },
    ]);
  });

  it("says which system images there are, where one is not", async () => {
    const { findings } = await judgeText(program("file://pyton:python"), {
      settings: { systemImages: ["php", "python"] },
    });
    expect(findings).toMatchObject([{ rule: "exec-not-found", hint: "there are php, python" }]);
  });

  it("reports all findings of a job in the order of the text, errors first", async () => {
    const text = `[
  {"nmae": "x", "exec": {"path": "here"},
   "devices": [{"path": "swift://~/a"}, {"device": "stdout", "min_size": -1}]},
  {"name": "b", "count": "2", "exec": {}}
]`;
    const { findings } = await judgeText(text);
    expect(findings.map(({ rule, line, column }) => [rule, line, column])).toEqual([
      ["node-name-missing", 2, 3],
      ["exec-path-missing", 2, 34],
      ["device-missing", 3, 16],
      ["device-setting", 3, 74],
      ["count", 4, 26],
      ["exec-path-missing", 4, 39],
      ["unknown-key", 2, 4],
    ]);
  });
});
