import { spawn } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { getSystemErrorMap } from "node:util";
import { printable, ZvmError } from "../../base/index.ts";
import { makeHostFolder } from "../program/index.ts";
import { cachedPrefix, findPackage, type PackageId, type PackagePlaces } from "./find-package.ts";

/** Runs npm; resolves with its exit status and what it wrote to standard error. */
export type RunNpm = (
  args: readonly string[],
  options: { readonly cwd: string; readonly signal?: AbortSignal },
) => Promise<{ readonly status: number; readonly errors: string }>;

export interface FetchOptions {
  readonly places: PackagePlaces;
  /** Called once, before anything is fetched, with a line for the user. */
  readonly onFetch?: (message: string) => void;
  readonly runNpm?: RunNpm;
  readonly signal?: AbortSignal;
}

/** Shown of npm's messages when it fails. */
const SHOWN_LINES = 5;
/** Kept of npm's messages. */
const ERROR_CHARACTERS_MAX = 64 * 1024;

/**
 * Fetches one exact version into our cache, without running any script of it and without its
 * development dependencies. The folder appears in one step: a broken fetch leaves nothing.
 * @returns the folder of the package.
 * @throws ZvmError `ZVM_RUNTIME` when there is no cache, no npm, no network or no such package.
 */
export async function fetchPackage(id: PackageId, options: FetchOptions): Promise<string> {
  const { cacheFolder } = options.places;
  const spec = `${id.packageName}@${id.version}`;
  if (cacheFolder === undefined) {
    const message = `Cannot fetch ${spec}: there is no cache folder; set ZEROVM_CACHE or HOME`;
    throw new ZvmError("ZVM_RUNTIME", message);
  }
  const prefix = cachedPrefix(cacheFolder, id);
  options.onFetch?.(`Fetching ${spec} through npm into ${prefix}`);
  const draft = makeDraft(cacheFolder, spec);
  try {
    await install(spec, draft, options);
    moveInto(draft, prefix);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  const folder = findPackage(id, options.places);
  if (folder !== undefined) return folder;
  throw new ZvmError("ZVM_RUNTIME", `npm installed no ${spec} into ${prefix}`);
}

function makeDraft(cacheFolder: string, spec: string): string {
  const packages = join(cacheFolder, "packages");
  try {
    makeHostFolder(packages, 0o700);
    return mkdtempSync(join(packages, ".fetch-"));
  } catch (error) {
    const { errno } = error as { readonly errno?: number };
    const reason = getSystemErrorMap().get(errno ?? 0)?.[1] ?? String(error);
    const message = `Cannot fetch ${spec}: ${printable(packages)} cannot be written: ${reason}`;
    throw new ZvmError("ZVM_RUNTIME", message, { cause: error });
  }
}

async function install(spec: string, prefix: string, options: FetchOptions): Promise<void> {
  const args = ["install", "--prefix", prefix, "--ignore-scripts", "--no-audit"];
  args.push("--no-fund", "--no-save", "--no-package-lock", "--omit=dev", "--omit=optional");
  args.push("--omit=peer", "--loglevel=error", "--global=false", "--", spec);
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  // The working directory is the new one: settings of the user's project stay out of it.
  const { status, errors } = await (options.runNpm ?? runNpm)(args, { cwd: prefix, ...signal });
  if (status === 0) return;
  const lines = errors.trim().split("\n").slice(0, SHOWN_LINES).map(printable);
  const message = `Cannot fetch ${spec}: npm ended with status ${status}`;
  throw new ZvmError("ZVM_RUNTIME", [message, ...lines].join("\n  "));
}

/** Another process may have been faster; its folder is as good. */
function moveInto(draft: string, prefix: string): void {
  try {
    renameSync(draft, prefix);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === "ENOTEMPTY" || code === "EEXIST") return;
    throw new ZvmError("ZVM_RUNTIME", `Cannot make ${prefix}: ${code}`, { cause: error });
  }
}

const runNpm: RunNpm = (args, { cwd, signal }) =>
  new Promise((resolve, reject) => {
    const aborting = signal === undefined ? {} : { signal };
    const child = spawn("npm", args, { cwd, stdio: ["ignore", "ignore", "pipe"], ...aborting });
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      if (errors.length < ERROR_CHARACTERS_MAX) errors += text;
    });
    child.on("error", (error) => {
      const message = `Cannot run npm: ${error.message}; it comes with Node.js and is needed once`;
      reject(new ZvmError("ZVM_RUNTIME", message, { cause: error }));
    });
    child.on("close", (status) => resolve({ status: status ?? 1, errors }));
  });
