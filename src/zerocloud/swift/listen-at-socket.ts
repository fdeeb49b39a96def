import { once } from "node:events";
import type { Server } from "node:net";
import { listenAt } from "../../zerovm/libc/index.ts";
import { setupError } from "./serving.ts";

/** Others of the socket's group may connect: the folder says who gets to it. */
const SOCKET_MODE = 0o660;

/**
 * Listens at a Unix socket, in place of what was there.
 * @param flag that named it
 * @throws ZvmError ZVM_SWIFT_SETUP where it cannot be had
 */
export async function listenAtSocket(server: Server, flag: string, path: string): Promise<void> {
  try {
    server.listen({ fd: listenAt(path, SOCKET_MODE) });
    await once(server, "listening");
  } catch (cause) {
    throw setupError(flag, `${path}: ${cause instanceof Error ? cause.message : cause}`, cause);
  }
}
