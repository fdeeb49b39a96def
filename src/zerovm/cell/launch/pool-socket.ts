import { lstatSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Where the pool of this user listens: `ZEROVM_POOL`, or a folder of the user's own that the
 * system makes for such things, or one in `/tmp`.
 */
export function poolSocketPath(): string {
  const { ZEROVM_POOL: chosen, XDG_RUNTIME_DIR: runtimeFolder } = process.env;
  if (chosen !== undefined && chosen !== "") return chosen;
  if (runtimeFolder !== undefined && runtimeFolder !== "") {
    return join(runtimeFolder, "zerovm", "pool.sock");
  }
  return `/tmp/zerovm-${process.getuid?.() ?? 0}/pool.sock`;
}

/** Where the same pool hands out processes that run whole commands. */
export function hostSocketPath(poolPath: string): string {
  return `${poolPath}.run`;
}

/**
 * Whether nobody else may have put a socket at `path`: its folder is ours, and closed to all
 * others.
 */
export function isOwnSocket(path: string): boolean {
  const folder = lstatSync(dirname(path), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true || folder.uid !== process.getuid?.()) return false;
  if ((folder.mode & 0o077) !== 0) return false;
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() === true;
}
