/**
 * The calls by their numbers in the trace. Who reads traces needs none of the functions that
 * `calls.ts` has beside them; a test compares the two.
 */
import {
  NACL_CALLS,
  NACL_TRACE_START,
  TRAP_CALLS,
  UNKNOWN_NACL_CALL,
  UNKNOWN_TRAP,
} from "../trace/index.ts";
import { HOST_SIGNATURES } from "./signatures.ts";

/** A call as the trace has it. */
export interface NamedCall {
  readonly name: string;
  /** Bytes of each argument. */
  readonly argumentBytes: readonly number[];
}

/** From 1 on. */
const COMMON_NAMES = [
  "args_get",
  "args_sizes_get",
  "environ_get",
  "environ_sizes_get",
  "clock_res_get",
  "clock_time_get",
  "fd_advise",
  "fd_allocate",
  "fd_close",
  "fd_datasync",
  "fd_fdstat_get",
  "fd_fdstat_set_flags",
  "fd_fdstat_set_rights",
  "fd_filestat_get",
  "fd_filestat_set_size",
  "fd_filestat_set_times",
  "fd_pread",
  "fd_prestat_get",
  "fd_prestat_dir_name",
  "fd_pwrite",
  "fd_read",
  "fd_readdir",
  "fd_renumber",
  "fd_seek",
  "fd_sync",
  "fd_tell",
  "fd_write",
  "path_create_directory",
  "path_filestat_get",
  "path_filestat_set_times",
  "path_link",
  "path_open",
  "path_readlink",
  "path_remove_directory",
  "path_rename",
  "path_symlink",
  "path_unlink_file",
  "poll_oneoff",
  "proc_exit",
  "proc_raise",
  "sched_yield",
  "random_get",
  "sock_accept",
  "sock_recv",
  "sock_send",
  "sock_shutdown",
];

/** From 200 on. */
const EXTENSION_NAMES = [
  "fd_dup",
  "fd_dup2",
  "set_create_mode",
  "umask",
  "path_chmod",
  "fd_chmod",
  "path_chown",
  "fd_chown",
  "path_stat_ex",
  "fd_stat_ex",
  "fd_fcntl",
  "getcwd",
  "chdir",
  "fchdir",
  "getids",
  "sysinfo",
  "chan_info",
  "chan_read",
  "chan_write",
  "zfork",
];

/** Calls of `wasi_unstable` that differ from those of the same name. */
const UNSTABLE_NAMES: readonly (readonly [number, string])[] = [
  [114, "fd_filestat_get"],
  [124, "fd_seek"],
  [129, "path_filestat_get"],
  [138, "poll_oneoff"],
];

/** The calls by their numbers in the trace. */
export function callsByNumber(): ReadonlyMap<number, NamedCall> {
  const numbered = (from: number) => {
    return (name: string, index: number): [number, string] => [from + index, name];
  };
  const names = [
    ...COMMON_NAMES.map(numbered(1)),
    ...UNSTABLE_NAMES,
    ...EXTENSION_NAMES.map(numbered(200)),
  ];
  return new Map([
    ...names.map(([number, name]) => [number, namedCall(name)] as const),
    ...traps(),
    ...naclCalls(),
  ]);
}

/** The calls of a nexe: their arguments are words of 8 bytes in memory. */
function traps(): (readonly [number, NamedCall])[] {
  const named = { ...TRAP_CALLS, unknown: UNKNOWN_TRAP };
  return Object.entries(named).map(([name, { number, words }]) => {
    return [number, { name: `trap ${name}`, argumentBytes: Array(words).fill(8) }] as const;
  });
}

/** The system calls of a nexe: their arguments are words of 4 bytes in registers. */
function naclCalls(): (readonly [number, NamedCall])[] {
  const known = Object.entries(NACL_CALLS).map(([name, { number, words }]) => {
    return [NACL_TRACE_START + number, { name, argumentBytes: Array(words).fill(4) }] as const;
  });
  return [...known, [UNKNOWN_NACL_CALL.number, { name: "nacl call", argumentBytes: [4] }]];
}

function namedCall(name: string): NamedCall {
  const signatures = [...HOST_SIGNATURES.values()].map((calls) => calls[name]);
  const [parameters = ""] = (signatures.find((it) => it !== undefined) ?? "").split("->");
  const types = parameters.split(" ").filter((type) => type !== "");
  return { name, argumentBytes: types.map((type) => (type === "i64" ? 8 : 4)) };
}
