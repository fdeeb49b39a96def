/** Attacks of native code in a locked cell, by what they are after. Numbers are of x86-64. */
import { type Attack, answered, DONE, killed } from "./attack.ts";
import { callAddress, callByCode, callByInt80, callByProtectedCode } from "./machine-code.ts";
import { PROCESS_ATTACKS } from "./process-attacks.ts";
import { callByLibrary as call } from "./raw-call.ts";
import { SYSTEM_ATTACKS } from "./system-attacks.ts";

const CWD = -100;
const PASSWD = "/etc/passwd";
const MEMORY = "/proc/self/mem";

const FILE_ATTACKS: readonly Attack[] = [
  answered("open of a file", "EACCES", () => call(2, PASSWD, 0), {
    wall: "files",
    answer: "ENOENT",
  }),
  answered("openat of a file", "EACCES", () => call(257, CWD, PASSWD, 0), {
    wall: "files",
    answer: "ENOENT",
  }),
  answered("open of the memory of the cell itself", "EACCES", () => call(2, MEMORY, 2), {
    wall: "files",
    answer: "ENOENT",
  }),
  answered("statx of a file", "ENOSYS", () =>
    call(332, CWD, PASSWD, 0, 0xfff, new Uint8Array(256)),
  ),
  killed("openat2", () => call(437, CWD, PASSWD, new Uint8Array(24), 24), "files", "ENOENT"),
  killed("stat of a file", () => call(4, PASSWD, new Uint8Array(256)), "files", "ENOENT"),
  killed("newfstatat", () => call(262, CWD, PASSWD, new Uint8Array(256), 0), "files", "ENOENT"),
  killed("access of a file", () => call(21, PASSWD, 0), "files", "ENOENT"),
  killed("creat", () => call(85, "/zerovm-attack", 0o600), "files", "EROFS"),
  killed("chmod", () => call(90, PASSWD, 0o644), "files", "ENOENT"),
  killed("symlink", () => call(88, "x", "/zerovm-attack"), "files", "EROFS"),
  killed("link", () => call(86, PASSWD, "/zerovm-attack"), "files", "ENOENT"),
  killed("rename", () => call(82, PASSWD, "/zerovm-attack"), "files", "ENOENT"),
  killed("unlink", () => call(87, "/etc/zerovm-attack")),
  killed("mkdir", () => call(83, "/zerovm-attack", 0o700), "files", "EROFS"),
  killed("truncate", () => call(76, "/etc/zerovm-attack", 0)),
  killed("readlink", () => call(89, "/proc/self/exe", new Uint8Array(64), 64), "files", "ENOENT"),
  killed("chdir", () => call(80, "/etc"), "files", "ENOENT"),
  killed("fchdir to a descriptor", () => call(81, 0)),
  killed("getdents of a descriptor", () => call(217, 0, new Uint8Array(256), 256)),
  killed("name_to_handle_at", () => call(303, CWD, PASSWD, new Uint8Array(128), 0, 0)),
  killed("open_by_handle_at", () => call(304, 0, new Uint8Array(128), 0)),
  killed("inotify_init", () => call(294, 0)),
  killed("fanotify_init", () => call(300, 0, 0)),
  killed("execve", () => call(59, PASSWD, 0, 0), "files", "ENOENT"),
  killed("execveat", () => call(322, CWD, PASSWD, 0, 0, 0), "files", "ENOENT"),
  killed("execveat of a descriptor", () => call(322, 0, "", 0, 0, 0x1000)),
];

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
  answered("machine code opens a file", "EACCES", () => callByCode(257, CWD, PASSWD, 0), {
    wall: "files",
    answer: "ENOENT",
  }),
  killed("machine code makes a socket", () => callByCode(41, 2, 1, 0)),
  killed("machine code forks", () => callByProtectedCode(57)),
  killed("the entry of 32-bit programs", () => callByInt80(20)),
  killed("open by the entry of 32-bit programs", () => callByInt80(5)),
  killed("the x32 interface", () => callByCode(0x4000_0000 + 39)),
  killed("open by the x32 interface", () => callByCode(0x4000_0000 + 2, PASSWD, 0)),
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
