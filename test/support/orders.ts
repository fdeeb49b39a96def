import { STANDARD_LIMITS } from "../../src/base/index.ts";
import { tableOf } from "../../src/tar/index.ts";
import type { Order, OrderSource } from "../../src/zerovm/cell/index.ts";

const NEXE: NonNullable<Order["nexe"]> = {
  policy: "nacl",
  regions: [
    { end: 0x1_0000, access: "none" },
    { end: 2 ** 32, access: "rw" },
  ],
  heap: { start: 0x1_0010, end: 0x2_0000 },
  code: { start: 0x1_0000, end: 0x2_0000 },
  hashed: [{ start: 0x1_0000, end: 2 ** 32 }],
  further: {
    program: { fd: 10, sizeBytes: 200 },
    translator: { fd: 11, sizeBytes: 2 ** 30 },
  },
};

const PEERS: readonly OrderSource[] = [
  { kind: "peer", fd: 12, name: "node one", checked: true },
  {
    kind: "peer",
    fd: 13,
    name: "node two",
    keys: { writer: "0".repeat(64), reader: "f".repeat(64) },
  },
];

/** An order in which every part stands at least once. */
export function fullOrder(): Order {
  return {
    version: 8,
    program: { fd: 4, sizeBytes: 123 },
    functionCount: 45,
    limits: STANDARD_LIMITS,
    tier: "optimise",
    precache: true,
    nexe: NEXE,
    freezes: { fd: 6, values: 2, tables: 1 },
    frozen: { clockNs: 2n ** 64n - 1n, entropyBytes: 5n },
    hash: "sha256",
    memoryEtag: true,
    clock: 1_400_000_000,
    seed: 2n ** 64n - 1n,
    channels: [
      {
        alias: "/dev/stdin",
        type: 0,
        etag: false,
        gets: 1n,
        getBytes: 2n ** 63n - 1n,
        puts: 0n,
        putBytes: 0n,
        sizeBytes: 0,
        sources: [{ kind: "stream", fd: 0, interactive: false, writeBehind: false, waits: true }],
      },
      {
        alias: "/dev/\xff",
        type: 3,
        etag: true,
        gets: 9n,
        getBytes: 9n,
        puts: 9n,
        putBytes: 9n,
        sizeBytes: 2 ** 40,
        sources: [
          { kind: "file", fd: 5, readAhead: false, cut: true, resize: [0, 9] },
          { kind: "replayed", of: "file", interactive: false },
          ...PEERS,
        ],
      },
    ],
    args: ["program", "an argument\n"],
    env: [["NAME", "value"]],
    mapping: [{ channel: "/dev/stdin", mode: "char", truncate: false }],
    images: [
      {
        fd: 6,
        sizeBytes: 10_240,
        mountpoint: "/",
        readonly: false,
        meta: "archive",
        isFolder: false,
        members: tableOf([
          {
            path: "a",
            kind: "file",
            mode: 0o644,
            mtimeSeconds: -1,
            mtimeNanos: 5,
            sizeBytes: 3,
            dataOffset: 512,
          },
          {
            path: "b",
            kind: "symlink",
            mode: 0o777,
            mtimeSeconds: 0,
            mtimeNanos: 0,
            sizeBytes: 0,
            dataOffset: 0,
            link: "a",
          },
        ]),
      },
    ],
    exports: [{ channel: 1, mountpoint: "/tmp" }],
    preopens: ["/project"],
    digests: true,
    recording: { fd: 7, bytesMax: 1000, files: true },
    replay: { fd: 8, sizeBytes: 17 },
    traceLog: { fd: 9, bytesMax: 0 },
  };
}

/** Every place in a JSON value, as the keys that lead to it. */
export function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, it]) => placesOf(it, [...path, key]))];
}

/** A copy of a JSON value with another value, or nothing, in one place. */
export function changedAt(value: unknown, path: readonly string[], change: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return change;
  const copy = structuredClone(value) as Record<string, unknown>;
  if (rest.length > 0) copy[key] = changedAt(copy[key], rest, change);
  else if (change !== REMOVED) copy[key] = change;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete copy[key];
  return copy;
}

export const REMOVED = Symbol("removed");
