import { createRequire } from "node:module";

/** What we use of koffi, which calls functions of the host's C library. */
export interface Koffi {
  load(path: null): { func(declaration: string): (...values: unknown[]) => unknown };
  /** Where an array lies in memory; it must be kept alive by whoever passes the address on. */
  address(array: ArrayBufferView): bigint;
  errno(): number;
  readonly os: { readonly errno: Readonly<Record<string, number>> };
}

/**
 * Loading the addon itself takes a sixth of the time that its package takes, so that is tried
 * first.
 * @throws Error when there is no koffi for this machine
 */
export function loadKoffi(): Koffi {
  const load = createRequire(import.meta.filename);
  for (const name of addonNames()) {
    try {
      return load(name) as Koffi;
    } catch {
      // Another C library, or another layout of the packages: the next name decides.
    }
  }
  return load("koffi") as Koffi;
}

function addonNames(): string[] {
  const system = `${process.platform}-${process.arch}`;
  const folders = [`${process.platform}_${process.arch}`, `musl_${process.arch}`];
  return folders.map((folder) => `@koromix/koffi-${system}/${folder}/koffi.node`);
}
