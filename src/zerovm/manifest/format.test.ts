import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { byteStringOfText, LIMIT_TABLE, type LimitName, ZvmError } from "../../base/index.ts";
import { identity } from "./format.ts";
import { formatManifest, type Manifest, parseManifest, type Source } from "./index.ts";

const PLAIN: Manifest = {
  program: "/opt/prog.wasm",
  memory: { sizeBytes: 2 ** 32, etag: false },
  timeoutSeconds: 50,
  channels: [
    {
      alias: "/dev/stdin",
      type: 0,
      etag: true,
      limits: { gets: 2n ** 63n - 1n, getBytes: 1n, puts: 0n, putBytes: 0n },
      sources: [
        { kind: "path", path: "/a b" },
        { kind: "path", path: "/ö" },
      ],
    },
  ],
  clock: 0,
  seed: 0n,
  limits: {},
};

function withAlias(alias: string): Partial<Manifest> {
  return { channels: PLAIN.channels.map((channel) => ({ ...channel, alias })) };
}

function withSources(...paths: string[]): Partial<Manifest> {
  const sources: Source[] = paths.map((path) => ({ kind: "path", path }));
  return { channels: PLAIN.channels.map((channel) => ({ ...channel, sources })) };
}

describe("formatManifest", () => {
  it("writes what is not the default", () => {
    expect(formatManifest(PLAIN)).toBe(
      [
        "Version = 20130611",
        "Program = /opt/prog.wasm",
        "Memory = 4294967296, 0",
        "Timeout = 50",
        "Channel = /a b;/ö, /dev/stdin, 0, 1, 9223372036854775807, 1, 0, 0",
        "",
      ].join("\n"),
    );
  });

  it("writes everything", () => {
    const nameServer: Source = {
      kind: "network",
      protocol: "udp",
      host: { kind: "node", id: 5 },
      port: 7,
      text: "udp:5:7",
    };
    const text = formatManifest({
      ...PLAIN,
      nameServer,
      node: 2,
      job: "/tmp/job",
      etag: "sha1",
      fuel: 5n,
      clock: "real",
      seed: 7n,
      limits: { "fs-nodes": 5 },
    });
    expect(text).toContain(
      [
        "NameServer = udp:5:7",
        "Node = 2",
        "Job =/tmp/job",
        "Etag = sha1",
        "Fuel = 5",
        "Clock = real",
        "Seed = 7",
        "Limit = fs-nodes, 5",
      ].join("\n"),
    );
    expect(parseManifest(text).manifest?.nameServer).toEqual(nameServer);
  });

  it("folds the limits of time and memory as the text does", () => {
    const text = formatManifest({ ...PLAIN, limits: { time: 5, memory: 65536 } });
    expect(text).toContain("Memory = 65536, 0\nTimeout = 5\nChannel");
  });

  const channel = PLAIN.channels[0];
  it.each<[string, Partial<Manifest>, string]>([
    ["= in the program", { program: "/a=b" }, 'Path of the program "/a=b": it has the character ='],
    ["a blank at the end", { program: "/a " }, "outer blanks"],
    ["a line break", { program: "/a\nTimeout" }, "line break"],
    ["NUL", { program: "/a\0" }, "line break or NUL"],
    ["half a character", { program: "/a\ud800" }, "not well-formed"],
    ["a long job", { job: `/${"x".repeat(108)}` }, "Path of Job of 109 bytes"],
    [
      ", in a path",
      withSources("/a,b"),
      'Source of channel /dev/stdin "/a,b": it has the character ,',
    ],
    ["; in a path", withSources("/a;b"), "it has the character ;"],
    [": in a path", withSources("/a:b"), "it has the character :"],
    ["= in a path", withSources("/a=b"), "it has the character ="],
    ["a relative path", withSources("a"), "the path is not absolute"],
    ["no source", withSources(), "Channel /dev/stdin without a source"],
    [
      "17 sources",
      withSources(...Array<string>(17).fill("/a")),
      "17 sources of channel /dev/stdin",
    ],
    [", in an alias", withAlias("/dev/a,b"), "Alias /dev/a,b"],
    ["an alias that is no text", withAlias("/dev/\xff"), "not UTF-8"],
    ["a timeout beyond 32 bits", { timeoutSeconds: 2 ** 32 + 1 }, "this session"],
    ["half a second", { timeoutSeconds: 0.5 }, "Timeout 0.5: it is not a whole number"],
    ["no time", { timeoutSeconds: Number.NaN }, "Timeout NaN"],
    ["a seed below 0", { seed: -1n }, "this session: Seed is not valid: -1"],
    ["too many bytes", { program: `/${"x".repeat(524_287)}` }, "524287 bytes"],
    [
      "too many lines",
      {
        channels: Array.from({ length: 8189 }, () => ({
          ...PLAIN.channels[0],
          alias: "a",
        })) as never,
      },
      "8193 lines",
    ],
    [
      "a network source that is not what its text says",
      {
        channels: [
          {
            ...(channel as Manifest["channels"][number]),
            sources: [
              {
                kind: "network",
                protocol: "tcp",
                host: { kind: "node", id: 1 },
                port: 2,
                text: "tcp:1:3",
              },
            ],
          },
        ],
      },
      "this session",
    ],
  ])("refuses %s", (_name, change, message) => {
    const format = (): string => formatManifest({ ...PLAIN, ...change });
    expect(format).toThrow(ZvmError);
    expect(format).toThrow(message);
  });

  it("holds the most lines that the text form can", () => {
    const channels = Array.from({ length: 8188 }, (_, index) => ({
      ...(channel as Manifest["channels"][number]),
      alias: `/dev/${index}`,
      limits: { gets: 1n, getBytes: 1n, puts: 0n, putBytes: 0n },
    }));
    expect(parseManifest(formatManifest({ ...PLAIN, channels })).manifest?.channels).toHaveLength(
      8188,
    );
  });
});

const limit = fc.bigInt({ min: 0n, max: 2n ** 63n - 1n });
const path = fc.string({ unit: "grapheme" }).map((name) => `/${name}`);
const networkSource = fc.tuple(fc.nat(2 ** 32 - 1), fc.nat(65_535)).map(([id, port]): Source => {
  const text = `tcp:${id}:${port}`;
  return { kind: "network", protocol: "tcp", host: { kind: "node", id }, port, text };
});
const addressSource = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(65_535))
  .filter(([address]) => !/^[0:.]*$/.test(address))
  .map(([address, port]): Source => {
    const text = `tcp:${address.includes(":") ? `[${address}]` : address}:${port}`;
    return { kind: "network", protocol: "tcp", host: { kind: "address", address }, port, text };
  });
const source = fc.oneof(
  addressSource,
  path.map((name): Source => ({ kind: "path", path: name })),
  networkSource,
);
const names = Object.keys(LIMIT_TABLE) as LimitName[];
const manifests: fc.Arbitrary<Manifest> = fc.record(
  {
    program: fc.string({ unit: "grapheme" }),
    memory: fc.record({ sizeBytes: fc.maxSafeInteger(), etag: fc.boolean() }),
    timeoutSeconds: fc.integer(),
    channels: fc.array(
      fc.record({
        alias: fc.string({ unit: "grapheme" }).map(byteStringOfText),
        type: fc.integer(),
        etag: fc.boolean(),
        limits: fc.record({ gets: limit, getBytes: limit, puts: limit, putBytes: limit }),
        sources: fc.array(source, { minLength: 1, maxLength: 16 }),
      }),
    ),
    node: fc.integer(),
    nameServer: source,
    job: path,
    etag: fc.constantFrom("sha256", "sha1", "md5"),
    fuel: fc.bigInt({ min: 1n, max: 2n ** 63n - 1n }),
    clock: fc.oneof(fc.constant("real" as const), fc.nat(2 ** 32 - 1)),
    seed: fc.oneof(fc.constant("real" as const), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
    limits: fc.dictionary(fc.constantFrom(...names), fc.nat(65_536)),
    key: path,
  },
  { requiredKeys: ["program", "memory", "timeoutSeconds", "channels", "clock", "seed", "limits"] },
);

describe("parse after format", () => {
  it("gives the same manifest, or the form says what it cannot hold", () => {
    let written = 0;
    fc.assert(
      fc.property(manifests, (manifest) => {
        let text: string;
        try {
          text = formatManifest(manifest);
        } catch (error) {
          expect(error).toMatchObject({ code: "ZVM_MANIFEST_UNWRITABLE" });
          return;
        }
        written++;
        const { manifest: back, findings } = parseManifest(text);
        expect(findings.filter((found) => found.severity === "error")).toEqual([]);
        // Written again it is the same text: nothing was lost on the way.
        expect(back && formatManifest(back)).toBe(text);
        const { time, memory, ...others } = manifest.limits;
        expect(back).toMatchObject({ program: manifest.program, limits: others });
        if (time === undefined && memory === undefined && back !== undefined) {
          expect(identity(back)).toBe(identity(manifest));
        }
      }),
      { numRuns: 500 },
    );
    expect(written).toBeGreaterThan(50);
  });
});
