import { constants } from "node:fs";
import {
  chmod,
  type FileHandle,
  link,
  mkdir,
  open,
  opendir,
  rename,
  stat,
  statfs,
  unlink,
} from "node:fs/promises";
import { dirname } from "node:path";
import { errnoOf } from "./failure.ts";

/** What the store does with files of the host; tests put failures in between. */
export interface StoreFiles {
  /** Makes a file that must not be there yet, for this user only. */
  create(path: string): Promise<NewFile>;
  openRead(path: string): Promise<FileHandle>;
  sizeBytes(path: string): Promise<number>;
  /** A second name of the same bytes. */
  link(from: string, to: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** See the function of this name. */
  keepPrivate(folder: string): Promise<void>;
  /** Names in a folder, as they come. */
  names(folder: string): AsyncIterable<string>;
  /** Brings the names in a folder to the disk. */
  syncFolder(path: string): Promise<void>;
  /** Bytes that may still be written to the file system of `path`. */
  freeBytes(path: string): Promise<number>;
}

export interface NewFile {
  write(bytes: Uint8Array): Promise<void>;
  /** Brings the bytes and the size to the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** For this user only. */
export const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

export const HOST_FILES: StoreFiles = {
  async create(path) {
    const file = await open(path, "wx", FILE_MODE);
    return {
      async write(bytes) {
        let offset = 0;
        while (offset < bytes.length) {
          offset += (await file.write(bytes, offset)).bytesWritten;
        }
      },
      sync: () => file.sync(),
      close: () => file.close(),
    };
  },
  // Nothing is executed through it, and it never becomes a terminal.
  openRead: (path) => open(path, constants.O_RDONLY | constants.O_NOFOLLOW),
  sizeBytes: async (path) => (await stat(path)).size,
  link,
  rename,
  unlink,
  async makeFolder(path) {
    await makeWithParents(path);
  },
  keepPrivate,
  async *names(folder) {
    for await (const entry of await opendir(folder)) yield entry.name;
  },
  async syncFolder(path) {
    const folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  },
};

/** Permissions of all users but the owner. */
const OTHERS = 0o077;

/** Takes the rights of others off a folder that an earlier version, or a copy, made with them. */
async function keepPrivate(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & OTHERS) !== 0) await chmod(folder, FOLDER_MODE);
}

/** As `mkdir -p`. That of Node tries for ever in a file system that makes no folders, as /proc. */
async function makeWithParents(path: string): Promise<void> {
  const make = async (): Promise<boolean> => {
    try {
      await mkdir(path, FOLDER_MODE);
      return true;
    } catch (cause) {
      const errno = errnoOf(cause);
      if (errno === "EEXIST" && (await stat(path)).isDirectory()) return true;
      if (errno === "ENOENT" && dirname(path) !== path) return false;
      throw cause;
    }
  };
  if (await make()) return;
  await makeWithParents(dirname(path));
  await mkdir(path, FOLDER_MODE);
}
