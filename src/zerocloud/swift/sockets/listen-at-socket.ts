import { chmodSync } from "node:fs";
import type { Server } from "node:net";
import { listenAt } from "../../exchange/index.ts";
import { setupError } from "./serving.ts";

const SOCKET_MODE = 0o660;

/** Others of the socket's group may connect: the folder says who gets to it. */
export function openToGroup(path: string): void {
  chmodSync(path, SOCKET_MODE);
}

/**
 * Listens at a Unix socket. One that nobody listens at is replaced; anything else stays.
 * @param flag that named it
 * @throws ZvmError ZVM_SWIFT_SETUP where it cannot be had
 */
export async function listenAtSocket(server: Server, flag: string, path: string): Promise<void> {
  try {
    await listenAt(server, path);
    openToGroup(path);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const inUse = /EADDRINUSE/.test(reason) ? "; something is there already, or listens there" : "";
    throw setupError(flag, `${reason}${inUse}`, cause);
  }
}
