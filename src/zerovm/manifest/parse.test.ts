import { describe, expect, it } from "vitest";
import { byteStringOfText } from "../../base/index.ts";
import { manifestText } from "./conformance-cases.ts";
import { type Finding, type ParsedManifest, parseManifest, type Source } from "./index.ts";

const GOOD = manifestText("/p.wasm");

function withSource(source: string): ParsedManifest {
  return parseManifest(`${GOOD}Channel = ${source}, /dev/x, 0, 0, 1, 1, 0, 0\n`);
}

function warningsOf(text: string): Finding[] {
  const { manifest, findings } = parseManifest(text);
  expect(manifest).toBeDefined();
  return [...findings];
}

describe("parseManifest", () => {
  it("reads every keyword", () => {
    const { manifest, findings } = parseManifest(
      [
        "Version=20130611",
        "\tProgram = /opt/über, prog.wasm\r",
        "Memory = 0x100000, 1",
        "Timeout = 9",
        "NameServer = udp:127.0.0.1:54321",
        "Node = 3",
        "Job = /tmp/daemon",
        "Etag = md5",
        "Fuel = 1000",
        "Clock = 1400000000",
        "Seed = 18446744073709551615",
        "Limit = fs-bytes, 64M",
        "Limit = open-files, 10",
        "Channel = /a ; tcp:10.0.0.1:80;/b,/dev/stdin,1,1,1,0x2,3,04",
      ].join("\n"),
    );
    expect(findings).toEqual([]);
    expect(manifest).toMatchObject({
      program: "/opt/über, prog.wasm",
      memory: { sizeBytes: 0x100000, etag: true },
      timeoutSeconds: 9,
      nameServer: { kind: "network", protocol: "udp", port: 54321 },
      node: 3,
      job: "/tmp/daemon",
      etag: "md5",
      fuel: 1000n,
      clock: 1400000000,
      seed: 2n ** 64n - 1n,
      limits: { "fs-bytes": 64 * 2 ** 20, "open-files": 10 },
      places: { Program: { line: 2, column: 2 }, Limit: { line: 12, column: 1 } },
    });
    expect(manifest?.channels).toEqual([
      {
        alias: "/dev/stdin",
        type: 1,
        etag: true,
        limits: { gets: 1n, getBytes: 2n, puts: 3n, putBytes: 4n },
        sources: [
          { kind: "path", path: "/a" },
          {
            kind: "network",
            protocol: "tcp",
            host: { kind: "address", address: "10.0.0.1" },
            port: 80,
            text: "tcp:10.0.0.1:80",
          },
          { kind: "path", path: "/b" },
        ],
        line: 14,
        columns: [11, 35, 46, 48, 50, 52, 56, 58],
      },
    ]);
    expect(Object.isFrozen(manifest)).toBe(true);
    expect(Object.isFrozen(manifest?.channels[0]?.limits)).toBe(true);
  });

  it("has defaults for the new keywords", () => {
    const { manifest } = parseManifest(GOOD);
    expect(manifest).toMatchObject({ clock: 0, seed: 0n, limits: {} });
    expect(manifest?.etag).toBeUndefined();
    expect(manifest?.fuel).toBeUndefined();
  });

  it("takes real time and entropy where the manifest grants them", () => {
    const { manifest } = parseManifest(`${GOOD}Clock = real\nSeed = real\n`);
    expect(manifest).toMatchObject({ clock: "real", seed: "real" });
  });

  it("moves the limits of time and memory to their fields, the smaller one holds", () => {
    const { manifest } = parseManifest(
      `${manifestText("/p", { Timeout: "9" })}Limit = time, 5\nLimit = memory, 1G\n`,
    );
    expect(manifest).toMatchObject({ timeoutSeconds: 5, memory: { sizeBytes: 33554432 } });
    expect(manifest?.limits).toEqual({});
  });

  it("keeps aliases as bytes", () => {
    const { manifest } = parseManifest(`${GOOD}Channel = /a, /dev/é, 0, 0, 1, 1, 0, 0\n`);
    expect(manifest?.channels[3]?.alias).toBe(byteStringOfText("/dev/é"));
  });

  it("collects all errors, in the order of the text", () => {
    const { manifest, findings } = parseManifest(
      [
        "Version = 1",
        "Program = /p",
        "Channel = a/é;;/b:c, /dev/x, q, 7, -1, 1, 0, 0",
        "Memory = 1, 9",
        "Program = /p",
      ].join("\n"),
    );
    expect(manifest).toBeUndefined();
    expect(findings.map(({ line, column, state }) => [line, column, state])).toEqual([
      [1, 11, "MANIFEST 1: invalid manifest version"],
      [3, 11, "MANIFEST 3: only absolute path channels are allowed"],
      [3, 15, "MANIFEST 3: invalid channel url"],
      [3, 16, "MANIFEST 3: invalid channel name"],
      [3, 30, "MANIFEST 3: invalid numeric value 'q'"],
      [3, 33, "MANIFEST 3: invalid channel numeric token"],
      [3, 36, "MANIFEST 3: negative limits for /dev/x"],
      [4, 13, "MANIFEST 4: invalid memory etag token"],
      [undefined, undefined, "Timeout not specified"],
      [5, 1, "duplicate Program keyword"],
    ]);
    for (const found of findings) {
      expect(found).toMatchObject({ severity: "error", stage: "parse", code: 14 });
      expect(found.expected).not.toBe("");
    }
  });

  it.each([
    ["Fuel = ", "Fuel is not valid: empty"],
    ["Fuel = 0", "Fuel is not valid: 0"],
    ["Fuel = 1x", "Fuel is not valid: 1x"],
    ["Clock = -1", "Clock is not valid: -1"],
    ["Clock = Real", "Clock is not valid: Real"],
    ["Clock = 4294967296", "Clock is not valid: 4294967296"],
    ["Seed = 18446744073709551616", "Seed is not valid: 18446744073709551616"],
    ["Key =", "Path of Key is not absolute: empty"],
    ["Key = job.key", "Path of Key is not absolute: job.key"],
    ["Key = /a\nKey = /a", "Key stands here again; the first is on line 9"],
    ["Seed = -1", "Seed is not valid: -1"],
    ["Limit = ", "There is no such limit: "],
    ["Limit = colour, 1", "There is no such limit: colour"],
    ["Limit = fs-nodes", "Limit fs-nodes has no value"],
    ["Limit = fs-nodes,", "Limit fs-nodes cannot be empty"],
    ["Limit = fs-nodes, 1K", "Limit fs-nodes cannot be 1K"],
    ["Limit = report, 2G", "Limit report cannot be 2G"],
    ["Limit = report, 1\nLimit = report, 2", "Limit report is set twice"],
    ["Seed = 1\nSeed = 1", "Seed stands here again; the first is on line 9"],
  ])("refuses %j", (line, message) => {
    const { manifest, findings } = parseManifest(`${GOOD}${line}\n`);
    expect(manifest).toBeUndefined();
    expect(findings).toMatchObject([{ severity: "error", code: 14, message }]);
  });
});

describe("sources", () => {
  const network = (rest: object): object => ({ kind: "network", protocol: "tcp", ...rest });
  it.each<[string, object]>([
    ["/abs/path", { kind: "path", path: "/abs/path" }],
    ["TCP:10.1.2.3:80", network({ host: { kind: "address", address: "10.1.2.3" }, port: 80 })],
    ["tcp:16777343:80", network({ host: { kind: "node", id: 16777343 }, port: 80 })],
    ["tcp:7:", network({ host: { kind: "node", id: 7 }, port: 0 })],
    ["tcp::80", network({ host: { kind: "node", id: 0 }, port: 80 })],
    ["tcp:-1:65537", network({ host: { kind: "node", id: 2 ** 32 - 1 }, port: 1 })],
    ["tcp:[::1]:80", network({ host: { kind: "address", address: "::1" }, port: 80 })],
    ["tcp: [fe80::2] : 0x50", network({ host: { kind: "address", address: "fe80::2" }, port: 80 })],
    ["tcp:[2001:db8::1]:", network({ host: { kind: "address", address: "2001:db8::1" }, port: 0 })],
    ["udp:1:1", network({ protocol: "udp" })],
    ["epgm:1:1", network({ protocol: "epgm" })],
  ])("reads %j", (source, expected) => {
    expect(withSource(source).manifest?.channels[3]?.sources[0]).toMatchObject(expected);
  });

  it.each([
    ["relative/path", "only absolute path channels are allowed"],
    ["/data/a:b", "invalid channel name"],
    ["opaque:local:x", "invalid channel name"],
    ["regular:/x:", "invalid channel name"],
    ["socket:/x", "invalid channel name"],
    ["", "invalid channel url"],
    ["/a;", "invalid channel url"],
    ["tcp", "invalid channel url"],
    ["tcp:5", "invalid channel url"],
    ["tcp:0.0.0.0:1", "malformed ip token"],
    ["tcp:1.2.3:1", "malformed ip token"],
    ["tcp:1.2.3.256:1", "malformed ip token"],
    ["tcp:01.2.3.4:1", "malformed ip token"],
    ["tcp:host.name:1", "malformed ip token"],
    ["tcp:[::]:1", "malformed ip token"],
    ["tcp:[0:0::0]:1", "malformed ip token"],
    ["tcp:[::1", "malformed ip token"],
    ["tcp:[1.2.3.4]:1", "malformed ip token"],
    ["tcp:[::1]", "invalid channel url"],
    ["tcp:[::1]x:1", "malformed ip token"],
    ["tcp:::1:1", "invalid numeric value ':1:1'"],
    ["[::1]:1", "invalid channel name"],
    ["tcp:host:1", "invalid numeric value 'host'"],
    ["tcp:1:2:3", "invalid numeric value ':3'"],
  ])("refuses %j with %j", (source, state) => {
    expect(withSource(source).findings[0]?.state).toBe(`MANIFEST 9: ${state}`);
  });

  it("refuses paths that are no UTF-8, which would name another file", () => {
    const bytes = new TextEncoder().encode(`${GOOD}Channel = /@, /dev/x, 0, 0, 1, 1, 0, 0\n`);
    bytes[bytes.indexOf(0x40)] = 0xff;
    expect(parseManifest(bytes).findings[0]).toMatchObject({
      state: "MANIFEST 9: invalid channel name",
      expected: "a name in UTF-8",
    });
  });

  it("takes sixteen sources; the last one keeps any further text", () => {
    const many = Array.from({ length: 18 }, (_, index) => `/s${index}`).join(";");
    const { manifest, findings } = withSource(many);
    const sources: readonly Source[] = manifest?.channels[3]?.sources ?? [];
    expect(sources).toHaveLength(16);
    expect(sources[15]).toEqual({ kind: "path", path: "/s15;/s16;/s17" });
    expect(findings).toMatchObject([{ severity: "warning", line: 9 }]);
  });
});

describe("warnings about lines that are ignored", () => {
  it.each([
    ["timeout = x", "Unknown keyword timeout: the line is ignored", 1],
    ["  NodeName = 1", "Unknown keyword NodeName: the line is ignored", 3],
    ["Chanel = /a, /b", "Unknown keyword Chanel: the line is ignored", 1],
    ["Channel = /a=b, /dev/x", "The value of Channel has a =: the whole line is ignored", 13],
    ["channel = /a=b", "The value of Channel has a =: the whole line is ignored", 13],
    ["Timeout 5", "The line of Timeout has no =: it is ignored", 1],
    [" Node: 5", "The line of Node has no =: it is ignored", 2],
    ["Etag = sha512", "Etag has no such hash and is ignored: sha512", 8],
    [
      "Channel = /dev/null, , 0, 0, 1, 1, 0, 0",
      "Alias is empty: the program cannot name this channel",
      22,
    ],
    ["\0rest", "The text ends at this NUL byte: what follows is ignored", 1],
  ])("%j", (line, message, column) => {
    const found = { severity: "warning", code: 0, state: "", line: 9, column, message };
    expect(warningsOf(GOOD + line)).toMatchObject([found]);
  });

  it("names the keyword that was meant", () => {
    for (const key of ["timeout", "Timout", "Timeoutt", "Tomeout", "TIMEOUT"]) {
      expect(warningsOf(`${GOOD}${key} = 5`)[0]?.hint).toBe("Keywords are exact: write Timeout");
    }
    expect(warningsOf(`${GOOD}foo = bar`)[0]?.hint).toBeUndefined();
  });

  it.each(["", "   ", "# Timeout = 5", "== Timeout ==", "note: hello", "a = b = c", "Nodes are 5"])(
    "nothing about %j",
    (line) => {
      expect(warningsOf(`${GOOD}${line}\n`)).toEqual([]);
    },
  );

  it("escapes and shortens what it shows", () => {
    const [found] = warningsOf(`${GOOD}a\u001b[31m${"x".repeat(500)} = 5`);
    expect(found?.message).toMatch(/^Unknown keyword a\\x1b\[31mx+…: the line is ignored$/);
    expect(found?.message.length).toBeLessThan(150);
  });
});
