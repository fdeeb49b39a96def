/**
 * The system calls that a locked cell may make: everything else ends it at once. Each row says
 * what the call is needed for, and what is asked of its arguments where some of them are
 * dangerous.
 */

/** What is asked of one argument of a call, counted from 0. */
export type ArgumentCheck =
  /** With a mask only these bits of it are compared. */
  | { readonly arg: number; readonly oneOf: readonly number[]; readonly mask?: number }
  /** The number of the calling process itself. */
  | { readonly arg: number; readonly isSelf: true };

/** What the kernel answers in place of making a call: an error, or success. */
export type Answer = "EACCES" | "EINVAL" | "ENOSYS" | "success";

export interface SystemCall {
  readonly name: string;
  /** Numbers of the call; absent where the machine has none. */
  readonly x64?: number;
  readonly arm64?: number;
  /** The call is never made, and answered so. */
  readonly answers?: Answer;
  readonly check?: ArgumentCheck;
  /** The check in words. */
  readonly asks?: string;
  /** The answer to arguments that do not pass the check; without it they end the process. */
  readonly otherwise?: Answer;
  readonly why: string;
}

/** Where the control socket is in a cell. */
export const CONTROL_FD = 3;

/** Bits of `mmap` that are judged; each but the first would get around a limit on memory. */
const MAP = { anonymous: 0x20, shared: 1, growsDown: 0x100, locked: 0x2000, hugePages: 0x4_0000 };
const MAP_JUDGED = Object.values(MAP).reduce((bits, bit) => bits | bit);

/** All but the bits for "in this process only" and "by the wall clock". */
const FUTEX_COMMAND = ~0x180;
/** Wait, wake, requeue, wait and wake by bits: nothing that changes priorities. */
const FUTEX_COMMANDS = [0, 1, 3, 9, 10];

/** Don't need, free, not to children, huge pages or not, in a core file or not. */
const ADVICE = [4, 8, 10, 14, 15, 16, 17];

/** The wall clock, since boot, of this process and thread; others name another process. */
const CLOCKS = [0, 1, 2, 3, 4, 5, 6, 7];

/** The frequent ones first: the kernel looks them up in this order. */
export const SYSTEM_CALLS: readonly SystemCall[] = [
  { name: "read", x64: 0, arm64: 63, why: "channels that are streams" },
  { name: "write", x64: 1, arm64: 64, why: "channels that are streams, the answer, last words" },
  { name: "pread64", x64: 17, arm64: 67, why: "channels and images that are files" },
  { name: "pwrite64", x64: 18, arm64: 68, why: "channels that are files" },
  {
    name: "futex",
    x64: 202,
    arm64: 98,
    check: { arg: 1, mask: FUTEX_COMMAND, oneOf: FUTEX_COMMANDS },
    asks: "wait, wake or requeue, without priorities",
    why: "locks between the threads of the engine, none of those with priorities",
  },
  {
    name: "mmap",
    x64: 9,
    arm64: 222,
    check: { arg: 3, mask: MAP_JUDGED, oneOf: [MAP.anonymous] },
    asks: "anonymous and private, neither stack nor locked nor huge",
    why: "memory of the guest and the engine; no file, nothing shared, all of it counted",
  },
  { name: "munmap", x64: 11, arm64: 215, why: "gives memory back" },
  { name: "mprotect", x64: 10, arm64: 226, why: "growth of memories, compiled code" },
  {
    name: "madvise",
    x64: 28,
    arm64: 233,
    check: { arg: 2, oneOf: ADVICE },
    asks: "a short list of advice",
    otherwise: "EINVAL",
    why: "gives memory back; nothing that merges pages with those of others",
  },
  { name: "mremap", x64: 25, arm64: 216, why: "the C library grows large blocks" },
  { name: "brk", x64: 12, arm64: 214, why: "memory of the C library" },
  { name: "poll", x64: 7, why: "waits for a stream, so that the session can end meanwhile" },
  { name: "ppoll", x64: 271, arm64: 73, why: "poll, where the machine has no other" },
  {
    name: "clock_gettime",
    x64: 228,
    arm64: 113,
    check: { arg: 0, oneOf: CLOCKS },
    asks: "a clock of the system or of the process itself",
    otherwise: "EINVAL",
    why: "deadlines, where the kernel's library does not answer; no clock of another process",
  },
  {
    name: "clock_nanosleep",
    x64: 230,
    arm64: 115,
    check: { arg: 0, oneOf: [0, 1] },
    asks: "the wall clock or the monotonic one",
    why: "pauses of the engine's threads",
  },
  { name: "nanosleep", x64: 35, arm64: 101, why: "the same, as older libraries call it" },
  { name: "sched_yield", x64: 24, arm64: 124, why: "locks of the engine" },
  { name: "fstat", x64: 5, arm64: 80, why: "the size of a channel's file" },
  { name: "ftruncate", x64: 77, arm64: 46, why: "files are cut to the channel's size" },
  { name: "close", x64: 3, arm64: 57, why: "after the guest, requests to end are not heard" },
  {
    name: "recvmsg",
    x64: 47,
    arm64: 212,
    check: { arg: 0, oneOf: [CONTROL_FD] },
    asks: "the control socket",
    why: "the order and its descriptors, from the control socket only",
  },
  { name: "timer_settime", x64: 223, arm64: 110, why: "the session's own time limit" },
  { name: "rt_sigreturn", x64: 15, arm64: 139, why: "the end of a signal handler" },
  { name: "rt_sigprocmask", x64: 14, arm64: 135, why: "signals are held back for moments" },
  { name: "rt_sigaction", x64: 13, arm64: 134, why: "traps of WebAssembly, abort" },
  { name: "sigaltstack", x64: 131, arm64: 132, why: "traps of WebAssembly" },
  { name: "getrandom", x64: 318, arm64: 278, why: "hash seeds, entropy that was granted" },
  { name: "getrusage", x64: 98, arm64: 165, why: "the processor time in the report" },
  { name: "getpid", x64: 39, arm64: 172, why: "abort of the C library" },
  { name: "gettid", x64: 186, arm64: 178, why: "abort of the C library, locks of the engine" },
  {
    name: "tgkill",
    x64: 234,
    arm64: 131,
    check: { arg: 0, isSelf: true },
    asks: "the process itself",
    why: "abort, which signals the process itself",
  },
  {
    name: "prlimit64",
    x64: 302,
    arm64: 261,
    check: { arg: 0, oneOf: [0] },
    asks: "the process itself",
    why: "limits of the order are set, on the process itself only",
  },
  { name: "pkey_mprotect", x64: 329, arm64: 288, why: "compiled code, on machines with keys" },
  { name: "epoll_pwait", x64: 281, arm64: 22, why: "the engine's thread for delayed tasks" },
  { name: "restart_syscall", x64: 219, arm64: 128, why: "the kernel goes on after a stop" },
  {
    name: "set_robust_list",
    x64: 273,
    arm64: 99,
    why: "a thread of the engine that starts late: it names locks of its own",
  },
  {
    name: "rseq",
    x64: 334,
    arm64: 293,
    why: "a thread of the engine that starts late: it names a place of its own",
  },
  { name: "exit", x64: 60, arm64: 93, why: "the end of a thread" },
  { name: "exit_group", x64: 231, arm64: 94, why: "the end of the cell" },
  {
    name: "openat",
    x64: 257,
    arm64: 56,
    answers: "EACCES",
    why: "the C library looks for the number of processors and the bounds of the stack",
  },
  { name: "open", x64: 2, answers: "EACCES", why: "the same, as older libraries call it" },
  { name: "statx", x64: 332, arm64: 291, answers: "ENOSYS", why: "Node then asks by fstat" },
  {
    name: "sched_getaffinity",
    x64: 204,
    arm64: 123,
    answers: "ENOSYS",
    why: "the C library counts processors; the number could be another process's",
  },
  {
    name: "sched_getparam",
    x64: 143,
    arm64: 121,
    answers: "success",
    why: "locks of the engine ask for a priority, which none of its threads has",
  },
  {
    name: "sched_getscheduler",
    x64: 145,
    arm64: 120,
    answers: "success",
    why: "the same: it is the ordinary one",
  },
  {
    name: "prctl",
    x64: 157,
    arm64: 167,
    answers: "EINVAL",
    why: "names of threads and of memory, which are only for looks",
  },
];

/** How many calls are really made for a cell. */
export function allowedCount(): number {
  return SYSTEM_CALLS.filter(({ answers }) => answers === undefined).length;
}
