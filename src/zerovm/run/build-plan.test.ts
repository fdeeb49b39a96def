import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { makeTree, temporaryFolders } from "../../../test/support/temporary-folder.ts";
import { parseManifest } from "../manifest/index.ts";
import { buildPlan, type Plan, type ResolvedProgram } from "./build-plan.ts";
import type { SessionOptions } from "./options.ts";

const newFolder = temporaryFolders();

const PROGRAM: ResolvedProgram = {
  path: "tool.wasm",
  takesScript: false,
  args: ["tool"],
  env: {},
  images: [],
};

function plan(options: Partial<SessionOptions> = {}, program: Partial<ResolvedProgram> = {}): Plan {
  return buildPlan({ program: "tool.wasm", ...options }, { ...PROGRAM, ...program });
}

const MOST = "9223372036854775807";
const IN = `0, 0, ${MOST}, ${MOST}, 0, 0`;
const OUT = `0, 0, 0, 0, ${MOST}, ${MOST}`;
const STANDARD = [
  `Channel = /dev/stdin, /dev/stdin, ${IN}`,
  `Channel = /dev/stdout, /dev/stdout, ${OUT}`,
  `Channel = /dev/stderr, /dev/stderr, ${OUT}`,
];
const HEAD = ["Version = 20130611", `Program = ${resolve("tool.wasm")}`];

/** The value of a manifest text, without the places of its lines. */
function manifestOf(lines: readonly string[]): unknown {
  const { manifest, findings } = parseManifest(lines.join("\n"));
  expect(findings).toEqual([]);
  const { places: _places, channels = [], ...rest } = manifest ?? {};
  return {
    ...rest,
    channels: channels.map(({ line: _line, columns: _columns, ...channel }) => channel),
  };
}

describe("the manifest", () => {
  test("has the defaults that the reference names", () => {
    expect(plan().manifest).toEqual(
      manifestOf([
        ...HEAD,
        "Memory = 4294967296, 0",
        "Timeout = 50",
        "Etag = sha256",
        "Clock = 0",
        "Seed = 0",
        ...STANDARD,
      ]),
    );
    expect(Object.isFrozen(plan().manifest)).toBe(true);
  });

  test("is what a manifest file gives", () => {
    const { manifest } = plan({
      read: [{ path: "/data/in.csv" }, { path: "/data/in.csv", alias: "again" }],
      write: [{ path: "/data/out.csv", alias: "/dev/result" }],
      images: [
        { path: "/data/root.tar", mountpoint: "/", mode: "cow" },
        { path: "/data/out.tar", mountpoint: "/out", mode: "export" },
      ],
      channels: ["/data/x;/data/y, /dev/own, 1, 1, 5, 6, 7, 8"],
      timeoutSeconds: 7,
      memoryBytes: 65_536,
      limits: { "open-files": 20, "fs-bytes": 1000, "image-bytes": 5000 },
      clock: 12,
      seed: 34n,
      etag: "md5",
    });
    const tagged = (line: string): string => line.replace(", 0, 0, ", ", 0, 1, ");
    const file = (path: string, alias: string, limits: string): string =>
      `Channel = /data/${path}, /dev/${alias}, 3, 1, ${limits}`;
    const read = `${MOST}, ${MOST}, 0, 0`;
    expect(manifest).toEqual(
      manifestOf([
        ...HEAD,
        "Memory = 65536, 1",
        "Timeout = 7",
        "Etag = md5",
        "Clock = 12",
        "Seed = 34",
        "Limit = open-files, 20",
        "Limit = fs-bytes, 1000",
        "Limit = image-bytes, 5000",
        ...STANDARD.map((line, index) =>
          index === 0 ? tagged(line) : line.replace("0, 0, 0, 0", "0, 1, 0, 0"),
        ),
        file("in.csv", "in.csv", read),
        file("in.csv", "again", read),
        file("out.csv", "result", `${MOST}, ${MOST}, ${MOST}, ${MOST}`),
        file("root.tar", "mount/root.tar", read),
        file("out.tar", "mount/out.tar", `0, 0, ${MOST}, 5000`),
        "Channel = /data/x;/data/y, /dev/own, 1, 1, 5, 6, 7, 8",
      ]),
    );
  });

  test("limits of time and memory are its own fields", () => {
    const { manifest } = plan({ limits: { time: 3, memory: 131_072 } });
    expect(manifest).toMatchObject({ timeoutSeconds: 3, memory: { sizeBytes: 131_072 } });
    expect(manifest.limits).toEqual({});
  });

  test("a declared channel stands in for a standard stream", () => {
    const { manifest } = plan({ channels: ["/data/x, /dev/stdin, 0, 0, 1, 1, 0, 0"] });
    expect(manifest.channels.map(({ alias }) => alias).sort()).toEqual([
      "/dev/stderr",
      "/dev/stdin",
      "/dev/stdout",
    ]);
    expect(manifest.channels.find(({ alias }) => alias === "/dev/stdin")?.sources).toEqual([
      { kind: "path", path: "/data/x" },
    ]);
  });
});

describe("the configuration", () => {
  test("has arguments, environment, mounts and mappings", () => {
    const { config } = plan(
      {
        args: ["-x", "@@y", "ä"],
        env: { B: "2", A: "3" },
        write: [{ path: "/data/out" }],
        images: [
          { path: "/data/a.tar", mountpoint: "/m", mode: "ro" },
          { path: "/data/out.tar", mountpoint: "/out", mode: "export" },
        ],
      },
      {
        args: ["name", "-q"],
        env: { A: "1", C: "4" },
        images: [{ path: "/pkg/root.tar", mountpoint: "/", mode: "cow" }],
      },
    );
    expect(config.args).toEqual(["name", "-q", "-x", "@y", "\xc3\xa4"]);
    expect(config.env).toEqual([
      ["A", "3"],
      ["C", "4"],
      ["B", "2"],
    ]);
    const mount = (channel: string, mountpoint: string) =>
      expect.objectContaining({ channel: `/dev/mount/${channel}`, mountpoint, meta: "archive" });
    expect(config.mounts).toEqual([
      mount("root.tar", "/"),
      mount("a.tar", "/m"),
      mount("out.tar", "/out"),
    ]);
    expect(config.mounts.map(({ access, readonly }) => [access, readonly])).toEqual([
      ["ro", false],
      ["ro", true],
      ["wo", false],
    ]);
    expect(config.mapping).toContainEqual({
      channel: "/dev/out",
      mode: "file",
      truncate: true,
    });
  });

  test("arguments become the names of what they grant, each file once", () => {
    const folder = newFolder();
    makeTree(folder, { "a.csv": "", "script.py": "" });
    const [csv, script, out] = ["a.csv", "script.py", "new"].map((name) => join(folder, name));
    const { config, manifest, grants } = plan(
      { args: [`${script}`, `@${csv}`, `@${csv}`, `@+${out}`] },
      { takesScript: true },
    );
    expect(config.args.slice(1)).toEqual([
      "/dev/script.py",
      "/dev/a.csv",
      "/dev/a.csv",
      "/dev/new",
    ]);
    expect(manifest.channels).toHaveLength(6);
    expect(grants.map(({ origin, use }) => [origin, use])).toEqual([
      [script, "read"],
      [`@${csv}`, "read"],
      [`@+${out}`, "write"],
    ]);
    // Without a script the argument is just a text.
    expect(plan({ args: [`${script}`] }).config.args.slice(1)).toEqual([script]);
  });

  test("arguments find what options granted before", () => {
    const folder = newFolder();
    makeTree(folder, { a: "", b: "" });
    const [a, b] = ["a", "b"].map((name) => join(folder, name));
    const { config, grants } = plan({
      read: [{ path: `${a}`, alias: "in" }],
      write: [{ path: `${b}` }],
      args: [`@${a}`, `@${b}`, `@+${b}`],
    });
    expect(config.args.slice(1)).toEqual(["/dev/in", "/dev/b", "/dev/b"]);
    expect(grants).toHaveLength(2);
  });

  test("pipes and devices are streams of one direction", () => {
    const folder = newFolder();
    execFileSync("mkfifo", [join(folder, "in"), join(folder, "out"), join(folder, "tar")]);
    const { manifest, config } = plan({
      read: [{ path: join(folder, "in") }],
      write: [{ path: join(folder, "out") }, { path: "/dev/null", alias: "sink" }],
      images: [{ path: join(folder, "tar"), mountpoint: "/o", mode: "export" }],
    });
    const added = manifest.channels.slice(3).map(({ alias, type, limits }) => {
      return [alias, type, limits.gets > 0n, limits.puts > 0n];
    });
    expect(added).toEqual([
      ["/dev/in", 0, true, false],
      ["/dev/out", 0, false, true],
      ["/dev/sink", 0, false, true],
      ["/dev/mount/tar", 0, false, true],
    ]);
    expect(config.mapping).toEqual([]);
  });

  test("streams of an interactive session are terminals, inherited ones where they are", () => {
    const modes = (options: Partial<SessionOptions>) =>
      plan({ interactive: true, ...options }).config.mapping.map(({ channel, mode }) => {
        return `${channel} ${mode}`;
      });
    expect(modes({})).toEqual(["/dev/stdin char", "/dev/stdout char", "/dev/stderr char"]);
    expect(modes({ stdout: "inherit", stderr: "inherit" })).toEqual(["/dev/stdin char"]);
    expect(modes({ interactive: false })).toEqual([]);
  });
});

test.each<[string, Partial<SessionOptions>, string, string]>([
  ["a clash", { read: [{ path: "a/x" }, { path: "b/x" }] }, "ZVM_ALIAS_CLASH", "=ALIAS"],
  ["a device", { write: [{ path: "x", alias: "null" }] }, "ZVM_ALIAS_CLASH", "/dev/null"],
  [
    "a clash with a channel",
    { read: [{ path: "x" }], channels: ["/a, /dev/x, 0, 0, 1, 1, 0, 0"] },
    "ZVM_ALIAS_CLASH",
    "Cannot declare the channel '/a, /dev/x, 0, 0, 1, 1, 0, 0': x has the alias /dev/x",
  ],
  ["a missing argument", { args: ["@/nowhere/x"] }, "ZVM_FILE", "'@/nowhere/x'"],
  [
    "too few fields",
    { channels: ["/a, /dev/x"] },
    "ZVM_CHANNEL",
    "Channel has 2 fields, expected 8",
  ],
  [
    "a line break",
    { channels: ["/a, /dev/x, 0, 0, 1, 1, 0, 0\nEtag = md5"] },
    "ZVM_CHANNEL",
    "a line break",
  ],
  ["an equals sign", { channels: ["/a=b, /dev/x, 0, 0, 1, 1, 0, 0"] }, "ZVM_CHANNEL", "holds '='"],
  [
    "a bad number",
    { channels: ["/a, /dev/x, 0, 0, x, 1, 0, 0"] },
    "ZVM_CHANNEL",
    "not a number: x",
  ],
  [
    "two folders at one place",
    { folders: ["a", "b"].map((host) => ({ host, guest: "/x", mode: "ro" })) },
    "ZVM_ALIAS_CLASH",
    "Cannot grant the folder b as /x",
  ],
])("%s is refused", (_, options, code, message) => {
  expect(() => plan(options)).toThrow(expect.objectContaining({ code }));
  expect(() => plan(options)).toThrow(message);
});
