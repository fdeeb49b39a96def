/** Attacks on the network, on the kernel, and on the walls themselves. */
import { type Attack, answered, killed, type Target } from "./attack.ts";
import { abstractAddress, callByLibrary as call, type RawResult } from "./raw-call.ts";

const AF_UNIX = 1;
const AF_INET = 2;
const AF_NETLINK = 16;
const AF_PACKET = 17;
const STREAM = 1;
const PRIVATE_ANONYMOUS = 0x22;
const SHARED_ANONYMOUS = 0x21;
const PAGE_BYTES = 4096;

/** Connects a new socket, when there is one. */
function connect(family: number, address: Uint8Array): RawResult {
  const socket = call(41, family, STREAM, 0);
  return typeof socket === "string" ? socket : call(42, socket, address, address.length);
}

function loopback({ port }: Target): Uint8Array {
  return Uint8Array.of(AF_INET, 0, port >> 8, port & 0xff, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
}

function mapping(flags: number, fd: number = -1): RawResult {
  return call(9, 0, PAGE_BYTES, 3, flags, fd, 0);
}

/** A page of our own, for calls that want one. */
function page(): bigint {
  return BigInt(mapping(PRIVATE_ANONYMOUS));
}

const NETWORK: readonly Attack[] = [
  killed("socket", () => call(41, AF_INET, STREAM, 0)),
  killed("a raw socket", () => call(41, AF_PACKET, 3, 0)),
  killed("a netlink socket", () => call(41, AF_NETLINK, 3, 0)),
  killed("socketpair", () => call(53, AF_UNIX, STREAM, 0, new Int32Array(2))),
  killed(
    "connect to a port of the host",
    (target) => connect(AF_INET, loopback(target)),
    "network",
    "ENETUNREACH",
  ),
  killed(
    "connect to a socket of the host without a file",
    (target) => connect(AF_UNIX, abstractAddress(target.socketName)),
    "network",
    "ECONNREFUSED",
  ),
  killed("connect of the control socket", () => call(42, 3, new Uint8Array(16), 16)),
  killed("bind", () => call(49, 3, new Uint8Array(16), 16)),
  killed("listen", () => call(50, 3, 1)),
  killed("accept", () => call(43, 3, 0, 0)),
  killed("getsockopt", () => call(55, 3, 1, 17, new Uint8Array(16), new Int32Array([16]))),
  killed("setsockopt", () => call(54, 3, 1, 16, new Int32Array([1]), 4)),
  killed("shutdown", () => call(48, 3, 2)),
];

const SHARING: readonly Attack[] = [
  killed("shmget", ({ memoryKey }) => call(29, memoryKey, 0, 0), "ipc", "ENOENT"),
  killed("semget", ({ memoryKey }) => call(64, memoryKey, 0, 0)),
  killed("msgget", ({ memoryKey }) => call(68, memoryKey, 0)),
  killed("mq_open", () => call(240, "zerovm-none", 0, 0, 0)),
  killed("sethostname", () => call(170, "attack", 100), "user"),
  killed("mapping of a descriptor", () => mapping(2, 0)),
  killed("mapping that is shared", () => mapping(SHARED_ANONYMOUS)),
  killed("mapping that no limit counts", () => mapping(PRIVATE_ANONYMOUS | 0x100)),
  answered("merging of pages with those of others", "EINVAL", () => {
    return call(28, page(), PAGE_BYTES, 12);
  }),
  killed("futex with priorities", () => call(202, page(), 0x86, 0, 0, 0, 0)),
  killed("mlock", () => call(149, page(), PAGE_BYTES)),
  killed("userfaultfd", () => call(323, 1)),
  killed("add_key", () => call(248, "user", "x", "x", 1, -2)),
  killed("keyctl", () => call(250, 0, -2, 0)),
];

/** What is asked for is impossible also for who may ask: no wall, no harm. */
const RIGHTS: readonly Attack[] = [
  killed("mount", () => call(165, "none", "/", "zerovm-none", 0, 0), "user"),
  killed("umount2", () => call(166, "/", 6), "user"),
  killed("chroot", () => call(161, "/"), "user"),
  killed("pivot_root", () => call(155, "/", "/"), "user"),
  killed("fsopen", () => call(430, "tmpfs", 0), "user"),
  killed("open_tree", () => call(428, -100, "/", 1), "user"),
  killed("unshare", () => call(272, 0x4000_0000), "user"),
  killed("unshare of users", () => call(272, 0x1000_0000)),
  killed("setns", () => call(308, 0, 0)),
  killed("setuid", () => call(105, 0)),
  killed("setresgid", () => call(119, 0, 0, 0)),
  killed("setgroups", () => call(116, 0, 0)),
  killed(
    "capset",
    () => {
      const administrator = new Uint32Array([2 ** 21, 2 ** 21, 0, 0, 0, 0]);
      return call(126, new Uint32Array([0x2008_0522, 0]), administrator);
    },
    "user",
  ),
  killed("personality", () => call(135, 0x0004_0000)),
  killed("seccomp", () => call(317, 1, 0, new Uint8Array(16))),
  killed("landlock_restrict_self", () => call(446, 0, 0)),
  ...[1, 4, 8, 21, 22, 24, 28, 38, 47].map((option) => {
    return answered(`prctl ${option}`, "EINVAL", () => call(157, option, 1, 0, 0, 0));
  }),
  killed("arch_prctl", () => call(158, 0x1002, 0)),
  killed("modify_ldt", () => call(154, 0, new Uint8Array(16), 16)),
  killed("set_thread_area", () => call(205, new Uint8Array(16))),
  killed("iopl", () => call(172, 3)),
];

const KERNEL: readonly Attack[] = [
  // Numbers of the wrong kind: nobody is to be hurt should a wall be missing.
  killed("reboot", () => call(169, 0, 0, 0, 0)),
  killed("kexec_load", () => call(246, 0, 99, 0, 0)),
  killed("init_module", () => call(175, 0, 0, "")),
  killed("finit_module", () => call(313, -1, "", 0)),
  killed("delete_module", () => call(176, "zerovm-none", 0)),
  killed("swapon", () => call(167, "/zerovm-none", 0)),
  killed("settimeofday", () => call(164, 0, 0)),
  killed("clock_settime", () => call(227, 99, 0)),
  killed("adjtimex", () => call(159, new Uint8Array(208))),
  killed("bpf", () => call(321, 99, 0, 0)),
  killed("perf_event_open", () => call(298, new Uint8Array(128), 0, -1, -1, 0)),
  killed("syslog", () => call(103, 10, 0, 0)),
  killed("quotactl", () => call(179, 0, 0, 0, 0)),
  killed("uname", () => call(63, new Uint8Array(512))),
  killed("sysinfo", () => call(99, new Uint8Array(256))),
  killed("getcpu", () => call(309, new Uint8Array(4), new Uint8Array(4), 0)),
  killed("getuid", () => call(102)),
  killed("getcwd", () => call(79, new Uint8Array(64), 64)),
  killed("time", () => call(201, 0)),
  killed("membarrier", () => call(324, 0, 0, 0)),
  killed("a number beyond all calls", () => call(1000)),
  killed("a negative number", () => call(-1)),
];

/** All of them. */
export const SYSTEM_ATTACKS: readonly Attack[] = [...NETWORK, ...SHARING, ...RIGHTS, ...KERNEL];
