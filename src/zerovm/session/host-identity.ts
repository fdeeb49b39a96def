import { lstatSync, readlinkSync, type Stats, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

/** Links that lead to one another are followed no further, as Linux does. */
const LINKS_MAX = 40;

/**
 * The same text for the same file, whatever names and links lead to it. One that is not there yet
 * is known by its folder and name, also where a link would have it made.
 */
export function identityOf(path: string): string {
  let target = path;
  for (let links = 0; links < LINKS_MAX; links++) {
    const stats = statOf(target);
    if (stats !== undefined) return identityOfStats(stats);
    const next = linkTarget(target);
    if (next === undefined) break;
    target = resolve(dirname(target), next);
  }
  const folder = statOf(dirname(target));
  if (folder === undefined) return target;
  return `${identityOfStats(folder)}/${basename(target)}`;
}

export function identityOfStats({ dev, ino }: Stats): string {
  return `${dev}:${ino}`;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined;
  } catch {
    return undefined;
  }
}
