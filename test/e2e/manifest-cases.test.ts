import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeNexe } from "../../src/nacl/elf/index.ts";
import { formatReportText, type Report } from "../../src/zerovm/report/index.ts";
import { executeManifest } from "../../src/zerovm/session/index.ts";
import { goldenText } from "../support/golden-nexe.ts";
import { exitingGuest } from "../support/guests.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

/**
 * The manifest list of the original, with a WebAssembly program and with a nexe that exit with 0.
 * Each case changes a good manifest by lines that are dropped and lines that are added.
 */
interface Case {
  readonly code: number;
  readonly drop?: readonly string[];
  readonly add?: readonly string[];
  readonly state?: string;
  /** What stands between lines; a line feed unless given. */
  readonly lineEnd?: string;
}

const STDIN = "Channel = /dev/stdin, /dev/stdin, 0, 0, 9, 9, 0, 0";
const STDOUT = "Channel = /dev/stdout, /dev/stdout, 0, 0, 0, 0, 9, 9";
const STDERR = "Channel = /dev/stderr, /dev/stderr, 0, 0, 0, 0, 9, 9";
const ALL = ["Version", "Program", "Memory", "Timeout", "Channel"];

const CASES: Readonly<Record<string, Case>> = {
  good: { code: 0, state: "ok" },
  empty_manifest: { code: 14, drop: ALL, add: ["== empty =="], state: "Timeout not specified" },
  no_version: { code: 14, drop: ["Version"], state: "Version not specified" },
  nexe_skipped: { code: 14, drop: ["Program"], state: "Program not specified" },
  no_nexe: { code: 2, drop: ["Program"], add: ["Program = FOLDER/absent"] },
  invalid_nexe: { code: 2, drop: ["Program"], add: ["Program = FOLDER/absent/program"] },
  malformed_nexe: { code: 8, drop: ["Program"], add: ["Program = FOLDER/text"] },
  too_large_nexe: { code: 5, drop: ["Program"], add: ["Program = /dev/zero"] },
  invalid_memory: { code: 12, drop: ["Memory"], add: ["Memory = -1, 0"] },
  invalid_memory_tag: { code: 14, drop: ["Memory"], add: ["Memory = 33554432, 2"] },
  missed_memory_tag: { code: 14, drop: ["Memory"], add: ["Memory = 33554432"] },
  invalid_timeout: { code: 14, drop: ["Timeout"], add: ["Timeout = 0"] },
  negative_timeout: { code: 14, drop: ["Timeout"], add: ["Timeout = -1"] },
  invalid_node: { code: 14, add: ["Node = x"] },
  no_channels: { code: 14, drop: ["Channel"], state: "not enough channels: 0" },
  no_std_channels: {
    code: 14,
    drop: ["Channel"],
    add: ["a", "b", "c", "d"].map((name) => `Channel = /dev/null, /dev/${name}, 0, 0, 9, 9, 0, 0`),
    state: "missing standard channels in manifest",
  },
  not_enough_std_channels: {
    code: 14,
    drop: [STDERR],
    add: ["a", "b", "c"].map((name) => `Channel = /dev/null, /dev/${name}, 0, 0, 9, 9, 0, 0`),
  },
  duplicated_channel_alias: { code: 14, add: [STDIN] },
  invalid_channel_access_type: {
    code: 14,
    add: ["Channel = /dev/null, /dev/x, 5, 0, 9, 9, 0, 0"],
    state: "/dev/x has invalid type 5",
  },
  invalid_channel_path: { code: 14, add: ["Channel = relative, /dev/x, 0, 0, 9, 9, 0, 0"] },
  not_existing_channel_name: {
    code: 14,
    add: ["Channel = FOLDER/absent, /dev/x, 0, 0, 9, 9, 0, 0"],
    state: "cannot open FOLDER/absent",
  },
  invalid_channel_source_type: {
    code: 93,
    add: ["Channel = FOLDER/socket, /dev/x, 0, 0, 9, 9, 0, 0"],
  },
  invalid_limits: { code: 14, add: ["Channel = /dev/null, /dev/x, 0, 0, -1, 9, 0, 0"] },
  nil_channel: { code: 22, add: ["Channel = FOLDER/text, /dev/x, 0, 0, 0, 0, 0, 0"] },
  too_few_channel_attributes: { code: 14, add: ["Channel = /dev/null, /dev/x, 0, 0, 9, 9, 0"] },
  too_much_channel_attributes: {
    code: 14,
    add: ["Channel = /dev/null, /dev/x, 0, 0, 9, 9, 0, 0, 0"],
    state: "invalid numeric value ', 0'",
  },
  invalid_name_server_host: { code: 14, add: ["NameServer = udp:127.0.1:54321", "Node = 1"] },
  invalid_name_server_type: { code: 14, add: ["NameServer = udp:127.0.0.1", "Node = 1"] },
  invalid_name_server_proto: {
    code: 14,
    add: [
      "NameServer = tcp:127.0.0.1:54321",
      "NodeName = 1",
      "Channel = tcp:2:0, /dev/in/x, 0, 0, 9, 9, 0, 0",
    ],
    state: "invalid node: 0",
  },
  name_server_missed_node: {
    code: 14,
    add: ["NameServer = udp:127.0.0.1:54321", "Channel = tcp:2:0, /dev/in/x, 0, 0, 9, 9, 0, 0"],
    state: "invalid node: 0",
  },
};

/** Manifests beside those of the list, of which it was seen how the original takes them. */
const FURTHER: Readonly<Record<string, Case>> = {
  "CRLF ends lines": { code: 0, lineEnd: "\r\n", state: "ok" },
  "lines that mean nothing": {
    code: 0,
    add: ["timeout = x", "foo = bar", "# comment", "Etag = v"],
    state: "ok",
  },
  "a channel with = in its path": {
    code: 0,
    add: ["Channel = /tmp/a=b, /dev/x, 9, 9, 9, 9, 9, 9"],
    state: "ok",
  },
  "other bases of numbers": {
    code: 0,
    drop: ["Memory", "Timeout"],
    add: ["Memory = 0x2000000, 00", "Timeout = 010"],
    state: "ok",
  },
  "an empty timeout": {
    code: 14,
    drop: ["Timeout"],
    add: ["Timeout ="],
    state: "invalid timeout 0",
  },
  "a timeout of 33 bits": {
    code: 0,
    drop: ["Timeout"],
    add: ["Timeout = 4294967316"],
    state: "ok",
  },
  "a timeout above all": {
    code: 14,
    drop: ["Timeout"],
    add: ["Timeout = 99999999999999999999"],
    state: "invalid numeric value ''",
  },
  "two timeouts": { code: 14, add: ["Timeout = 1"], state: "duplicate Timeout keyword" },
  "two nodes": { code: 14, add: ["Node = 1", "Node = 1"], state: "duplicate Node keyword" },
  "memory above 4 GiB": {
    code: 12,
    drop: ["Memory"],
    add: ["Memory = 4294967297, 0"],
    state: "invalid memory size",
  },
  "a device for both ways": {
    code: 22,
    add: ["Channel = /dev/null, /dev/x, 0, 0, 9, 9, 9, 9"],
    state: "/dev/x has invalid i/o type",
  },
  "a sequential file for both ways": {
    code: 14,
    add: ["Channel = FOLDER/text, /dev/x, 0, 0, 9, 9, 9, 9"],
  },
  "a file for sequential reads and random writes": {
    code: 14,
    add: ["Channel = FOLDER/text, /dev/x, 2, 0, 9, 9, 9, 9"],
  },
  "a folder": {
    code: 93,
    add: ["Channel = FOLDER, /dev/x, 0, 0, 9, 9, 0, 0"],
    state: "invalid /dev/x source type 0",
  },
  "type -1": {
    code: 14,
    add: ["Channel = /dev/null, /dev/x, -1, 0, 9, 9, 0, 0"],
    state: "/dev/x has invalid type -1",
  },
};

/** What is looked at when the program was loaded and found valid already. */
const AFTER_VALIDATION =
  /^(?:ok|not enough|missing standard|user heap|invalid (?:memory size|timeout|node|\/dev)|cannot open|\/dev\/\S+ (?:is|has)|sequential)/;

const newFolder = temporaryFolders();

const PROGRAMS: readonly (readonly [kind: string, program: Uint8Array])[] = [
  ["a module", exitingGuest(0)],
  ["a nexe", writeNexe({ text: goldenText(0), rodata: new Uint8Array(0x30) })],
];

test("there are thirty cases", () => {
  expect(Object.keys(CASES)).toHaveLength(30);
});

describe.each(PROGRAMS)("with %s:", (_kind, program) => {
  test.each(Object.entries({ ...CASES, ...FURTHER }))("%s", async (_, found) => {
    const { folder, report } = await run(program, found);
    const { exitCode, state, validator } = report.classic;
    const line = state.replace(/^MANIFEST \d+: /, "");
    expect(exitCode).toBe(found.code);
    if (found.state !== undefined) expect(line).toBe(found.state.replaceAll("FOLDER", folder));
    expect(validator).toBe(AFTER_VALIDATION.test(line) ? 0 : 2);
    const accounting = "\\d+\\.\\d\\d \\d+\\.\\d\\d 0 0 0 0 0 0 0 0";
    const text = formatReportText(report);
    expect(text).toMatch(new RegExp(`^${validator}\n0\n0\ndisable\n${accounting}\n.*\n\n$`));
    expect(text.split("\n")[5]).toBe(state);
    if (found.code !== 0) expect(existsSync(join(folder, "witness"))).toBe(false);
    expect(readdirSync(folder)).not.toContain("absent");
  });

  test("channels that are all read", async () => {
    const drop = ["Channel"];
    const add = ["stdin", "stdout", "stderr"].map((name) => {
      return `Channel = /dev/null, /dev/${name}, 0, 0, 9, 9, 0, 0`;
    });
    // The original crashed.
    expect((await run(program, { code: 0, drop, add })).report.classic.state).toBe("ok");
  });
});

describe("the memory of a nexe", () => {
  const program = writeNexe({ text: goldenText(0), data: new Uint8Array(8), bssBytes: 0x258 });
  const memory = (size: number): Case => {
    return { code: 0, drop: ["Memory"], add: [`Memory = ${size}, 0`] };
  };

  test("leaves more than 8 MiB of heap, or the session is refused", async () => {
    // Its data ends in the page before 0x40000.
    const least = 0x4_0000 + 2 ** 23 + 2 ** 24 + 1;
    const { report } = await run(program, memory(least));
    expect(report.classic).toMatchObject({ exitCode: 0, state: "ok" });
    const refused = await run(program, memory(least - 1));
    const state = "user heap size is too small";
    expect(refused.report.classic).toMatchObject({ exitCode: 12, state, validator: 0 });
  });

  test("is looked at before the time, and both are named", async () => {
    const drop = ["Memory", "Timeout"];
    const add = ["Memory = 16777216, 0", "Timeout = 0"];
    const { report } = await run(program, { code: 12, drop, add });
    expect(report.classic).toMatchObject({ exitCode: 12, state: "user heap size is too small" });
    const findings = report.outcome.kind === "refused" ? report.outcome.findings : [];
    expect(findings.map(({ stage }) => stage)).toEqual(["memory", "defence"]);
  });
});

async function run(
  program: Uint8Array,
  found: Case,
): Promise<{ readonly folder: string; readonly report: Report }> {
  const folder = newFolder();
  writeFileSync(join(folder, "program"), program);
  writeFileSync(join(folder, "text"), "this is a text and no program at all".repeat(4));
  const server = createServer().listen(join(folder, "socket"));
  try {
    return { folder, report: await executeManifest({ text: manifestText(folder, found) }) };
  } finally {
    server.close();
  }
}

function manifestText(folder: string, found: Case): string {
  const good = [
    "Version = 20130611",
    `Program = ${folder}/program`,
    "Memory = 33554432, 0",
    "Timeout = 20",
    STDIN,
    STDOUT,
    STDERR,
    // Whatever is refused must not create this.
    `Channel = ${folder}/witness, /dev/witness, 0, 0, 0, 0, 9, 9`,
  ];
  const { drop = [], add = [], lineEnd = "\n" } = found;
  const lines = good.filter((line) => !drop.some((start) => line.startsWith(start)));
  return [...lines, ...add].join(lineEnd).replaceAll("FOLDER", folder);
}
