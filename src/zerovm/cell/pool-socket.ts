import { join } from "node:path";

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
