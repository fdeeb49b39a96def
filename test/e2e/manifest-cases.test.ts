import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { executeManifest } from "../../src/zerovm/session/index.ts";
import { exitingGuest } from "../support/guests.ts";
import { temporaryFolders } from "../support/temporary-folder.ts";

/**
 * The manifest list of the original, with a WebAssembly program in place of its own. Each case
 * changes a good manifest by lines that are dropped and lines that are added.
 */
interface Case {
  readonly code: number;
  readonly drop?: readonly string[];
  readonly add?: readonly string[];
  readonly state?: string;
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

const newFolder = temporaryFolders();

test("there are thirty cases", () => {
  expect(Object.keys(CASES)).toHaveLength(30);
});

test.each(Object.entries(CASES))("%s", async (_, found) => {
  const folder = newFolder();
  writeFileSync(join(folder, "program.wasm"), exitingGuest(0));
  writeFileSync(join(folder, "text"), "this is a text and no program at all".repeat(4));
  const server = createServer().listen(join(folder, "socket"));
  try {
    const report = await executeManifest({ text: manifestText(folder, found) });
    expect(report.classic).toMatchObject({ exitCode: found.code });
    const line = report.classic.state.replace(/^MANIFEST \d+: /, "");
    if (found.state !== undefined) expect(line).toBe(found.state.replaceAll("FOLDER", folder));
    if (found.code !== 0) expect(existsSync(join(folder, "witness"))).toBe(false);
  } finally {
    server.close();
  }
  expect(readdirSync(folder).filter((name) => name === "absent")).toEqual([]);
});

function manifestText(folder: string, found: Case): string {
  const good = [
    "Version = 20130611",
    `Program = ${folder}/program.wasm`,
    "Memory = 33554432, 0",
    "Timeout = 1",
    STDIN,
    STDOUT,
    STDERR,
    // Whatever is refused must not create this.
    `Channel = ${folder}/witness, /dev/witness, 0, 0, 0, 0, 9, 9`,
  ];
  const dropped = found.drop ?? [];
  const lines = good.filter((line) => !dropped.some((start) => line.startsWith(start)));
  return [...lines, ...(found.add ?? [])].join("\n").replaceAll("FOLDER", folder);
}
