import { checked, libraryCall } from "./call.ts";

/** Whoever called connect(2) or listen(2) for the other end of a Unix socket. */
export interface Peer {
  /** 0 where it is in a world of processes that we do not see. */
  readonly pid: number;
  readonly uid: number;
}

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;

/**
 * Who is at the other end, as the kernel noted it when the two ends were connected.
 * @throws HostIoError when it is no Unix socket
 */
export function peerOf(socket: number): Peer {
  // `struct ucred`: pid, uid and gid.
  const credentials = new Uint32Array(3);
  const size = new Uint32Array([credentials.byteLength]);
  const get = libraryCall(
    "int getsockopt(int fd, int level, int name, void *value, void *sizeBytes)",
  );
  checked("getsockopt", get(socket, SOL_SOCKET, SO_PEERCRED, credentials, size));
  return { pid: credentials[0] ?? 0, uid: credentials[1] ?? -1 };
}
