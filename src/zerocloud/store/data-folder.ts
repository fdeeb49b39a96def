import { type FileHandle, open, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { lockFile } from "../../zerovm/libc/index.ts";
import { CONTENT_FOLDERS } from "./contents.ts";
import { DATABASE_FILE } from "./database-file.ts";
import { damaged, errnoOf, hostFailure } from "./failure.ts";
import { FILE_MODE, type StoreFiles } from "./store-files.ts";

const FORMAT_FILE = "format";
const FORMAT = "zerovm store 1\n";
const NEW_FORMAT_FILE = "format.new";
const LOCK_FILE = "lock";

/** What the first start makes before the file that says that it is a store. */
const BEFORE_FORMAT: readonly string[] = [
  LOCK_FILE,
  NEW_FORMAT_FILE,
  DATABASE_FILE,
  `${DATABASE_FILE}-lock`,
  ...CONTENT_FOLDERS,
];

/** The kernel ends the lock with the process: a killed one leaves nothing to clear up. */
export async function lockFolder(folder: string): Promise<FileHandle> {
  try {
    const lock = await open(join(folder, LOCK_FILE), "a", FILE_MODE);
    if (lockFile(lock.fd)) return lock;
    await lock.close();
  } catch (cause) {
    throw hostFailure(`Cannot lock the store ${folder}`, cause);
  }
  throw new ZvmError("ZVM_STORE_IN_USE", `Another process has the store ${folder} open`);
}

/** @throws ZvmError ZVM_STORE_FULL, _FAILED */
export async function makeFolder(folder: string, files: StoreFiles): Promise<void> {
  try {
    await files.makeFolder(folder);
  } catch (cause) {
    throw hostFailure(`Cannot make the folder ${folder}`, cause);
  }
}

/**
 * Whether the folder has yet to become a store. One with other things is never made one, and one
 * of a later form is not read.
 * @throws ZvmError ZVM_STORE_DAMAGED
 */
export async function isToBeMade(folder: string, files: StoreFiles): Promise<boolean> {
  const found: string[] = [];
  for await (const name of files.names(folder)) found.push(name);
  if (found.every((name) => BEFORE_FORMAT.includes(name))) return true;
  await judgeFormat(folder);
  return false;
}

/** @throws ZvmError ZVM_STORE_DAMAGED where the folder is no store of a form that we know */
export async function judgeFormat(folder: string): Promise<void> {
  const text = await readFile(join(folder, FORMAT_FILE), "latin1").catch((cause: unknown) => {
    const errno = errnoOf(cause);
    if (errno === "ENOTDIR") throw damaged(`${folder} is no store: it is no folder`, cause);
    if (errno !== "ENOENT") throw hostFailure(`Cannot read the store ${folder}`, cause);
    throw damaged(`${folder} is no store: it has no file "${FORMAT_FILE}"`, cause);
  });
  if (text !== FORMAT) throw damaged(`${folder} is no store of a form that this version knows`);
  // An empty one made in its place would say of every file that no object names it.
  const database = await stat(join(folder, DATABASE_FILE)).catch(() => undefined);
  if (!database?.size) throw damaged(`The database of the store ${folder} is gone`);
}

/** Makes the folder a store: the last step, when all else is there. */
export async function writeFormat(folder: string, files: StoreFiles): Promise<void> {
  const made = join(folder, NEW_FORMAT_FILE);
  await rm(made, { force: true });
  const file = await files.create(made);
  try {
    await file.write(Buffer.from(FORMAT));
    await file.sync();
  } finally {
    await file.close();
  }
  await files.rename(made, join(folder, FORMAT_FILE));
  await files.syncFolder(folder);
  await files.syncFolder(dirname(folder));
}
