/** Attacks on other processes, and attempts to become more than one. */
import { type Attack, answered, DONE, killed } from "./attack.ts";
import { callByLibrary as call, type RawResult } from "./raw-call.ts";

const SIGSTOP = 19;
const PTRACE_SEIZE = 0x4206;
const RLIMIT_CORE = 4;

/** A child, should there be one, is gone before it does anything. */
function parentOnly(result: RawResult): RawResult {
  return result === 0 ? call(231, 0) : result;
}

/** `struct clone_args` that asks for nothing but a signal at the end. */
function cloneArguments(): BigUint64Array {
  const words = new BigUint64Array(11);
  words[4] = 17n;
  return words;
}

/** `siginfo_t` of a signal that a process queued. */
function queuedSignal(): Int32Array {
  const information = new Int32Array(32);
  information[2] = -1;
  return information;
}

/** `struct iovec` of one piece of memory, wherever the kernel likes it. */
function pieceOfMemory(): BigUint64Array {
  return new BigUint64Array([BigInt(call(9, 0, 4096, 3, 0x22, -1, 0)), 8n]);
}

/** The clock that shows the processor time of a process. */
function clockOf(pid: number): number {
  return ~pid * 8 + 2;
}

/** All of them. */
export const PROCESS_ATTACKS: readonly Attack[] = [
  killed("fork", () => parentOnly(call(57)), "rlimits", "EAGAIN"),
  killed("vfork", () => parentOnly(call(58))),
  killed("clone", () => parentOnly(call(56, 17, 0, 0, 0, 0)), "rlimits", "EAGAIN"),
  killed("clone3", () => parentOnly(call(435, cloneArguments(), 88)), "rlimits", "EAGAIN"),
  killed("kill of the host", ({ pid }) => call(62, pid, 0), "processes", "ESRCH"),
  killed("kill of all there are", () => call(62, -1, 0)),
  killed("kill of the cell itself", () => call(62, 0, SIGSTOP)),
  killed("tkill", ({ pid }) => call(200, pid, 0), "processes", "ESRCH"),
  killed("tgkill of the host", ({ pid }) => call(234, pid, pid, 0), "processes", "ESRCH"),
  killed("rt_sigqueueinfo", ({ pid }) => call(129, pid, 0, queuedSignal()), "processes", "ESRCH"),
  killed(
    "rt_tgsigqueueinfo",
    ({ pid }) => call(297, pid, pid, 0, queuedSignal()),
    "processes",
    "ESRCH",
  ),
  killed("pidfd_open", ({ pid }) => call(434, pid, 0), "processes", "ESRCH"),
  killed("pidfd_send_signal", () => call(424, 0, 0, 0, 0)),
  killed("pidfd_getfd", () => call(438, 0, 0, 0)),
  killed("ptrace", ({ pid }) => call(101, PTRACE_SEIZE, pid, 0, 0), "processes", "ESRCH"),
  killed(
    "process_vm_readv",
    ({ pid }) => call(310, pid, pieceOfMemory(), 1, pieceOfMemory(), 1, 0),
    "processes",
    "ESRCH",
  ),
  killed("process_vm_writev", ({ pid }) => call(311, pid, 0, 0, 0, 0, 0)),
  killed("process_madvise", () => call(440, 0, 0, 0, 0, 0)),
  killed("kcmp", ({ pid }) => call(312, pid, pid, 0, 0, 0), "processes", "ESRCH"),
  killed(
    "prlimit64 of the host",
    ({ pid }) => call(302, pid, RLIMIT_CORE, 0, new BigUint64Array(2)),
    "processes",
    "ESRCH",
  ),
  killed("setrlimit", () => call(160, RLIMIT_CORE, new BigUint64Array([0n, 0n]))),
  answered(
    "prlimit64 that raises a limit of the cell",
    "EPERM",
    () => call(302, 0, RLIMIT_CORE, new BigUint64Array([1n, 1n]), 0),
    { wall: "rlimits", answer: "EPERM" },
  ),
  answered(
    "memory beyond the limit of the order",
    "ENOMEM",
    () => call(9, 0, 2n ** 41n, 3, 0x4022, -1, 0),
    { wall: "rlimits", answer: "ENOMEM" },
  ),
  killed("setpriority of the host", ({ pid }) => call(141, 0, pid, 0), "processes", "ESRCH"),
  killed("getpriority of the host", ({ pid }) => call(140, 0, pid), "processes", "ESRCH"),
  killed(
    "sched_setaffinity",
    ({ pid }) => call(203, pid, 0, new Uint8Array(8)),
    "processes",
    "ESRCH",
  ),
  killed("sched_setscheduler", ({ pid }) => call(144, pid, 9, new Int32Array(1))),
  killed("ioprio_set", ({ pid }) => call(251, 1, pid, 0)),
  killed("move_pages", ({ pid }) => call(279, pid, 0, 0, 0, 0, 0), "processes", "ESRCH"),
  killed(
    "get_robust_list",
    ({ pid }) => {
      return call(274, pid, new Uint8Array(8), new Uint8Array(8));
    },
    "processes",
    "ESRCH",
  ),
  answered("sched_getaffinity of the host", "ENOSYS", ({ pid }) => {
    return call(204, pid, 128, new Uint8Array(128));
  }),
  answered("sched_getparam of the host", DONE, ({ pid }) => call(143, pid, new Int32Array(1))),
  answered("sched_getscheduler of the host", DONE, ({ pid }) => call(145, pid)),
  answered(
    "the processor time of the host",
    "EINVAL",
    ({ pid }) => {
      return call(228, clockOf(pid), new Uint8Array(16));
    },
    { wall: "processes", answer: "EINVAL" },
  ),
  killed("sleep by the clock of the host", ({ pid }) => call(230, clockOf(pid), 0, 0, 0)),
  killed("getppid", () => call(110)),
  killed("wait4", () => call(61, -1, 0, 1, 0)),
  killed("setsid", () => call(112)),
  killed("setpgid", () => call(109, 0, 0)),
];
