/** For tests: sources of channels that lead to other sessions on this host. */
import type { Source } from "../../src/zerovm/manifest/index.ts";

export const LOCAL = "127.0.0.1";

/** A reader's own address, or the one at which a writer finds its reader. */
export function sourceAt(port: number, address = LOCAL): Source {
  const text = `tcp:${address.includes(":") ? `[${address}]` : address}:${port}`;
  return { kind: "network", protocol: "tcp", host: { kind: "address", address }, port, text };
}
