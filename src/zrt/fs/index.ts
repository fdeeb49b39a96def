export { changeMode, changeTimes, type NewTimes } from "./attributes.ts";
export { Budget } from "./budget.ts";
export { DescriptorTable } from "./descriptor-table.ts";
export type {
  Access,
  Device,
  DeviceStat,
  DeviceType,
  OpenDevice,
  Spans,
  Whence,
} from "./device.ts";
export { directoryPath } from "./directory-path.ts";
export { ExportFailure } from "./export-failure.ts";
export { exportTree } from "./export-tree.ts";
export { FILE_BYTES_MAX, FileData, PAGE_BYTES } from "./file-data.ts";
export type { Image } from "./image.ts";
export { type Listed, listFrom } from "./listing.ts";
export { makeDirectories } from "./make-directories.ts";
export { type MountFailure, type MountOutcome, mountImage } from "./mount-image.ts";
export { makeDirectory, makeLink, makeSymlink, removeDirectory, rename, unlink } from "./names.ts";
export {
  DeviceNode,
  DirectoryNode,
  type Entry,
  FileNode,
  type Node,
  OWNER_GID,
  OWNER_UID,
  SymlinkNode,
  type Volume,
} from "./node.ts";
export { type OpenRequest, open } from "./open.ts";
export { type Now, OpenFile } from "./open-file.ts";
export { MODE_TYPE, type Stat, statNode } from "./stat.ts";
export { type Origin, Tree } from "./tree.ts";
export {
  NAME_BYTES_MAX,
  PATH_BYTES_MAX,
  type Place,
  SYMLINK_HOPS_MAX,
  type WalkRequest,
  walk,
} from "./walk.ts";
