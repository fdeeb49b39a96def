import { closeSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { assert, HostIoError } from "../../base/index.ts";
import { checked, leaveAtOnce, libraryCall, loadKoffi, loadPoll, signalOn } from "../libc/index.ts";
import { dropCapabilities, emptyRoot } from "./empty-root.ts";
import { filterProgram, type Machine } from "./filter.ts";
import { NAMESPACE_WALLS } from "./namespaces.ts";
import { CELL_USER, LIFELINE_FD, type LockPlan, STOP_FD, type WallName } from "./plan.ts";
import { limitCell } from "./rlimits.ts";
import { SYSTEM_CALLS } from "./system-calls.ts";

const SIGINT = 2;
const SIGKILL = 9;

const PR_SET_PDEATHSIG = 1;
const PR_SET_DUMPABLE = 4;
const PR_SET_NO_NEW_PRIVS = 38;
const SET_MODE_FILTER = 1;
/** All threads of the process get the filter, or none does. */
const FLAG_ALL_THREADS = 1;
const SECCOMP_NUMBER: Readonly<Record<Machine, number>> = { x64: 317, arm64: 277 };

/**
 * Locks this process, in the order in which each step still has what it needs. There is no way
 * back.
 * @param standing gets the name of each wall as soon as it stands
 * @param onMissing is told of a wall that was planned and cannot be built; the others are built if
 *   it returns
 */
export function lockCell(
  plan: LockPlan,
  standing: WallName[],
  onMissing: (reason: HostIoError) => void,
): void {
  const build = (wall: WallName, step: () => void): void => {
    if (plan.without.includes(wall)) return;
    try {
      step();
      standing.push(wall);
    } catch (error) {
      if (!(error instanceof HostIoError)) throw error;
      onMissing(error);
    }
  };
  closeRings();
  if (plan.hasNamespaces) {
    // They were made before this process began.
    for (const wall of NAMESPACE_WALLS) build(wall, () => undefined);
    build("files", emptyRoot);
  }
  if (plan.changesUser || plan.hasNamespaces) build("user", () => becomeNobody(plan));
  build("rlimits", limitCell);
  prctl(PR_SET_DUMPABLE, 0);
  build("lifeline", () => listenForTheEnd(plan));
  // Asks the session to end in order, through a pipe, so that no process needs its number.
  signalOn(STOP_FD, SIGINT);
  build("seccomp", loadFilter);
}

function becomeNobody({ changesUser }: LockPlan): void {
  if (changesUser) {
    // The C library does this for all threads at once.
    checked("setgroups", libraryCall("int setgroups(size_t count, void *list)")(0, null));
    checked("setgid", libraryCall("int setgid(unsigned int id)")(CELL_USER));
    checked("setuid", libraryCall("int setuid(unsigned int id)")(CELL_USER));
  } else {
    dropCapabilities();
  }
}

/**
 * The host holds the other end of a pipe open as long as the cell is to live. In a namespace of
 * its own the cell is the first process, which such a signal cannot end: there the host has it
 * sent to the process between, see `tieLifeline`, and the death signal of that one ends the cell.
 */
function listenForTheEnd({ hasNamespaces }: LockPlan): void {
  if (!hasNamespaces) signalOn(LIFELINE_FD, SIGKILL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  // No signal tells of what happened before.
  if (loadPoll()?.(LIFELINE_FD, 0, 0) === true) leaveAtOnce(0);
}

/**
 * The host's part of the lifeline of a cell in namespaces: the process that made them is killed
 * when nobody holds the other end any more.
 * @param fd the cell's end of the pipe
 * @param pid the process that was started
 */
export function tieLifeline(fd: number, pid: number): void {
  signalOn(fd, SIGKILL, pid);
}

function prctl(option: number, value: number): void {
  const call = libraryCall(
    "int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)",
  );
  checked("prctl", call(option, value, 0, 0, 0));
}

/** The kernel's filter over all threads. */
function loadFilter(): void {
  const machine = machineOf(process.arch);
  if (machine === undefined) throw new HostIoError("ENOSYS", `No filter for ${process.arch}`);
  const filter = filterProgram(SYSTEM_CALLS, machine, process.pid);
  const head = new DataView(new ArrayBuffer(16));
  head.setUint16(0, filter.length / 8, true);
  head.setBigUint64(8, addressOf(filter), true);
  prctl(PR_SET_NO_NEW_PRIVS, 1);
  const seccomp = libraryCall("long syscall(long number, long mode, long flags, void *program)");
  const bytes = new Uint8Array(head.buffer);
  const unwilling = checked(
    "seccomp",
    seccomp(SECCOMP_NUMBER[machine], SET_MODE_FILTER, FLAG_ALL_THREADS, bytes),
  );
  if (unwilling !== 0) throw new HostIoError("EBUSY", `Thread ${unwilling} takes no filter`);
  // Alive until here, whatever the engine thinks.
  assert(filter.length > 0, "the filter is empty");
}

/** The machine that a filter can be written for, if this is one. */
export function machineOf(architecture: string): Machine | undefined {
  return architecture === "x64" || architecture === "arm64" ? architecture : undefined;
}

function addressOf(bytes: Uint8Array): bigint {
  return loadKoffi().address(bytes);
}

/**
 * Newer Nodes have rings for asynchronous calls, which the filter does not see into. None of them
 * polls by itself (we start Node so), and without its descriptor and the call that enters it a ring
 * is dead. The thread for delayed tasks must have done its first turn, which uses its ring.
 */
function closeRings(): void {
  const rings = readdirSync("/proc/self/fd").map(Number).filter(isRing);
  if (rings.length === 0) return;
  waitForDelayedTasks();
  for (const fd of rings) closeSync(fd);
}

function isRing(fd: number): boolean {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`) === "anon_inode:[io_uring]";
  } catch {
    return false;
  }
}

const DELAYED_TASKS_THREAD = "DelayedTaskSche";
const TRIES_MAX = 200;

function waitForDelayedTasks(): void {
  const task = readdirSync("/proc/self/task").find((id) =>
    nameOfThread(id).startsWith(DELAYED_TASKS_THREAD),
  );
  if (task === undefined) return;
  const waiting = SYSTEM_CALLS.find(({ name }) => name === "epoll_pwait")?.[
    process.arch === "arm64" ? "arm64" : "x64"
  ];
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const [number] = readFileSync(`/proc/self/task/${task}/syscall`, "latin1").split(" ");
    if (number === String(waiting)) return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

function nameOfThread(id: string): string {
  return readFileSync(`/proc/self/task/${id}/comm`, "latin1");
}
