import { chmodSync } from "node:fs";
import { checked, lastErrorName, libraryCall } from "./call.ts";
import { unixAddress, unixSocket } from "./spawn.ts";

const BACKLOG = 64;
const OWN_MODE = 0o600;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;

/**
 * A socket that listens at `path`, for this user alone. Whoever has a copy of it may accept.
 * @throws HostIoError when there is something of that name, or it cannot be made
 */
export function listenAt(path: string): number {
  const socket = unixSocket(SOCK_NONBLOCK);
  const address = unixAddress(path);
  try {
    const bind = libraryCall("int bind(int fd, void *address, unsigned int size)");
    checked("bind", bind(socket, address, address.length));
    chmodSync(path, OWN_MODE);
    checked("listen", libraryCall("int listen(int fd, int backlog)")(socket, BACKLOG));
    return socket;
  } catch (error) {
    libraryCall("int close(int fd)")(socket);
    throw error;
  }
}

/**
 * A connection that waits to be accepted.
 * @returns undefined where there is none, or it is gone again
 * @throws HostIoError when it is no socket that listens
 */
export function acceptFrom(listener: number): number | undefined {
  const accept = libraryCall("int accept4(int fd, void *address, void *size, int flags)");
  const socket = Number(accept(listener, null, null, SOCK_CLOEXEC));
  if (socket >= 0) return socket;
  return TRANSIENT.includes(lastErrorName()) ? undefined : checked("accept4", socket);
}

const TRANSIENT = ["EAGAIN", "EINTR", "ECONNABORTED", "EMFILE", "ENFILE", "ENOMEM", "ENOBUFS"];
