import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where we keep what can be made again: `ZEROVM_CACHE`, or `zerovm` in `XDG_CACHE_HOME`, or in
 * `~/.cache`. Undefined when there is no such place; then nothing is kept. The folder need not
 * exist.
 */
export function cacheFolder(env: Environment = process.env): string | undefined {
  const own = env["ZEROVM_CACHE"];
  if (own !== undefined && own !== "") return isAbsolute(own) ? own : undefined;
  return xdgFolder(env["XDG_CACHE_HOME"], ".cache", env);
}

/** Where a user's own settings are: `zerovm` in `XDG_CONFIG_HOME` or in `~/.config`. */
export function configFolder(env: Environment = process.env): string | undefined {
  return xdgFolder(env["XDG_CONFIG_HOME"], ".config", env);
}

/** Relative paths in these variables are to be ignored, says the XDG specification. */
function xdgFolder(set: string | undefined, name: string, env: Environment): string | undefined {
  if (set !== undefined && isAbsolute(set)) return join(set, "zerovm");
  const home = homeOf(env);
  return home === undefined ? undefined : join(home, name, "zerovm");
}

function homeOf(env: Environment): string | undefined {
  const home = env["HOME"];
  if (home !== undefined && isAbsolute(home)) return home;
  try {
    return homedir();
  } catch {
    return undefined;
  }
}

/**
 * Makes a folder and what is missing above it. The recursive form of `mkdir` in Node never ends
 * where a file system answers ENOENT whatever is made first, as `/proc` does.
 * @throws the error of the host
 */
export function makeHostFolder(path: string, mode = 0o777): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    const parent = dirname(path);
    if (code !== "ENOENT" || parent === path) throw error;
    makeHostFolder(parent, mode);
    mkdirSync(path, { mode });
  }
}
