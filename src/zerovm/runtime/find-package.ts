import { readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** Where packages are looked for. */
export interface PackagePlaces {
  /** `node_modules` here and in every folder above; the user's project. */
  readonly cwd: string;
  /** As `cwd`, for our own installation. */
  readonly ownFolder: string;
  /** Our cache, with what we fetched ourselves. */
  readonly cacheFolder: string | undefined;
}

export interface PackageId {
  readonly packageName: string;
  readonly version: string;
}

/** The folder of this file, from where our own `node_modules` is found. */
export function ownFolder(): string {
  return import.meta.dirname;
}

/** Where a fetched package is in the cache; each version in a folder of its own. */
export function cachedPrefix(cacheFolder: string, id: PackageId): string {
  return join(cacheFolder, "packages", `${id.packageName.replace("/", "+")}@${id.version}`);
}

/**
 * The folder of the installed package, in exactly this version: in the user's project, beside
 * ourselves, or in our cache. Other versions are passed over.
 */
export function findPackage(id: PackageId, places: PackagePlaces): string | undefined {
  const modules = [...modulesAbove(places.cwd), ...modulesAbove(places.ownFolder)];
  if (places.cacheFolder !== undefined) {
    modules.push(join(cachedPrefix(places.cacheFolder, id), "node_modules"));
  }
  return modules
    .map((folder) => join(folder, id.packageName))
    .find((folder) => versionOf(folder) === id.version);
}

function modulesAbove(start: string): string[] {
  const folders: string[] = [];
  for (let at = resolve(start); ; at = dirname(at)) {
    folders.push(join(at, "node_modules"));
    if (dirname(at) === at) return folders;
  }
}

function versionOf(folder: string): unknown {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    return (JSON.parse(text) as { version?: unknown }).version;
  } catch {
    return undefined;
  }
}

/** Whether there is a regular file. */
export function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
