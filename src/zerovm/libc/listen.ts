import { chmodSync, renameSync, rmSync } from "node:fs";
import { checked, lastErrorName, libraryCall } from "./call.ts";
import { unixAddress, unixSocket } from "./spawn.ts";

const BACKLOG = 64;
const OWN_MODE = 0o600;
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;

/**
 * A socket that listens at `path`, for this user alone, in place of what was there. Whoever has a
 * copy of it may accept. It gets its name when it listens: nobody who sees it is turned away.
 * @throws HostIoError when it cannot be made
 */
export function listenAt(path: string): number {
  const socket = unixSocket(SOCK_NONBLOCK);
  // As long as the path, which may be as long as a socket's can be; its folder is ours alone.
  const early = `${path.slice(0, -1)}~`;
  try {
    const address = unixAddress(early);
    rmSync(early, { force: true });
    const bind = libraryCall("int bind(int fd, void *address, unsigned int size)");
    checked("bind", bind(socket, address, address.length));
    chmodSync(early, OWN_MODE);
    checked("listen", libraryCall("int listen(int fd, int backlog)")(socket, BACKLOG));
    renameSync(early, path);
    return socket;
  } catch (error) {
    libraryCall("int close(int fd)")(socket);
    rmSync(early, { force: true });
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
