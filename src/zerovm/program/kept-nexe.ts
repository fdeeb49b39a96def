/** Modules that Native Client programs became, kept so that each is translated once. */
import { closeSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NexePolicy } from "../../nacl/elf/index.ts";
import { boundKept } from "./bound-kept.ts";
import { sha256OfFile } from "./content-hash.ts";
import { cacheFolder } from "./host-folders.ts";
import { readKept, writeKept } from "./kept-file.ts";

/** Raised whenever other programs are accepted, or are translated to other bytes. */
export const NEXE_VERSION = 11;

/** Larger modules are not kept. */
const MODULE_BYTES_MAX = 2 ** 28;
const DIGEST_BYTES = 32;

/** What a program is judged by, and how it is translated. */
export interface NexeRules {
  readonly policy: NexePolicy;
  /** Whether each store is checked. */
  readonly strictMemory: boolean;
}

/** What a program became at an earlier start. */
export interface KeptNexe {
  /** Where it is kept, which tells contents, rules and version. */
  readonly place: string;
  readonly module: Uint8Array;
}

/** The module of the program behind a path; undefined where none is kept, or it is damaged. */
export function findKeptNexe(path: string, rules: NexeRules): KeptNexe | undefined {
  try {
    const fd = openSync(path, "r");
    try {
      const place = keptPlace({ fd, path }, rules);
      const module = place === undefined ? undefined : readKeptNexe(place);
      return place === undefined || module === undefined ? undefined : { place, module };
    } finally {
      closeSync(fd);
    }
  } catch {
    // Whoever opens it next says why it cannot be.
    return undefined;
  }
}

/** Where the module of a program is kept; undefined where there is no cache. */
export function keptPlace(
  { fd, path }: { readonly fd: number; readonly path: string },
  { policy, strictMemory }: NexeRules,
): string | undefined {
  const folder = cacheFolder();
  if (folder === undefined) return undefined;
  const hash = sha256OfFile(fd, path, { cacheFolder: folder });
  const kind = strictMemory ? `${policy}-strict` : policy;
  return join(folder, "translated", `${hash}-${kind}-${NEXE_VERSION}`);
}

/** Keeps a module with its digest. */
export function keepNexe({ place, module }: KeptNexe): void {
  if (writeKept(place, [digestOf(module), module])) boundKept(dirname(place));
}

/** The module at a place; undefined where there is none, or a damaged one: it is made again. */
export function readKeptNexe(place: string): Uint8Array | undefined {
  const bytes = readKept(place, MODULE_BYTES_MAX);
  const module = bytes?.subarray(DIGEST_BYTES);
  if (bytes === undefined || module === undefined || module.length === 0) return undefined;
  const isWhole = Buffer.compare(digestOf(module), bytes.subarray(0, DIGEST_BYTES)) === 0;
  return isWhole ? module : undefined;
}

function digestOf(module: Uint8Array): Uint8Array {
  return process.getBuiltinModule("node:crypto").createHash("sha256").update(module).digest();
}
