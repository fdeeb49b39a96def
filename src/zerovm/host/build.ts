import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Of the folder that all bundles are in; it holds the digest of what they were made from. */
const STAMP = ".bundles";

/**
 * Which build of which version this is, in which engine: client and host have to be of the same.
 * @returns undefined where it is not known, as while `dist` is being built
 */
export function buildOf(folder = import.meta.dirname): string | undefined {
  try {
    return `zerovm host ${process.version} ${readFileSync(join(folder, STAMP), "latin1")}`;
  } catch {
    return undefined;
  }
}
