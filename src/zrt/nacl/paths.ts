/** The calls on paths, which begin at the working directory where they are not absolute. */
import { type ByteString, bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import {
  changeMode,
  changeTimes,
  directoryPath,
  makeDirectory,
  makeLink,
  makeSymlink,
  type Node,
  OpenFile,
  PATH_BYTES_MAX,
  type Place,
  removeDirectory,
  rename as renamePlace,
  statNode,
  unlink as unlinkPath,
} from "../fs/index.ts";
import { ALL_RIGHTS, exactNumber, openAt, rightsOfKind } from "../wasi/index.ts";
import { encodeStat, STAT_BYTES, TIME_BYTES } from "./layouts.ts";
import { type NaclAnswer, type NaclWorld, negative, originOf } from "./nacl-world.ts";
import { readTimeval } from "./time.ts";

const ACCESS_MODE = 3;
/** Flags of `open` that change what it does; others are taken and mean nothing. */
const FLAG = {
  CREATE: 0o100,
  EXCLUSIVE: 0o200,
  TRUNCATE: 0o1000,
  APPEND: 0o2000,
  DIRECTORY: 0o200000,
} as const;
const MODE_EXECUTE = 0o111;
const ACCESS = { EXECUTE: 1, WRITE: 2, ALL: 7 } as const;

/** Opens or makes a file; the result is the lowest free descriptor. `EINVAL`: no access mode. */
export const open: NaclAnswer = (world, pathPtr, flags, mode) => {
  const { guest } = world;
  return withPath(world, pathPtr, (path) => {
    const access = flags & ACCESS_MODE;
    if (access === ACCESS_MODE) return -ERRNO.EINVAL;
    const has = (flag: number): boolean => (flags & flag) !== 0;
    if (has(FLAG.CREATE)) guest.tree.setNextMode(mode);
    const file = openAt(guest, originOf(world), path, {
      read: access !== 1,
      write: access !== 0,
      append: has(FLAG.APPEND),
      create: has(FLAG.CREATE),
      exclusive: has(FLAG.EXCLUSIVE),
      truncate: has(FLAG.TRUNCATE),
      directory: has(FLAG.DIRECTORY),
      followLast: true,
    });
    if (typeof file === "number") return denied(world, path, file, access !== 0);
    guest.rights.set(file, { ...ALL_RIGHTS, base: rightsOfKind(file.node) });
    return guest.descriptors.add(file);
  });
};

/** Writes a `struct stat`, of what a last symbolic link leads to or of the link. */
export function stat(followsLast: boolean): NaclAnswer {
  return (world, pathPtr, resultPtr) => {
    return withNode(world, pathPtr, followsLast, (node) => {
      world.memory.check(resultPtr, STAT_BYTES, "write");
      world.memory.write(resultPtr, encodeStat(statNode(node)));
      return 0;
    });
  };
}

export const chmod: NaclAnswer = (world, pathPtr, mode) => {
  return withNode(world, pathPtr, true, (node) => {
    return negative(changeMode(world.guest.tree, node, mode));
  });
};

/** Whether a file may be used so: everybody owns everything. `EINVAL`: unknown bits. */
export const access: NaclAnswer = (world, pathPtr, wanted) => {
  if (wanted > ACCESS.ALL) return -ERRNO.EINVAL;
  return withNode(world, pathPtr, true, (node) => {
    const isChanged = (wanted & ACCESS.WRITE) !== 0;
    if (isChanged && node.volume.readonly) return -ERRNO.EROFS;
    const isRun = (wanted & ACCESS.EXECUTE) !== 0;
    const runs = node.kind === "directory" || (statNode(node).mode & MODE_EXECUTE) !== 0;
    return isRun && !runs ? -ERRNO.EACCES : 0;
  });
};

/** Cuts or extends a file to the i64 that `sizePtr` points to. */
export const truncate: NaclAnswer = (world, pathPtr, sizePtr) => {
  const { tree } = world.guest;
  const size = world.memory.readI64(sizePtr);
  if (size < 0n) return -ERRNO.EINVAL;
  const exact = exactNumber(size);
  if (exact === undefined) return -ERRNO.EFBIG;
  return withNode(world, pathPtr, true, (node) => {
    if (node.kind !== "directory" && node.volume.readonly) return -ERRNO.EROFS;
    const asked = { read: false, write: true, append: false, truncate: true };
    const refused = node.kind === "device" ? node.device.open(asked) : ERRNO.OK;
    if (refused !== ERRNO.OK) return -refused;
    return negative(new OpenFile(node, asked, tree.root, tree.now).truncate(exact));
  });
};

/** Sets the times to the two `struct timeval` at `timesPtr`, or to now where that is 0. */
export const utimes: NaclAnswer = (world, pathPtr, timesPtr) => {
  return withNode(world, pathPtr, true, (node) => {
    const { tree } = world.guest;
    const timeAt = (index: number): bigint | undefined => {
      return timesPtr === 0 ? tree.now() : readTimeval(world, timesPtr + TIME_BYTES * index);
    };
    const times = { accessedNs: timeAt(0), modifiedNs: timeAt(1) };
    if (times.accessedNs === undefined || times.modifiedNs === undefined) return -ERRNO.EINVAL;
    return negative(changeTimes(tree, node, times));
  });
};

export const mkdir: NaclAnswer = (world, pathPtr, mode) => {
  return withPath(world, pathPtr, (path) => {
    world.guest.tree.setNextMode(mode);
    return negative(makeDirectory(world.guest.tree, originOf(world), path));
  });
};

export const rmdir: NaclAnswer = (world, pathPtr) => onPath(world, pathPtr, removeDirectory);

export const unlink: NaclAnswer = (world, pathPtr) => onPath(world, pathPtr, unlinkPath);

function onPath(world: NaclWorld, pathPtr: number, operation: typeof unlinkPath): number {
  return withPath(world, pathPtr, (path) => {
    return negative(operation(world.guest.tree, originOf(world), path));
  });
}

export const link: NaclAnswer = (world, oldPtr, newPtr) => {
  return withPlaces(world, oldPtr, newPtr, (from, to) => makeLink(world.guest.tree, from, to));
};

export const rename: NaclAnswer = (world, oldPtr, newPtr) => {
  return withPlaces(world, oldPtr, newPtr, (from, to) => renamePlace(world.guest.tree, from, to));
};

export const symlink: NaclAnswer = (world, targetPtr, pathPtr) => {
  return withPath(world, targetPtr, (target) => {
    return withPath(world, pathPtr, (path) => {
      return negative(makeSymlink(world.guest.tree, target, originOf(world), path));
    });
  });
};

/** Writes the target of a symbolic link, cut to the buffer and without NUL; gives its size. */
export const readlink: NaclAnswer = (world, pathPtr, bufferPtr, size) => {
  return withPath(world, pathPtr, (path) => {
    const node = world.guest.tree.find(originOf(world), path, false);
    if (typeof node === "number") return -node;
    if (node.kind !== "symlink") return -ERRNO.EINVAL;
    world.memory.check(bufferPtr, size, "write");
    const target = bytesOf(node.target).subarray(0, size);
    world.memory.write(bufferPtr, target);
    return target.length;
  });
};

export const chdir: NaclAnswer = (world, pathPtr) => {
  return withNode(world, pathPtr, true, (node) => {
    if (node.kind !== "directory") return -ERRNO.ENOTDIR;
    world.guest.cwd = node;
    return 0;
  });
};

/** Writes the working directory and a NUL. `ERANGE`: there is no room for it. */
export const getcwd: NaclAnswer = ({ guest, memory }, bufferPtr, size) => {
  memory.check(bufferPtr, size, "write");
  const path = directoryPath(guest.tree, guest.cwd, Math.min(size, PATH_BYTES_MAX) - 1);
  if (typeof path === "number") return -path;
  memory.write(bufferPtr, bytesOf(`${path}\0`));
  return 0;
};

function withPath(
  { memory }: NaclWorld,
  pathPtr: number,
  act: (path: ByteString) => number,
): number {
  const path = memory.readPath(pathPtr);
  return typeof path === "number" ? -path : act(path);
}

function withNode(
  world: NaclWorld,
  pathPtr: number,
  followsLast: boolean,
  act: (node: Node) => number,
): number {
  return withPath(world, pathPtr, (path) => {
    const node = world.guest.tree.find(originOf(world), path, followsLast);
    return typeof node === "number" ? denied(world, path, node, false) : act(node);
  });
}

function withPlaces(
  world: NaclWorld,
  oldPtr: number,
  newPtr: number,
  act: (from: Place, to: Place) => Errno,
): number {
  const placeOf = (path: ByteString) => world.guest.tree.lookUp(originOf(world), path, false);
  return withPath(world, oldPtr, (oldPath) => {
    return withPath(world, newPtr, (newPath) => {
      const [from, to] = [placeOf(oldPath), placeOf(newPath)];
      if (typeof from === "number") return -from;
      return typeof to === "number" ? -to : negative(act(from, to));
    });
  });
}

/** Notes a path that the guest did not get, seen from the root. */
function denied({ guest }: NaclWorld, path: ByteString, errno: Errno, isWrite: boolean): number {
  const start = path.startsWith("/") ? "" : directoryPath(guest.tree, guest.cwd, PATH_BYTES_MAX);
  if (typeof start === "string") {
    const whole = start === "" ? path : `${start.replace(/\/$/, "")}/${path}`;
    guest.denied.note(whole, isWrite ? "write" : "read", errno);
  }
  return -errno;
}
