import { checked, libraryCall } from "../libc/index.ts";

const MS_RDONLY = 1;
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;

/** A folder that every Linux has; only in the cell's own mounts something lies over it. */
const COVERED = "/proc";

/**
 * Makes an empty folder, in memory and read-only, the root of this process, which has mounts of
 * its own. What the engine still needs was loaded before.
 * @throws HostIoError when the host does not let us
 */
export function emptyRoot(): void {
  const mount = libraryCall(
    "int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)",
  );
  const flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  checked("mount", mount("none", COVERED, "tmpfs", flags, "size=4k,nr_inodes=1"));
  checked("chroot", libraryCall("int chroot(const char *path)")(COVERED));
  checked("chdir", libraryCall("int chdir(const char *path)")("/"));
}

const CAPABILITY_VERSION = 0x2008_0522;
const CAPSET_NUMBER = process.arch === "arm64" ? 91 : 126;

/**
 * Gives up what a process may do as the root of a user namespace of its own, in this thread. Other
 * threads lose it with the filter, which lets none of them use it.
 */
export function dropCapabilities(): void {
  const head = new Uint32Array([CAPABILITY_VERSION, 0]);
  const none = new Uint32Array(6);
  const capset = libraryCall("long syscall(long number, void *head, void *data)");
  checked("capset", capset(CAPSET_NUMBER, head, none));
}
