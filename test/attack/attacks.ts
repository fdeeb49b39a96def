/** Attacks of native code in a locked cell, by what they are after. Numbers are of x86-64. */
import { type Attack, answered, DONE, killed } from "./attack.ts";
import { callAddress, callByCode, callByInt80, callByProtectedCode } from "./machine-code.ts";
import { PROCESS_ATTACKS } from "./process-attacks.ts";
import { callByLibrary as call } from "./raw-call.ts";
import { SYSTEM_ATTACKS } from "./system-attacks.ts";

const CWD = -100;
const MEMORY = "/proc/self/mem";

/** In a root that is empty nothing of that is there. */
const HIDDEN = { wall: "files", answer: "ENOENT" } as const;

const FILE_ATTACKS: readonly Attack[] = [
  answered("open of a file", "EACCES", ({ file }) => call(2, file, 2), HIDDEN),
  answered("openat of a file", "EACCES", ({ file }) => call(257, CWD, file, 0), HIDDEN),
  answered("open of the memory of the cell itself", "EACCES", () => call(2, MEMORY, 2), HIDDEN),
  answered("statx of a file", "ENOSYS", ({ file }) => {
    return call(332, CWD, file, 0, 0xfff, new Uint8Array(256));
  }),
  hidden("openat2", ({ file }) => call(437, CWD, file, new Uint8Array(24), 24)),
  hidden("stat of a file", ({ file }) => call(4, file, new Uint8Array(256))),
  hidden("newfstatat", ({ file }) => call(262, CWD, file, new Uint8Array(256), 0)),
  hidden("access of a file", ({ file }) => call(21, file, 0)),
  hidden("truncate", ({ file }) => call(76, file, 0)),
  hidden("link", ({ folder, file }) => call(86, file, `${folder}/link`)),
  hidden("execve", ({ file }) => call(59, file, 0, 0)),
  hidden("execveat", ({ file }) => call(322, CWD, file, 0, 0, 0)),
  hidden("chdir", ({ folder }) => call(80, folder)),
  hidden("creat", ({ folder }) => call(85, `${folder}/created`, 0o600)),
  hidden("symlink", ({ folder }) => call(88, "x", `${folder}/symlink`)),
  hidden("mkdir", ({ folder }) => call(83, `${folder}/made`, 0o700)),
  hidden("mknod", ({ folder }) => call(133, `${folder}/pipe`, 0o10600, 0)),
  hidden("rename", ({ folder, file }) => call(82, file, `${folder}/renamed`)),
  hidden("unlink", ({ folder }) => call(87, `${folder}/renamed`)),
  hidden("readlink", () => call(89, "/proc/self/exe", new Uint8Array(64), 64)),
  killed("chmod", ({ file }) => call(90, file, 0o666)),
  killed("fchdir to a descriptor", () => call(81, 0)),
  killed("getdents of a descriptor", () => call(217, 0, new Uint8Array(256), 256)),
  killed("name_to_handle_at", ({ file }) => call(303, CWD, file, new Uint8Array(128), 0, 0)),
  killed("open_by_handle_at", () => call(304, 0, new Uint8Array(128), 0)),
  killed("inotify_init", () => call(294, 0)),
  killed("fanotify_init", () => call(300, 0, 0)),
  killed("execveat of a descriptor", () => call(322, 0, "", 0, 0, 0x1000)),
];

/** The filter ends it, and the empty root has nothing of that name. */
function hidden(name: string, run: Attack["run"]): Attack {
  return killed(name, run, HIDDEN.wall, HIDDEN.answer);
}

const DESCRIPTOR_ATTACKS: readonly Attack[] = [
  killed("fcntl that takes flags off a descriptor", () => call(72, 0, 4, 0)),
  killed("fcntl that gives a descriptor's signals to another", ({ pid }) => call(72, 3, 8, pid)),
  killed("fcntl that copies a descriptor", () => call(72, 0, 0, 100)),
  killed("dup", () => call(32, 0)),
  killed("dup2 over the control socket", () => call(33, 0, 3)),
  killed("dup3", () => call(292, 0, 100, 0)),
  killed("ioctl that types into a terminal", () => call(16, 0, 0x5412, "x")),
  killed("ioctl that takes the terminal", () => call(16, 0, 0x540e, 1)),
  killed("ioctl FIOASYNC", () => call(16, 3, 0x5452, new Int32Array([1]))),
  killed("recvmsg on another descriptor", () => call(47, 0, new Uint8Array(64), 0)),
  killed("recvmsg with a descriptor above 32 bits", () => call(47, 2n ** 32n + 3n, 0, 0)),
  killed("recvfrom on the control socket", () => call(45, 3, new Uint8Array(8), 8, 0x40, 0, 0)),
  killed("sendmsg", () => call(46, 3, new Uint8Array(64), 0)),
  killed("sendto", () => call(44, 3, "x", 1, 0x40, 0, 0)),
  killed("splice", () => call(275, 4, 0, 5, 0, 1, 2)),
  killed("tee", () => call(276, 4, 5, 1, 2)),
  killed("vmsplice", () => call(278, 4, new Uint8Array(16), 1, 0)),
  killed("sendfile", () => call(40, 3, 0, 0, 1)),
  killed("copy_file_range", () => call(326, 0, 0, 1, 0, 1, 0)),
  killed("fallocate", () => call(285, 0, 0, 0, 1)),
  killed("fsync", () => call(74, 0)),
  killed("flock", () => call(73, 0, 2)),
  killed("fchmod", () => call(91, 0, 0o777)),
  killed("fsetxattr", () => call(190, 0, "user.x", "x", 1, 0)),
  killed("pipe2", () => call(293, new Int32Array(2), 0)),
  killed("eventfd2", () => call(290, 0, 0)),
  killed("signalfd4", () => call(289, -1, new Uint8Array(8), 8, 0)),
  killed("timerfd_create", () => call(283, 0, 0)),
  killed("timer_create", () => call(222, 1, 0, new Uint8Array(8))),
  killed("epoll_create1", () => call(291, 0)),
  killed("epoll_ctl", () => call(233, 0, 1, 0, new Uint8Array(16))),
  killed("memfd_create", () => call(319, "x", 0)),
  killed("io_uring_setup", () => call(425, 8, new Uint8Array(120))),
  killed("io_uring_register", () => call(427, 10, 0, 0, 0)),
  ...Array.from({ length: 3 }, (_, index) => {
    const fd = 10 + index;
    return killed(`io_uring_enter of ${fd}`, () => call(426, fd, 1, 0, 0, 0, 0));
  }),
];

const CODE_ATTACKS: readonly Attack[] = [
  answered("machine code runs", DONE, () => callByCode(39)),
  answered("machine code runs after mprotect", DONE, () => callByProtectedCode(39)),
  answered(
    "machine code opens a file",
    "EACCES",
    ({ file }) => callByCode(257, CWD, file, 0),
    HIDDEN,
  ),
  killed("machine code makes a socket", () => callByCode(41, 2, 1, 0)),
  killed("machine code forks", () => callByProtectedCode(57)),
  killed("the entry of 32-bit programs", () => callByInt80(20)),
  killed("open by the entry of 32-bit programs", () => callByInt80(5)),
  killed("the x32 interface", () => callByCode(0x4000_0000 + 39)),
  killed("open by the x32 interface", () => callByCode(0x4000_0000 + 2, MEMORY, 0)),
  killed("the kernel's page of old calls", () => callAddress(0xffff_ffff_ff60_0400n)),
];

/** Where a machine has no such entry, the processor itself ends the attack. */
export const MAY_FAULT: readonly string[] = CODE_ATTACKS.map(({ name }) => name);

/** All of them. */
export const ATTACKS: readonly Attack[] = [
  ...CODE_ATTACKS,
  ...FILE_ATTACKS,
  ...DESCRIPTOR_ATTACKS,
  ...PROCESS_ATTACKS,
  ...SYSTEM_ATTACKS,
];
