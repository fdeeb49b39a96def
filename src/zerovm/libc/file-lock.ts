import { checked, lastErrorName, libraryCall } from "./call.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks an open file for this process alone. The kernel takes the lock away when the last
 * descriptor of this opening is closed, and so also when the process is killed.
 * @returns false where another process holds it
 * @throws HostIoError where the file system has no locks
 */
export function lockFile(fd: number): boolean {
  const flock = libraryCall("int flock(int fd, int operation)");
  const result = flock(fd, LOCK_EX | LOCK_NB);
  // EWOULDBLOCK is another name of it.
  if (Number(result) < 0 && lastErrorName() === "EAGAIN") return false;
  checked("flock", result);
  return true;
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;

/** Keeps a descriptor from programs that this process starts. */
export function keepFromChildren(fd: number): void {
  const fcntl = libraryCall("int fcntl(int fd, int command, int value)");
  checked("fcntl", fcntl(fd, F_SETFD, FD_CLOEXEC));
}
