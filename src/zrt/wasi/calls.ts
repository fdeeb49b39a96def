/** Which function answers which import, and the number that each call has in the trace. */
import type { Errno } from "../../base/index.ts";
import { argsGet, argsSizesGet, environGet, environSizesGet } from "./args-environ.ts";
import { clockResGet, clockTimeGet, randomGet, schedYield } from "./clock-random.ts";
import * as extension from "./extension.ts";
import { chanInfo, chanRead, chanWrite } from "./extension-channels.ts";
import {
  fdAdvise,
  fdAllocate,
  fdClose,
  fdFdstatGet,
  fdFdstatSetFlags,
  fdFdstatSetRights,
  fdPrestatDirName,
  fdPrestatGet,
  fdRenumber,
  fdSync,
} from "./fdstat.ts";
import { fdPread, fdPwrite, fdRead, fdSeek, fdSeekPreview0, fdTell, fdWrite } from "./file-io.ts";
import {
  fdFilestatGet,
  fdFilestatSetSize,
  fdFilestatSetTimes,
  pathFilestatGet,
  pathFilestatSetTimes,
  writeStatPreview0,
  writeStatPreview1,
} from "./filestat.ts";
import type { Guest } from "./guest.ts";
import {
  pathCreateDirectory,
  pathLink,
  pathOpen,
  pathReadlink,
  pathRemoveDirectory,
  pathRename,
  pathSymlink,
  pathUnlinkFile,
} from "./paths.ts";
import { pollOneoff, SUBSCRIPTION_PREVIEW0, SUBSCRIPTION_PREVIEW1 } from "./poll.ts";
import { procExit, procRaise } from "./process.ts";
import { fdReaddir } from "./readdir.ts";
import { refuseSocket } from "./socket.ts";

/**
 * A call as its implementation has it: pointers, sizes and flags as unsigned 32-bit numbers,
 * 64-bit arguments as bigints.
 */
export type Call = (guest: Guest, ...args: never[]) => Errno;

/** Number in the trace and function; numbers are part of the trace format and never change. */
export type CallTable = Readonly<Record<string, readonly [number: number, call: Call]>>;

const COMMON: CallTable = {
  args_get: [1, argsGet],
  args_sizes_get: [2, argsSizesGet],
  environ_get: [3, environGet],
  environ_sizes_get: [4, environSizesGet],
  clock_res_get: [5, clockResGet],
  clock_time_get: [6, clockTimeGet],
  fd_advise: [7, fdAdvise],
  fd_allocate: [8, fdAllocate],
  fd_close: [9, fdClose],
  fd_datasync: [10, fdSync],
  fd_fdstat_get: [11, fdFdstatGet],
  fd_fdstat_set_flags: [12, fdFdstatSetFlags],
  fd_fdstat_set_rights: [13, fdFdstatSetRights],
  fd_filestat_set_size: [15, fdFilestatSetSize],
  fd_filestat_set_times: [16, fdFilestatSetTimes],
  fd_pread: [17, fdPread],
  fd_prestat_get: [18, fdPrestatGet],
  fd_prestat_dir_name: [19, fdPrestatDirName],
  fd_pwrite: [20, fdPwrite],
  fd_read: [21, fdRead],
  fd_readdir: [22, fdReaddir],
  fd_renumber: [23, fdRenumber],
  fd_sync: [25, fdSync],
  fd_tell: [26, fdTell],
  fd_write: [27, fdWrite],
  path_create_directory: [28, pathCreateDirectory],
  path_filestat_set_times: [30, pathFilestatSetTimes],
  path_link: [31, pathLink],
  path_open: [32, pathOpen],
  path_readlink: [33, pathReadlink],
  path_remove_directory: [34, pathRemoveDirectory],
  path_rename: [35, pathRename],
  path_symlink: [36, pathSymlink],
  path_unlink_file: [37, pathUnlinkFile],
  proc_exit: [39, procExit],
  proc_raise: [40, procRaise],
  sched_yield: [41, schedYield],
  random_get: [42, randomGet],
  sock_recv: [44, refuseSocket],
  sock_send: [45, refuseSocket],
  sock_shutdown: [46, refuseSocket],
};

const PREVIEW1: CallTable = {
  ...COMMON,
  fd_filestat_get: [14, fdFilestatGet(writeStatPreview1, 64)],
  fd_seek: [24, fdSeek],
  path_filestat_get: [29, pathFilestatGet(writeStatPreview1, 64)],
  poll_oneoff: [38, pollOneoff(SUBSCRIPTION_PREVIEW1)],
  sock_accept: [43, refuseSocket],
};

const PREVIEW0: CallTable = {
  ...COMMON,
  fd_filestat_get: [114, fdFilestatGet(writeStatPreview0, 56)],
  fd_seek: [124, fdSeekPreview0],
  path_filestat_get: [129, pathFilestatGet(writeStatPreview0, 56)],
  poll_oneoff: [138, pollOneoff(SUBSCRIPTION_PREVIEW0)],
};

const EXTENSION: CallTable = {
  fd_dup: [200, extension.fdDup],
  fd_dup2: [201, extension.fdDup2],
  set_create_mode: [202, extension.setCreateMode],
  umask: [203, extension.umask],
  path_chmod: [204, extension.pathChmod],
  fd_chmod: [205, extension.fdChmod],
  path_chown: [206, extension.pathChown],
  fd_chown: [207, extension.fdChown],
  path_stat_ex: [208, extension.pathStatEx],
  fd_stat_ex: [209, extension.fdStatEx],
  fd_fcntl: [210, extension.fdFcntl],
  getcwd: [211, extension.getcwd],
  chdir: [212, extension.chdir],
  fchdir: [213, extension.fchdir],
  getids: [214, extension.getids],
  sysinfo: [215, extension.sysinfo],
  chan_info: [216, chanInfo],
  chan_read: [217, chanRead],
  chan_write: [218, chanWrite],
  zfork: [219, extension.zfork],
};

/** Every import that a guest may have, by module. */
export const CALLS_BY_MODULE: Readonly<Record<string, CallTable>> = {
  wasi_snapshot_preview1: PREVIEW1,
  wasi_unstable: PREVIEW0,
  zrt: EXTENSION,
};
