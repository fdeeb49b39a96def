import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { exitingGuest } from "../test/support/guests.ts";
import { makeTree, readTree, temporaryFolders } from "../test/support/temporary-folder.ts";
import * as library from "./index.ts";
import { servePool } from "./zerovm/index.ts";

const newFolder = temporaryFolders();

/** Texts that name nothing on this machine, whatever they are taken for. */
const TEXTS = fc.constantFrom("", "x", "a=b", "\0", "\ud800", "é", "-", "a:b", "x".repeat(300));

/** Any value, as a program without types may give it. */
const ANYTHING = fc.anything({
  key: fc.oneof(TEXTS, fc.constantFrom("path", "kind", "text", "mode", "toString")),
  values: [TEXTS, fc.boolean(), fc.integer(), fc.double(), fc.bigInt(), fc.constant(undefined)],
  maxDepth: 2,
  withNullPrototype: true,
  withMap: true,
  withSet: true,
  withDate: true,
  withTypedArray: true,
  withSparseArray: true,
});

type Path = readonly (string | number)[];

/** The paths of all values in a sample, of the whole first. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const isRecord = Object.getPrototypeOf(value ?? 0) === Object.prototype;
  if (!isRecord && !Array.isArray(value)) return [path];
  const inside = Object.entries(value as object).flatMap(([name, one]) => {
    return pathsOf(one, [...path, name]);
  });
  return [path, ...inside];
}

/** The sample with another value at this path. */
function changed(sample: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(sample)) {
    return sample.map((one, index) => (index === Number(name) ? changed(one, rest, value) : one));
  }
  const record = sample as Record<string, unknown>;
  return { ...record, [name]: changed(record[name], rest, value) };
}

/** Calls with one value of the sample changed, or a name added that nobody knows. */
function callsLike(sample: readonly unknown[]): fc.Arbitrary<unknown[]> {
  const paths = pathsOf(sample).filter((path) => path.length > 0);
  const inside = fc.constantFrom(...paths);
  const added = fc
    .tuple(inside, TEXTS)
    .map(([path, name]): Path => [...path.slice(0, 1), ...(path.length > 1 ? [name] : [])]);
  const places = fc.oneof({ weight: 9, arbitrary: inside }, { weight: 1, arbitrary: added });
  return fc
    .tuple(places, ANYTHING)
    .map(([path, value]) => changed(sample, path, value) as unknown[]);
}

/** What came of a call, where that is what a caller can expect. */
async function outcomeOf(call: () => unknown): Promise<"gave" | "refused"> {
  try {
    await call();
    return "gave";
  } catch (error) {
    if (!(error instanceof library.ZvmError)) throw error;
    expect(Object.keys(library.ERROR_TABLE)).toContain(error.code);
    expect(error.message).not.toBe("");
    return "refused";
  }
}

type AnyFunction = (...values: never[]) => unknown;

interface Sample {
  readonly call: AnyFunction;
  readonly values: readonly unknown[];
}

function world(): { readonly folder: string; readonly samples: Record<string, Sample> } {
  const folder = newFolder();
  const at = (name: string): string => join(folder, name);
  makeTree(folder, { "in.csv": "1,2", "dir/file": "x", "made/": "" });
  writeFileSync(at("p.wasm"), exitingGuest(0));
  const text = `Version = 20130611\nProgram = ${at("p.wasm")}\nMemory = 4096, 0\nTimeout = 1\n`;
  const { manifest } = library.parseManifest(text);
  const { signal } = new AbortController();
  const env = { XDG_CONFIG_HOME: at("none"), XDG_CACHE_HOME: at("none"), HOME: at("none") };
  const runtimes = { cwd: folder, env, onFetch: () => undefined, signal };
  const options = {
    program: at("p.wasm"),
    args: ["a"],
    env: { A: "b" },
    read: [{ path: at("in.csv"), alias: "x" }],
    write: [{ path: at("out") }],
    folders: [{ host: at("dir"), guest: "/g", mode: "cow" }],
    images: [{ path: at("o.tar"), mountpoint: "/i", mode: "export" }],
    channels: [`${at("in.csv")}, /dev/c, 3, 0, 1, 1, 0, 0`],
    node: 1,
    nameServer: "udp:127.0.0.1:9",
    keyFile: at("job.key"),
    timeoutSeconds: 5,
    fuel: 5n,
    memoryBytes: 2 ** 20,
    limits: { "fs-bytes": 1, stack: 1000 },
    clock: 0,
    seed: 0n,
    etag: "md5",
    signal,
    runtimes,
  };
  const streams = { stdin: { text: "" }, stdout: "collect", stderr: "ignore" };
  const session = { substitutes: new Map(), needed: [{ role: "r", path: at("in.csv") }], signal };
  const missing = { ...options, program: at("none.wasm") };
  const report = {
    classic: { validator: 0, daemon: 0, userCode: 0, exitCode: 0, state: "ok" },
    times: { systemMs: 0, userMs: 0 },
    channels: [
      { alias: "/dev/i", hostReads: 0, hostReadBytes: 0, hostWrites: 0, hostWriteBytes: 0 },
    ],
    etags: [{ alias: "/dev/stdin", hex: "00" }],
    hits: [{ limit: "fs-bytes", channel: "/dev/stdin" }],
    fuel: { used: 1n, limit: 2n },
    denied: [{ path: "/x", wanted: "read" }],
  };
  const refused = { kind: "refused", findings: [{ severity: "error", errorCode: "ZVM_FILE" }] };
  const wanted = { name: "x", package: "none", file: "y", args: ["z"], env: { A: "b" } };
  const part = { hostPath: at("in.csv"), name: "n" };
  const building = { mtimeSeconds: 0, gzip: false, imageBytes: 2 ** 20, membersMax: 9, signal };
  const samples: Record<string, Sample> = {
    run: {
      call: (given: unknown) => library.run(judgedOnly(given, "dryRun") as library.RunOptions),
      values: [{ ...options, ...streams, isolation: "full", verify: false, record: at("rec") }],
    },
    prepare: { call: library.prepare, values: [{ ...missing, size: 1, queueMax: 1 }] },
    preparedPool: { call: library.preparedPool, values: [{ ...missing, size: 1, queueMax: 1 }] },
    programPool: {
      call: library.programPool,
      values: [{ program: missing.program, size: 1, queueMax: 1, limits: { table: 1 } }],
    },
    freeze: { call: library.freeze, values: [{ ...missing, output: at("f"), initialiser: "i" }] },
    startDaemon: {
      call: (given: unknown) => {
        return library.startDaemon(judgedOnly(given, "judgeOnly") as library.DaemonRequest);
      },
      values: [{ text, ...session, cells: 1 }],
    },
    executeManifest: {
      call: (given: unknown) => {
        return library.executeManifest(judgedOnly(given, "judgeOnly") as library.ManifestRequest);
      },
      values: [{ text, ...session }],
    },
    runSession: {
      call: (given: unknown) => {
        return library.runSession(judgedOnly(given, "judgeOnly") as library.SessionRequest);
      },
      values: [{ manifest: { ...manifest }, findings: [], ...session }],
    },
    replay: { call: library.replay, values: [{ path: at("none"), timeoutSeconds: 1, signal }] },
    inspect: { call: library.inspect, values: [at("p.wasm"), { memoryBytes: 1, runtimes }] },
    parseManifest: { call: library.parseManifest, values: [text] },
    formatManifest: { call: library.formatManifest, values: [{ ...manifest }] },
    checkText: { call: library.checkText, values: [new TextEncoder().encode(text), "manifest"] },
    buildImage: {
      call: (parts: unknown, file: unknown, how: unknown) => {
        const inside = typeof file === "string" && file !== "" ? join(folder, "made", file) : file;
        return library.buildImage(
          parts as library.ImagePart[],
          inside as string,
          how as library.BuildOptions,
        );
      },
      values: [[part], "i.tar", building],
    },
    addToImage: { call: library.addToImage, values: [at("none.tar"), [part], building] },
    listImage: { call: library.listImage, values: [at("none.tar"), { imageBytes: 1 }] },
    listRuntimes: { call: library.listRuntimes, values: [runtimes] },
    addRuntime: { call: library.addRuntime, values: [wanted, runtimes] },
    removeRuntime: { call: library.removeRuntime, values: ["x", runtimes] },
    formatReportText: { call: library.formatReportText, values: [report] },
    formatReportJson: { call: library.formatReportJson, values: [report, 2] },
    exitStatusOf: { call: library.exitStatusOf, values: [refused] },
    formatDiagnostic: {
      call: library.formatDiagnostic,
      values: ["f", { severity: "error", message: "m", line: 1, column: 2 }],
    },
    CellPool: {
      call: (given: unknown) => new library.CellPool(given as library.PoolOptions).close(),
      values: [{ size: "many", queueMax: 1, idleSeconds: 1, isolation: "weak" }],
    },
    SwiftClient: {
      call: (given: unknown) =>
        new library.SwiftClient(given as library.SwiftClientOptions).close(),
      values: [
        {
          credentials: { kind: "v1", authUrl: "http://h", user: "a:u", key: "k" },
          timeoutMs: 1,
          retriesMax: 1,
          backOffMs: 1,
        },
      ],
    },
    servePool: { call: servePool, values: [{}, "path"] },
  };
  return { folder, samples };
}

/** Whatever else was asked for, nothing runs. */
function judgedOnly(given: unknown, name: string): unknown {
  const isRecord = Object.getPrototypeOf(given ?? 0) === Object.prototype;
  return isRecord ? { ...(given as object), [name]: true } : given;
}

const NAMES = Object.keys(world().samples);

describe("values of all kinds", () => {
  test.each(NAMES)("%s gives, or refuses with an error of ours", async (name) => {
    const { folder, samples } = world();
    const { call, values } = samples[name] ?? { call: () => undefined, values: [] };
    const before = Object.keys(readTree(folder));
    const property = fc.asyncProperty(callsLike(values), async (given) => {
      await outcomeOf(() => call(...(given as never[])));
    });
    await fc.assert(property, { numRuns: 300 });
    const made = Object.keys(readTree(folder)).filter((path) => !before.includes(path));
    expect(made.filter((path) => !path.startsWith("made/"))).toEqual([]);
  });

  const NEEDING = NAMES.filter((name) => name !== "listRuntimes");

  test.each(NEEDING)("%s refuses nothing at all, null and a number", async (name) => {
    const call = world().samples[name]?.call;
    for (const given of [[], [null], [5]]) {
      expect(await outcomeOf(() => call?.(...(given as never[])))).toBe("refused");
    }
  });

  test("every function of the library is among them", () => {
    const functions = Object.entries(library).filter(([, value]) => typeof value === "function");
    const names = functions.map(([name]) => name).filter((name) => !/Error$/.test(name));
    expect([...NAMES].sort()).toEqual([...names, "servePool"].sort());
  });
});
