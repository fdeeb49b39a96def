import { readdir } from "node:fs/promises";
import type { ServerConfig } from "../config/index.ts";
import { tryAddress } from "../exchange/index.ts";

/**
 * Tries the address before a new store is made, so that a port that is taken leaves none behind.
 * One that is there is opened first: that another server has it says more.
 * @throws ZvmError ZVM_HTTP_LISTEN
 */
export async function judgeStart({ data, host, port }: ServerConfig): Promise<void> {
  if (data === undefined || port === 0) return;
  const names = await readdir(data).catch((error: unknown) => {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isMissing ? [] : undefined;
  });
  if (names?.length === 0) await tryAddress(host, port);
}
