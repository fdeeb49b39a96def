import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What we use of koffi, which calls functions of the host's C library. */
export interface Koffi {
  load(path: null): { func(declaration: string): (...values: unknown[]) => unknown };
  /** Where an array lies in memory; it must be kept alive by whoever passes the address on. */
  address(array: ArrayBufferView): bigint;
  errno(): number;
  /** Bytes of a type of C. */
  sizeof(type: string): number;
  readonly os: { readonly errno: Readonly<Record<string, number>> };
}

/**
 * Loading the addon by its path takes 0.9 ms, by its name a millisecond more, and the whole
 * package six times as long; so they are tried in this order.
 * @throws Error when there is no koffi for this machine
 */
export function loadKoffi(): Koffi {
  loaded ??= findKoffi();
  return loaded;
}

let loaded: Koffi | undefined;

/** Koffi, if this process has needed it by now. */
export function koffiIfLoaded(): Koffi | undefined {
  return loaded;
}

function findKoffi(): Koffi {
  const paths = PACKAGE_FOLDERS.flatMap((folder) => addonNames().map((name) => join(folder, name)));
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const found = attempt(() => openAddon(path));
    if (found !== undefined) return found;
  }
  const load = createRequire(import.meta.filename);
  for (const name of addonNames()) {
    const found = attempt(() => load(name));
    if (found !== undefined) return found;
  }
  return load("koffi") as Koffi;
}

/** Another C library, or another layout of the packages: the next place decides. */
function attempt(load: () => unknown): Koffi | undefined {
  try {
    return load() as Koffi;
  } catch {
    return undefined;
  }
}

/** Where packages are when ours is the one being worked on, and when it is installed. */
const PACKAGE_FOLDERS = ["../node_modules", "../.."].map((path) => join(import.meta.dirname, path));

function openAddon(path: string): unknown {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

function addonNames(): string[] {
  const system = `${process.platform}-${process.arch}`;
  const folders = [`${process.platform}_${process.arch}`, `musl_${process.arch}`];
  return folders.map((folder) => `@koromix/koffi-${system}/${folder}/koffi.node`);
}
