/**
 * Types of the WASI calls as WebAssembly sees them: parameters, `->`, results. Pointers, lengths
 * and descriptors are i32; offsets, times and rights are i64; the result is an errno.
 * A program that imports a call under another type was built for another system.
 */
export const PREVIEW1_SIGNATURES: Readonly<Record<string, string>> = {
  args_get: "i32 i32 -> i32",
  args_sizes_get: "i32 i32 -> i32",
  environ_get: "i32 i32 -> i32",
  environ_sizes_get: "i32 i32 -> i32",
  clock_res_get: "i32 i32 -> i32",
  clock_time_get: "i32 i64 i32 -> i32",
  fd_advise: "i32 i64 i64 i32 -> i32",
  fd_allocate: "i32 i64 i64 -> i32",
  fd_close: "i32 -> i32",
  fd_datasync: "i32 -> i32",
  fd_fdstat_get: "i32 i32 -> i32",
  fd_fdstat_set_flags: "i32 i32 -> i32",
  fd_fdstat_set_rights: "i32 i64 i64 -> i32",
  fd_filestat_get: "i32 i32 -> i32",
  fd_filestat_set_size: "i32 i64 -> i32",
  fd_filestat_set_times: "i32 i64 i64 i32 -> i32",
  fd_pread: "i32 i32 i32 i64 i32 -> i32",
  fd_prestat_get: "i32 i32 -> i32",
  fd_prestat_dir_name: "i32 i32 i32 -> i32",
  fd_pwrite: "i32 i32 i32 i64 i32 -> i32",
  fd_read: "i32 i32 i32 i32 -> i32",
  fd_readdir: "i32 i32 i32 i64 i32 -> i32",
  fd_renumber: "i32 i32 -> i32",
  fd_seek: "i32 i64 i32 i32 -> i32",
  fd_sync: "i32 -> i32",
  fd_tell: "i32 i32 -> i32",
  fd_write: "i32 i32 i32 i32 -> i32",
  path_create_directory: "i32 i32 i32 -> i32",
  path_filestat_get: "i32 i32 i32 i32 i32 -> i32",
  path_filestat_set_times: "i32 i32 i32 i32 i64 i64 i32 -> i32",
  path_link: "i32 i32 i32 i32 i32 i32 i32 -> i32",
  path_open: "i32 i32 i32 i32 i32 i64 i64 i32 i32 -> i32",
  path_readlink: "i32 i32 i32 i32 i32 i32 -> i32",
  path_remove_directory: "i32 i32 i32 -> i32",
  path_rename: "i32 i32 i32 i32 i32 i32 -> i32",
  path_symlink: "i32 i32 i32 i32 i32 -> i32",
  path_unlink_file: "i32 i32 i32 -> i32",
  poll_oneoff: "i32 i32 i32 i32 -> i32",
  proc_exit: "i32 ->",
  proc_raise: "i32 -> i32",
  sched_yield: "-> i32",
  random_get: "i32 i32 -> i32",
  sock_accept: "i32 i32 i32 -> i32",
  sock_recv: "i32 i32 i32 i32 i32 i32 -> i32",
  sock_send: "i32 i32 i32 i32 i32 -> i32",
  sock_shutdown: "i32 i32 -> i32",
};

/**
 * The calls of `wasi_unstable` (preview0): the same types throughout. What differs lies in memory
 * (file status, poll records) and in the numbers of `whence`. `sock_accept` came later.
 */
export const UNSTABLE_SIGNATURES: Readonly<Record<string, string>> = withoutAccept();

function withoutAccept(): Readonly<Record<string, string>> {
  const { sock_accept: _later, ...calls } = PREVIEW1_SIGNATURES;
  return calls;
}

/** The calls of the import module `zrt`, as `docs/zrt.h` declares them. */
export const EXTENSION_SIGNATURES: Readonly<Record<string, string>> = {
  fd_dup: "i32 i32 i32 -> i32",
  fd_dup2: "i32 i32 -> i32",
  set_create_mode: "i32 -> i32",
  umask: "i32 i32 -> i32",
  path_chmod: "i32 i32 i32 i32 i32 -> i32",
  fd_chmod: "i32 i32 -> i32",
  path_chown: "i32 i32 i32 i32 i32 i32 -> i32",
  fd_chown: "i32 i32 i32 -> i32",
  path_stat_ex: "i32 i32 i32 i32 i32 -> i32",
  fd_stat_ex: "i32 i32 -> i32",
  fd_fcntl: "i32 i32 i32 i32 -> i32",
  getcwd: "i32 i32 i32 -> i32",
  chdir: "i32 i32 -> i32",
  fchdir: "i32 -> i32",
  getids: "i32 -> i32",
  sysinfo: "i32 i32 -> i32",
  chan_info: "i32 i32 i32 i32 -> i32",
  chan_read: "i32 i32 i32 i64 i32 -> i32",
  chan_write: "i32 i32 i32 i64 i32 -> i32",
  zfork: "-> i32",
};

/**
 * Names of the imports, for the check that is made before a program runs. They come from here and
 * not from the calls themselves, so that who checks programs need not load what answers them.
 */
export const HOST_IMPORTS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["wasi_snapshot_preview1", new Set(Object.keys(PREVIEW1_SIGNATURES))],
  ["wasi_unstable", new Set(Object.keys(UNSTABLE_SIGNATURES))],
  ["zrt", new Set(Object.keys(EXTENSION_SIGNATURES))],
]);

/** Types by import module, for the check that is made before a program runs. */
export const HOST_SIGNATURES: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map([
  ["wasi_snapshot_preview1", PREVIEW1_SIGNATURES],
  ["wasi_unstable", UNSTABLE_SIGNATURES],
  ["zrt", EXTENSION_SIGNATURES],
]);
