import { describe, expect, it } from "vitest";
import { Bug } from "../../base/index.ts";
import { manifestText } from "./conformance-cases.ts";
import { makeFinding } from "./finding.ts";
import {
  type ChannelDeclaration,
  channelShape,
  type Finding,
  guestOrder,
  judgeChannels,
  judgeManifest,
  judgeSource,
  type Manifest,
  mountOrder,
  openFailure,
  parseManifest,
  sortFindings,
} from "./index.ts";

const STANDARD = [
  "/dev/null, /dev/stdin, 0, 0, 1, 1, 0, 0",
  "/dev/null, /dev/stdout, 0, 0, 0, 0, 1, 1",
  "/dev/null, /dev/stderr, 0, 0, 0, 0, 1, 1",
];

function manifestOf(channels: readonly string[], changes: Record<string, string> = {}): Manifest {
  const { manifest, findings } = parseManifest(
    manifestText("/p", changes, [...STANDARD, ...channels]),
  );
  if (manifest === undefined) throw new Error(JSON.stringify(findings));
  return manifest;
}

function states(findings: readonly Finding[]): string[] {
  return findings.map(({ state }) => state);
}

function channelOf(line: string): ChannelDeclaration {
  const channel = manifestOf([line]).channels[3];
  if (channel === undefined) throw new Error("no channel");
  return channel;
}

describe("guestOrder and mountOrder", () => {
  it("puts standard channels first and all others bytewise", () => {
    const aliases = ["/dev/z", "/dev/stderr", "/dev/Z", "/dev/stdin", "/dev/\xe9", "/dev/stdout"];
    expect(guestOrder(aliases.map((alias) => ({ alias }))).map(({ alias }) => alias)).toEqual([
      "/dev/stdin",
      "/dev/stdout",
      "/dev/stderr",
      "/dev/Z",
      "/dev/z",
      "/dev/\xe9",
    ]);
  });

  it("opens network readers first, then network writers, then the rest as declared", () => {
    const { channels } = manifestOf([
      "/b, /dev/b, 0, 0, 1, 1, 0, 0",
      "tcp:1:, /dev/writer, 0, 0, 0, 0, 1, 1",
      "tcp:1:, /dev/reader1, 0, 0, 1, 1, 0, 0",
      "tcp:1:;tcp:2:, /dev/reader2, 0, 0, 1, 1, 0, 0",
    ]);
    expect(mountOrder(channels).map(({ alias }) => alias)).toEqual([
      "/dev/reader2",
      "/dev/reader1",
      "/dev/writer",
      "/dev/stdin",
      "/dev/stdout",
      "/dev/stderr",
      "/dev/b",
    ]);
  });
});

describe("judgeChannels", () => {
  it("finds nothing wrong with a good manifest", () => {
    expect(judgeChannels(manifestOf(["tcp:1:5000, /dev/x, 0, 0, 1, 1, 0, 0"]))).toEqual([]);
  });

  it("names the standard channels that are missing", () => {
    const two = parseManifest(manifestText("/p", {}, STANDARD.slice(0, 2))).manifest;
    expect(two && judgeChannels(two)).toMatchObject([
      {
        state: "not enough channels: 2",
        message: "There are 2 channels; missing: /dev/stderr",
      },
    ]);
  });

  it("tells all findings with their places, in the order of the original", () => {
    const manifest = manifestOf(
      [
        "/a, /dev/x, 7, 0, 1, 1, 0, 0",
        "tcp:1:, /dev/x, 0, 0, 1, 1, 1, 1",
        "udp:1:1, /dev/y, 0, 0, 1, 1, 0, 0",
      ],
      { Memory: "0, 0", Timeout: "-3", NameServer: "tcp:1:1", Node: "0" },
    );
    expect(
      judgeChannels(manifest).map(({ stage, code, state, line, column }) => [
        stage,
        code,
        state,
        line,
        column,
      ]),
    ).toEqual([
      ["mount", 14, "/dev/x is already allocated", 12, 19],
      ["mount", 14, "/dev/x has invalid type 7", 11, 23],
      ["mount", 14, "invalid node: 0", 7, 1],
      ["mount", 14, "name server only support udp protocol", 6, 1],
      ["mount", 14, "invalid i/o type", 12, 11],
      ["mount", 14, "cannot bind /dev/y;0: protocol udp", 13, 11],
      ["memory", 12, "invalid memory size", 4, 1],
      ["defence", 14, "invalid timeout -3", 5, 1],
    ]);
  });

  it("asks for a node only where there are network channels and a name server", () => {
    const changes = { NameServer: "/a/path" };
    expect(judgeChannels(manifestOf([], changes))).toEqual([]);
    const network = ["tcp:1:, /dev/x, 0, 0, 1, 1, 0, 0"];
    expect(states(judgeChannels(manifestOf(network, { ...changes, Node: "2" })))).toEqual([
      "name server only support udp protocol",
    ]);
    expect(judgeChannels(manifestOf(network, changes))[0]).toMatchObject({
      state: "invalid node: 0",
      message: "Manifest has a NameServer and network channels, but no Node",
    });
  });

  it("refuses more channels than the original has room for", () => {
    const manifest = manifestOf([]);
    const [first] = manifest.channels;
    const channels = Array.from({ length: 10_915 }, (_, index) => ({
      ...first,
      alias: `/dev/c${index}`,
    })) as ChannelDeclaration[];
    expect(judgeChannels({ ...manifest, channels })[0]).toMatchObject({
      code: 23,
      state: "channels number reached maximum",
    });
  });

  it("speaks of built manifests without places", () => {
    const { places: _places, ...manifest } = manifestOf([], { Timeout: "0" });
    const channels = manifest.channels.map(({ line: _line, columns: _columns, ...rest }) => rest);
    const [first] = channels;
    const found = judgeChannels({ ...manifest, channels: first ? [...channels, first] : [] });
    expect(found.map(({ message, line }) => [message, line])).toEqual([
      ["Another channel has the alias /dev/stdin", undefined],
      ["Timeout is not valid: 0", undefined],
    ]);
  });
});

describe("judgeManifest", () => {
  it("judges sources in the order of opening, the name server in its place", () => {
    const manifest = manifestOf(
      ["/dir, /dev/w, 0, 0, 0, 0, 1, 1", "tcp:1:, /dev/r, 0, 0, 1, 1, 0, 0"],
      { NameServer: "udp:1:1" },
    );
    const kindOf = (path: string) => (path === "/dir" ? "directory" : "missing");
    expect(states(judgeManifest(manifest, kindOf))).toEqual([
      "cannot open /dev/null",
      "invalid node: 0",
      "invalid /dev/w source type 0",
    ]);
  });

  it("asks for the kind of each path once", () => {
    const asked: string[] = [];
    judgeManifest(manifestOf(["/a;/b, /dev/x, 0, 0, 1, 1, 0, 0"]), (path) => {
      asked.push(path);
      return "regular";
    });
    expect(asked).toEqual(["/dev/null", "/dev/null", "/dev/null", "/a", "/b"]);
  });
});

describe("judgeSource and openFailure", () => {
  const source = { kind: "path", path: "/s" } as const;
  const none = "0, 0, 0, 0";
  const read = "1, 1, 0, 0";
  const write = "0, 0, 1, 1";
  const both = "1, 1, 1, 1";

  it.each([
    ["regular", 0, read, undefined],
    ["regular", 2, write, undefined],
    ["regular", 1, both, undefined],
    ["regular", 3, both, undefined],
    ["regular", 0, both, 14],
    ["regular", 2, both, 14],
    ["regular", 0, none, 22],
    ["regular", 0, "5, 0, 0, 5", 22],
    ["missing", 0, read, 14],
    ["missing", 0, write, undefined],
    ["missing", 3, both, undefined],
    ["missing", 0, both, 14],
    ["missing", 0, none, 22],
    ["character", 0, read, undefined],
    ["character", 3, write, undefined],
    ["character", 3, both, 22],
    ["character", 0, none, 22],
    ["fifo", 0, read, undefined],
    ["fifo", 0, both, 22],
    ["fifo", 0, none, 22],
    ["directory", 0, read, 93],
    ["block", 3, both, 93],
    ["socket", 0, none, 93],
  ] as const)("%s of type %i with limits %s: %s", (kind, type, limits, code) => {
    const found = judgeSource(channelOf(`/s, /dev/x, ${type}, 0, ${limits}`), source, kind);
    expect(found.map((finding) => finding.code)).toEqual(code === undefined ? [] : [code]);
    for (const { line, column, stage } of found) {
      expect([line, column, stage]).toEqual([9, 11, "mount"]);
    }
  });

  it.each([
    ["regular", read, 14, "cannot open /s"],
    ["regular", both, 14, "cannot open /s"],
    ["missing", write, 9, "cannot preallocate /dev/x"],
    ["character", read, 9, "cannot open /s"],
    ["fifo", write, 9, "cannot open /s"],
  ] as const)("a %s with limits %s that cannot be opened: %i %s", (kind, limits, code, state) => {
    const channel = channelOf(`/s, /dev/x, 3, 0, ${limits}`);
    expect(openFailure(channel, source, kind, "EACCES")).toMatchObject({
      code,
      state,
      message: "Cannot open /s for /dev/x: EACCES",
    });
  });
});

describe("channelShape and sortFindings", () => {
  it("gives the shape of a judged channel", () => {
    expect(channelShape(channelOf("/s, /dev/x, 3, 1, 1, 2, 3, 4"))).toEqual({
      alias: "/dev/x",
      type: 3,
      etag: true,
      limits: { gets: 1n, getBytes: 2n, puts: 3n, putBytes: 4n },
    });
    expect(() => channelShape(channelOf("/s, /dev/x, 4, 1, 1, 2, 3, 4"))).toThrow(Bug);
  });

  it("sorts errors before warnings and by stage, and keeps the order within", () => {
    const found = (stage: Finding["stage"], message: string, severity?: "warning"): Finding =>
      makeFinding({ stage, message, severity, code: 0, state: "" });
    const sorted = sortFindings([
      found("parse", "1", "warning"),
      found("defence", "2"),
      found("mount", "3"),
      found("mount", "4"),
      found("program", "5"),
    ]);
    expect(sorted.map(({ message }) => message)).toEqual(["5", "3", "4", "2", "1"]);
  });
});
