import { lstatSync } from "node:fs";
import { type ByteString, bytesOf, textOf } from "../../base/index.ts";
import { DEPTH_MAX, type HostFolder } from "../../zerovm/image/index.ts";
import { OBJECT_BYTES_MAX } from "../job/index.ts";
import type { LeftOutList } from "./left-out.ts";

/** What a walk looks for, and where it says what it passed by. */
export interface Walk {
  /** Only names that begin with this. */
  readonly prefix: ByteString;
  /** Path of the folder in which it begins, for what is left out; empty for the store itself. */
  readonly base: ByteString;
  readonly leftOut: LeftOutList;
}

/** The sub-folders of a folder in byte order. Files beside them are nothing of the store. */
export function* containersIn(store: HostFolder, walk: Walk): Generator<ByteString> {
  for (const key of childrenOf(store, "", walk)) if (isFolder(key)) yield key.slice(0, -1);
}

/**
 * All regular files below a folder, named by their paths from it on, in byte order.
 * Links are not followed; each level holds one descriptor while it is walked.
 * @throws the host's error for a folder that cannot be read
 */
export function* filesBelow(
  folder: HostFolder,
  walk: Walk,
  path: ByteString = "",
  depth = 0,
): Generator<ByteString> {
  for (const key of childrenOf(folder, path, walk)) {
    if (!isFolder(key)) {
      yield key;
      continue;
    }
    if (depth >= DEPTH_MAX) {
      leaveOut(walk, key, `folders are nested more than ${DEPTH_MAX} deep`);
      continue;
    }
    const inner = enter(folder, key.slice(path.length, -1));
    if (inner === undefined) continue;
    try {
      yield* filesBelow(inner, walk, key, depth + 1);
    } finally {
      inner.close();
    }
  }
}

/**
 * The files and folders in one folder that can lead to a name with the prefix. A folder ends with
 * a slash, and is sorted with it: so all that it holds stands where its names belong.
 */
function childrenOf(folder: HostFolder, path: ByteString, walk: Walk): ByteString[] {
  const keys: ByteString[] = [];
  for (const name of folder.names()) {
    const key = path + name;
    if (!key.startsWith(walk.prefix) && !walk.prefix.startsWith(`${key}/`)) continue;
    const kind = kindOf(folder, name);
    const reason = isUtf8(name) ? reasonAgainst(kind, key) : "its name is no UTF-8";
    if (reason !== undefined) leaveOut(walk, key, reason);
    else if (kind === "folder") keys.push(`${key}/`);
    else if (kind === "file" && key.startsWith(walk.prefix)) keys.push(key);
  }
  return keys.sort();
}

const isFolder = (key: ByteString): boolean => key.endsWith("/");

type Kind = "file" | "folder" | "link" | "special" | "gone";

function kindOf(folder: HostFolder, name: ByteString): Kind {
  const state = lstatSync(folder.at(name), { throwIfNoEntry: false });
  if (state === undefined) return "gone";
  if (state.isSymbolicLink()) return "link";
  if (state.isDirectory()) return "folder";
  return state.isFile() ? "file" : "special";
}

function reasonAgainst(kind: Kind, key: ByteString): string | undefined {
  if (kind === "link") return "it is a symbolic link";
  if (kind === "special") return "it is no regular file";
  const isLong = key.length > OBJECT_BYTES_MAX;
  return isLong ? `its name has more than ${OBJECT_BYTES_MAX} bytes` : undefined;
}

function leaveOut({ base, leftOut }: Walk, key: ByteString, reason: string): void {
  leftOut.add(textOf(base + key), reason);
}

/** A folder inside of another; nothing where it was removed or replaced since it was seen. */
function enter(folder: HostFolder, name: ByteString): HostFolder | undefined {
  try {
    return folder.openFolder(name);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** Whether the host says that there is no such folder: nothing, a link, or another kind of file. */
export function isGone(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ELOOP" || code === "ENOTDIR";
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function isUtf8(name: ByteString): boolean {
  try {
    UTF8.decode(bytesOf(name));
    return true;
  } catch {
    return false;
  }
}
