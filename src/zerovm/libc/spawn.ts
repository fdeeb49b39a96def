import { readdirSync } from "node:fs";
import { HostIoError } from "../../base/index.ts";
import { TextList } from "./c-memory.ts";
import { checked, errorName, libraryCall, libraryCallIfAny } from "./call.ts";

/** A process to be made. */
export interface SpawnRequest {
  readonly path: string;
  /** All words of its command line, the first one included. */
  readonly words: readonly string[];
  /** `NAME=value` each; nothing else is handed down. */
  readonly environment: readonly string[];
  /**
   * What the process has at 0, 1, 2, …: a descriptor of ours, or `/dev/null`. Ours must be above
   * the numbers that they get there.
   */
  readonly descriptors: readonly (number | "null")[];
}

const O_RDWR = 2;
const POSIX_SPAWN_SETSID = 0x80;
/** Both structures are smaller than that in every C library. */
const STRUCTURE_BYTES = 512;

/**
 * Makes a process by `posix_spawn`, in a session of its own, working in `/`. Node's own way copies
 * the tables of our whole memory first, which takes ten times as long.
 * @returns its number
 * @throws HostIoError with the name of the host's error
 */
export function spawnProcess(request: SpawnRequest): number {
  const words = new TextList(request.words);
  const environment = new TextList(request.environment);
  const attributes = new Uint8Array(STRUCTURE_BYTES);
  const actions = new Uint8Array(STRUCTURE_BYTES);
  const pid = new Int32Array(1);
  libraryCall("int posix_spawnattr_init(void *attributes)")(attributes);
  libraryCall("int posix_spawnattr_setflags(void *attributes, short flags)")(
    attributes,
    POSIX_SPAWN_SETSID,
  );
  libraryCall("int posix_spawn_file_actions_init(void *actions)")(actions);
  try {
    describe(actions, request.descriptors);
    const spawn = libraryCall(
      "int posix_spawn(void *pid, const char *path, void *actions, void *attributes, void *words, void *environment)",
    );
    const { path } = request;
    const failed = spawn(pid, path, actions, attributes, words.pointers, environment.pointers);
    if (Number(failed) !== 0) {
      const code = errorName(Number(failed));
      throw new HostIoError(code, `Cannot start ${path}: ${code}`);
    }
    return pid[0] ?? -1;
  } finally {
    libraryCall("int posix_spawn_file_actions_destroy(void *actions)")(actions);
  }
}

function describe(actions: Uint8Array, descriptors: SpawnRequest["descriptors"]): void {
  const open = libraryCall(
    "int posix_spawn_file_actions_addopen(void *actions, int fd, const char *path, int flags, int mode)",
  );
  const duplicate = libraryCall(
    "int posix_spawn_file_actions_adddup2(void *actions, int fd, int as)",
  );
  descriptors.forEach((fd, as) => {
    if (fd === "null") open(actions, as, "/dev/null", O_RDWR, 0);
    else duplicate(actions, fd, as);
  });
  closeOthers(actions, descriptors.length);
  libraryCallIfAny("int posix_spawn_file_actions_addchdir_np(void *actions, const char *path)")?.(
    actions,
    "/",
  );
}

/** Descriptors that somebody opened without a care would be handed down. */
function closeOthers(actions: Uint8Array, from: number): void {
  const closeFrom = libraryCallIfAny(
    "int posix_spawn_file_actions_addclosefrom_np(void *actions, int from)",
  );
  if (closeFrom !== undefined) {
    closeFrom(actions, from);
    return;
  }
  // Older libraries close one by one, and do not mind what is closed already.
  const close = libraryCall("int posix_spawn_file_actions_addclose(void *actions, int fd)");
  for (const fd of readdirSync("/proc/self/fd").map(Number)) if (fd >= from) close(actions, fd);
}

/** How a process ended. */
export interface ProcessEnd {
  readonly status: number | undefined;
  readonly signal: number | undefined;
}

const WNOHANG = 1;

/**
 * Takes note of the end of a process of ours.
 * @returns undefined while it runs; a process that is nobody's ended with neither
 */
export function reapProcess(pid: number): ProcessEnd | undefined {
  const status = new Int32Array(1);
  const wait = libraryCall("int waitpid(int pid, void *status, int options)");
  const got = Number(wait(pid, status, WNOHANG));
  if (got === 0) return undefined;
  if (got < 0) return { status: undefined, signal: undefined };
  const word = status[0] ?? 0;
  const signal = word & 0x7f;
  return signal === 0
    ? { status: (word >> 8) & 0xff, signal: undefined }
    : { status: undefined, signal };
}

const SIGKILL = 9;

/** Ends a process of ours that was not reaped yet. */
export function killProcess(pid: number): void {
  libraryCall("int kill(int pid, int signal)")(pid, SIGKILL);
}

const O_CLOEXEC = 0o2000000;

/** @returns the reading and the writing end of a pipe, closed in every process that we make. */
export function makePipe(): readonly [number, number] {
  const ends = new Int32Array(2);
  checked("pipe2", libraryCall("int pipe2(void *ends, int flags)")(ends, O_CLOEXEC));
  return [aside(ends[0] ?? -1), aside(ends[1] ?? -1)];
}

const AF_UNIX = 1;
const SOCK_STREAM = 1;

/**
 * @returns two connected sockets, closed in every process that we make.
 * @throws HostIoError `EMFILE` where this process may have no more descriptors
 */
export function socketPair(flags = 0): readonly [number, number] {
  const pair = libraryCall("int socketpair(int domain, int type, int protocol, void *ends)");
  const ends = new Int32Array(2);
  checked("socketpair", pair(AF_UNIX, SOCK_STREAM | O_CLOEXEC | flags, 0, ends));
  return [aside(ends[0] ?? -1), aside(ends[1] ?? -1)];
}

const O_NONBLOCK = 0o4000;

/** As `socketPair`, of sockets that never keep anybody waiting. */
export function streamPair(): readonly [number, number] {
  return socketPair(O_NONBLOCK);
}

const F_DUPFD_CLOEXEC = 1030;
/** Above all numbers that a cell finds its descriptors at. */
const FIRST_FREE = 10;

/** A second descriptor of the same, closed in every process that we make. @throws HostIoError */
export function duplicate(fd: number): number {
  const control = libraryCall("int fcntl(int fd, int command, long value)");
  return checked("fcntl", control(fd, F_DUPFD_CLOEXEC, FIRST_FREE));
}

/** A process whose standard streams are closed would get their numbers. */
function aside(fd: number): number {
  if (fd >= FIRST_FREE) return fd;
  const moved = duplicate(fd);
  libraryCall("int close(int fd)")(fd);
  return moved;
}

/** `struct sockaddr_un`: a family in 2 bytes, then the path with its end. */
const ADDRESS_BYTES = 110;

/** @throws HostIoError ENAMETOOLONG */
export function unixAddress(path: string): Uint8Array {
  const address = new Uint8Array(ADDRESS_BYTES);
  const name = Buffer.from(path, "utf8");
  if (name.length > ADDRESS_BYTES - 3) throw new HostIoError("ENAMETOOLONG", `Too long: ${path}`);
  address[0] = AF_UNIX;
  address.set(name, 2);
  return address;
}

/** A socket without an address, closed in every process that we make. @throws HostIoError */
export function unixSocket(flags = 0): number {
  const make = libraryCall("int socket(int domain, int type, int protocol)");
  return aside(checked("socket", make(AF_UNIX, SOCK_STREAM | O_CLOEXEC | flags, 0)));
}

/**
 * A socket connected to the one at `path`, closed in every process that we make.
 * @throws HostIoError when nobody listens there
 */
export function connectTo(path: string): number {
  const address = unixAddress(path);
  const socket = unixSocket();
  try {
    const connect = libraryCall("int connect(int fd, void *address, unsigned int size)");
    checked("connect", connect(socket, address, ADDRESS_BYTES));
    return socket;
  } catch (error) {
    libraryCall("int close(int fd)")(socket);
    throw error;
  }
}
