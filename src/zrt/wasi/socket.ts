/** sock_accept, sock_recv, sock_send, sock_shutdown: there are no sockets. */
import { ERRNO, type Errno } from "../../base/index.ts";
import type { Guest } from "./guest.ts";

/**
 * The answer to every socket call.
 *
 * - `EBADF`: `fd` is not open
 * - `ENOTSOCK`: it is, and is no socket
 */
export function refuseSocket(guest: Guest, fd: number): Errno {
  return guest.descriptors.get(fd) === undefined ? ERRNO.EBADF : ERRNO.ENOTSOCK;
}
