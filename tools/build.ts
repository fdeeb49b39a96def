/**
 * Builds `dist/`: the command line, the cell and the library as bundles, and the library's types.
 *
 * `--if-stale` builds only what is older than its sources, `--bundles` leaves out the types.
 * Files are put in place by renaming, so that a process that starts meanwhile finds a whole one.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { type BuildOptions, type BuildResult, build, type Plugin } from "esbuild";
import { codeFiles, storeCode } from "./store-code.ts";

interface Bundle {
  readonly entry: string;
  /** Path below `dist/`, without its ending. */
  readonly name: string;
  readonly options: BuildOptions;
}

/** Packages outside the bundles: they carry native code, or few commands need them. */
const EXTERNAL = ["koffi", "lmdb", "pino", "prom-client", "yaml", "@dagrejs/dagre"];

/** CommonJS starts 4 to 10 ms sooner than ES modules do, on Node 20, 24 and 26 alike. */
const COMMON_JS: BuildOptions = {
  format: "cjs",
  // The engine reads a file before it runs it, a millisecond for every 50 KB.
  minify: true,
  outExtension: { ".js": ".cjs" },
  // `import()` of a module of Node's would start the loader of ES modules.
  supported: { "dynamic-import": false },
  define: { "import.meta.dirname": "__dirname", "import.meta.filename": "__filename" },
};

export const BUNDLES: readonly Bundle[] = [
  {
    entry: "src/cli/main.ts",
    name: "cli",
    options: COMMON_JS,
  },
  { entry: "src/cli/main-run.ts", name: "cli-run", options: COMMON_JS },
  { entry: "src/cli/main-client.ts", name: "client", options: COMMON_JS },
  { entry: "src/cli/main-host.ts", name: "host", options: COMMON_JS },
  { entry: "src/zerovm/cell/ahead.ts", name: "ahead", options: COMMON_JS },
  {
    entry: "src/zerovm/cell/main.ts",
    name: "cell",
    options: COMMON_JS,
  },
  { entry: "src/zerovm/doctor/probe.ts", name: "probe", options: COMMON_JS },
  { entry: "src/zerovm/program/nexe-tools.ts", name: "nexe", options: COMMON_JS },
  { entry: "src/zerocloud/run/program-thread.ts", name: "program", options: COMMON_JS },
  { entry: "src/index.ts", name: "index", options: { format: "esm" } },
];

export interface BundleRequest {
  /** Builds what can be built, and names the rest, instead of failing for the first trouble. */
  readonly tolerant: boolean;
  /** Builds nothing when `dist` was made from these very sources. */
  readonly ifStale: boolean;
}

/**
 * Builds the bundles below `root`.
 * @returns one line that says what was done
 * @throws Error naming the entries that do not exist, or what cannot be bundled
 */
export async function buildBundles(root: string, request: BundleRequest): Promise<string> {
  const missing = BUNDLES.filter((bundle) => !existsSync(join(root, bundle.entry)));
  if (missing.length > 0 && !request.tolerant) {
    const entries = missing.map((bundle) => bundle.entry).join(", ");
    throw new Error(`Cannot build dist: there is no ${entries}`);
  }
  const hash = hashSources(root);
  const stamp = join(root, "dist", ".bundles");
  if (request.ifStale && isFresh(stamp, hash)) {
    // Another Node than the one that built has code of its own.
    if (!codeFiles(root).every((path) => existsSync(path))) await storeCode(root);
    return "dist is up to date";
  }
  rmSync(stamp, { force: true });
  const ended = await Promise.allSettled(BUNDLES.map((bundle) => buildBundle(root, bundle, hash)));
  const failures = ended.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  if (failures.length > 0 && !request.tolerant) throw failures[0];
  const built = ended.map((end) => (end.status === "fulfilled" ? end.value : []));
  install(root, [...built.flat(), ...guestFiles(root)]);
  if (failures.length === 0) {
    await storeCode(root);
    putInPlace(stamp, Buffer.from(hash));
  }
  const names = BUNDLES.map((bundle, index) => describeBundle(bundle, built[index] ?? []));
  return `built ${names.join(", ")}`;
}

function describeBundle(bundle: Bundle, files: readonly Output[]): string {
  if (files.length === 0) return `NOT dist/${bundle.name}`;
  const bytes = files.reduce((sum, file) => sum + file.contents.length, 0);
  return `dist/${bundle.name} (${Math.ceil(bytes / 1024)} KiB)`;
}

/** The C of our own that nexe programs are made with: what `zerovm cc` compiles. */
function guestFiles(root: string): Output[] {
  const folder = join(root, "src", "nacl", "libc");
  return (existsSync(folder) ? filesBelow(folder) : []).map((path) => ({
    path: join(root, "dist", "guest", relative(folder, path)),
    contents: readFileSync(path),
  }));
}

function install(root: string, files: readonly Output[]): void {
  mkdirSync(join(root, "dist"), { recursive: true });
  for (const file of files) putInPlace(file.path, file.contents);
  removeOthers(join(root, "dist"), new Set(files.map((file) => file.path)));
}

/**
 * Our modules do nothing when they are loaded, the entries excepted: a module of which nothing is
 * used stays out of a bundle, also where an `index.ts` names it.
 */
const PURE_MODULES: Plugin = {
  name: "pure-modules",
  setup(bundler) {
    bundler.onResolve({ filter: /^\.{1,2}\/.*\.ts$/ }, ({ path, resolveDir, kind }) => {
      return kind === "entry-point"
        ? undefined
        : { path: join(resolveDir, path), sideEffects: false };
    });
  },
};

/** Bundles that others load when they need them, by the module that is their entry. */
const LOADED_LATER: Plugin = {
  name: "loaded-later",
  setup(bundler) {
    bundler.onResolve({ filter: /\/nexe-tools\.ts$/ }, ({ kind }) => {
      return kind === "dynamic-import" ? { path: "./nexe.cjs", external: true } : undefined;
    });
  },
};

interface Output {
  readonly path: string;
  readonly contents: Uint8Array;
}

async function buildBundle(root: string, bundle: Bundle, hash: string): Promise<Output[]> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: { [bundle.name]: bundle.entry },
    outdir: "dist",
    bundle: true,
    platform: "node",
    target: "node20.19",
    external: EXTERNAL,
    metafile: true,
    write: false,
    legalComments: "none",
    logLevel: "warning",
    ...bundle.options,
    // Two processes of one build know each other by it.
    define: { ...bundle.options.define, ZEROVM_BUILD: JSON.stringify(hash) },
    plugins: [LOADED_LATER, PURE_MODULES],
  });
  refuseOddities(bundle, result);
  return (result.outputFiles ?? []).map((file) => ({ path: file.path, contents: file.contents }));
}

/** A warning of the bundler is a defect here, and so is a package that was bundled unnoticed. */
function refuseOddities(bundle: Bundle, result: BuildResult): void {
  const warning = result.warnings[0];
  if (warning !== undefined) throw new Error(`Cannot build ${bundle.name}: ${warning.text}`);
  const foreign = Object.keys(result.metafile?.inputs ?? {}).find((path) =>
    path.includes("node_modules/"),
  );
  if (foreign !== undefined) throw new Error(`Cannot build ${bundle.name}: it takes in ${foreign}`);
}

function putInPlace(path: string, contents: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, contents);
  renameSync(temporary, path);
}

/** Removes what an earlier build left, the types excepted: they are written by the compiler. */
function removeOthers(dist: string, kept: ReadonlySet<string>): void {
  for (const path of filesBelow(dist)) {
    if (path.startsWith(join(dist, "types")) || path.endsWith(".new")) continue;
    if (!kept.has(path) && path !== join(dist, ".types")) rmSync(path, { force: true });
  }
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => resolve(entry.parentPath, entry.name)).sort();
}

/** Emits the declarations of the library. @throws Error when the sources do not type-check */
export function emitTypes(root: string, ifStale: boolean): string {
  const hash = hashSources(root);
  const stamp = join(root, "dist", ".types");
  if (ifStale && isFresh(stamp, hash)) return "dist/types is up to date";
  rmSync(stamp, { force: true });
  rmSync(join(root, "dist", "types"), { recursive: true, force: true });
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const run = spawnSync(process.execPath, [compiler, "-p", "tsconfig.types.json"], {
    cwd: root,
    stdio: "inherit",
  });
  if (run.status !== 0) throw new Error("Cannot build dist/types: the sources have type errors");
  putInPlace(stamp, Buffer.from(hash));
  return "built dist/types";
}

function isFresh(stamp: string, hash: string): boolean {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === hash;
}

/** A digest over all that `dist` is made from; contents, since times of a checkout say nothing. */
function hashSources(root: string): string {
  const hash = createHash("sha256");
  const settings = ["package.json", "package-lock.json", "tsconfig.json", "tsconfig.types.json"];
  const sources = filesBelow(join(root, "src")).filter((path) => !path.endsWith(".test.ts"));
  const inputs = [...settings, "tools/build.ts"].map((name) => join(root, name));
  for (const path of [...inputs, ...sources]) {
    hash.update(`${relative(root, path)}\0`);
    hash.update(existsSync(path) ? readFileSync(path) : "");
    hash.update("\0");
  }
  return hash.digest("hex");
}

export async function main(args: readonly string[]): Promise<number> {
  const known = ["--if-stale", "--bundles"];
  const unknown = args.find((arg) => !known.includes(arg));
  if (unknown !== undefined) {
    throw new Error(`Unknown option ${unknown}; there are ${known.join(" and ")}`);
  }
  const root = process.cwd();
  const ifStale = args.includes("--if-stale");
  console.log(await buildBundles(root, { tolerant: false, ifStale }));
  if (!args.includes("--bundles")) console.log(emitTypes(root, ifStale));
  return 0;
}
