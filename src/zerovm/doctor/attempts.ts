import { lastErrorName, libraryCall } from "../libc/index.ts";
import type { WallName } from "../walls/index.ts";

/** What a probe is told on its command line. */
export interface ProbeTask {
  /** The walls that are to be tried. */
  readonly walls: readonly TriedWall[];
  /** The process of the host. */
  readonly pid: number;
  /** The number of memory that the host shares. */
  readonly memory: number;
  /** Does nothing once it is locked, for ever. */
  readonly waits?: true;
}

/** The lifeline is tried from outside. */
export type TriedWall = Exclude<WallName, "lifeline">;

/** What was tried, and what came of it; `done` when nothing stopped it. */
export type Attempt = (task: ProbeTask) => string;

const DONE = "done";
const AF_INET = 2;
const SOCK_STREAM = 1;
const IPC_STAT = 2;

function named(result: unknown): string {
  return Number(result) >= 0 ? DONE : lastErrorName();
}

/** Whether a port can be reached at all: that nobody listens there is an answer of a network. */
function connect(): string {
  const socket = Number(
    libraryCall("int socket(int family, int type, int protocol)")(AF_INET, SOCK_STREAM, 0),
  );
  if (socket < 0) return lastErrorName();
  // Port 1, in the order of networks.
  const address = Uint8Array.of(AF_INET, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  const call = libraryCall("int connect(int socket, void *address, unsigned int size)");
  return named(call(socket, address, address.length));
}

/** A child, should there be one, is gone before it does anything. */
function fork(): string {
  const pid = Number(libraryCall("int fork()")());
  if (pid === 0) libraryCall("void _exit(int status)")(0);
  return named(pid);
}

/** One thing that each wall is there to stop, harmless where nothing does. */
export const ATTEMPTS: Readonly<Record<TriedWall, Attempt>> = {
  seccomp: () => named(libraryCall("int getppid()")()),
  user: () => named(libraryCall("int chroot(const char *path)")("/")),
  network: connect,
  processes: ({ pid }) => named(libraryCall("int kill(int pid, int signal)")(pid, 0)),
  ipc: ({ memory }) => {
    const call = libraryCall("int shmctl(int id, int command, void *into)");
    return named(call(memory, IPC_STAT, new Uint8Array(512)));
  },
  files: () => named(libraryCall("int access(const char *path, int mode)")("/etc", 0)),
  rlimits: fork,
};

/** What each attempt is, and what it is answered where the wall stands. */
export const EXPECTED: Readonly<Record<TriedWall, readonly [attempt: string, answer: string]>> = {
  seccomp: ["a system call that is not in the list", "SIGSYS"],
  user: ["a new root directory", "EPERM"],
  network: ["a connection to this machine", "ENETUNREACH"],
  processes: ["a signal to the host's process", "ESRCH"],
  ipc: ["a look at shared memory of the host", "EINVAL"],
  files: ["a look at /etc", "ENOENT"],
  rlimits: ["another process", "EAGAIN"],
};
