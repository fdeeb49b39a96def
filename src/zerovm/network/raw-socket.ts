/** How a connection leaves Node: as a descriptor that a cell can have. */
import { closeSync } from "node:fs";
import type { Socket } from "node:net";
import { HostIoError } from "../../base/index.ts";
import { duplicate, libraryCall } from "../libc/index.ts";

/**
 * Takes the connection out of Node, which reads nothing of it from here on. Its descriptor does
 * not block, and the kernel watches over the other host.
 * @throws HostIoError where the connection is gone; nothing is left of it then
 */
export function takeDescriptor(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } };
  socket.pause();
  try {
    const fd = handle?.fd ?? -1;
    if (fd < 0) throw new HostIoError("EBADF", "The connection is gone");
    const mine = duplicate(fd);
    watchOver(mine);
    return mine;
  } finally {
    socket.destroy();
  }
}

/** Closes what nobody wants any more. */
export function closeQuietly(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // A connection that the other side broke is closed all the same.
  }
}

const SOL_SOCKET = 1;
const SO_KEEPALIVE = 9;
const SOL_TCP = 6;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_RTO_MAX_MS = 44;

/**
 * A host that vanished is noticed within a minute: where nothing is under way by asking, 20
 * seconds after the last sign and every ten from then on. Where bytes are under way the kernel
 * sends them again, 15 times; Linux from 6.15 on can be told not to wait longer each time, older
 * ones take a quarter of an hour. `TCP_USER_TIMEOUT` would end it sooner, but also the wire to a
 * reader that is there and only computes for a minute.
 */
const OPTIONS = [
  [SOL_TCP, TCP_NODELAY, 1],
  [SOL_SOCKET, SO_KEEPALIVE, 1],
  [SOL_TCP, TCP_KEEPIDLE, 20],
  [SOL_TCP, TCP_KEEPINTVL, 10],
  [SOL_TCP, TCP_KEEPCNT, 4],
  [SOL_TCP, TCP_RTO_MAX_MS, 5000],
] as const;

/** What a kernel does not know is left as it is: the wire works without. */
function watchOver(fd: number): void {
  const set = libraryCall(
    "int setsockopt(int fd, int level, int name, void *value, unsigned int size)",
  );
  for (const [level, name, value] of OPTIONS) set(fd, level, name, new Int32Array([value]), 4);
}
