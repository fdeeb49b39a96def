/** What is put into an image, as the command line names it, and the entries that come of it. */

import { lstatSync, readlinkSync, statSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { type ByteString, byteStringOfText, textOf, ZvmError } from "../../base/index.ts";
import { normalisePath } from "../../tar/index.ts";
import type { Entry } from "./entry.ts";
import { attempt, shownPath } from "./host-failure.ts";
import { HostFolder, HostTree } from "./host-tree.ts";
import { fileIdentity, floorSeconds, openContents, type Scan, scanFolder } from "./scan-folder.ts";

export interface ImagePart {
  readonly hostPath: string;
  /** Its place in the image; empty for the root. Without it the command decides. */
  readonly name?: ByteString;
}

/** Reads `PATH[=NAME]`; a path that has a `=` itself needs a name. */
export function parsePart(argument: string): ImagePart {
  const at = argument.lastIndexOf("=");
  if (at < 0) return { hostPath: argument };
  const name = innerName(byteStringOfText(argument.slice(at + 1)), argument);
  return { hostPath: argument.slice(0, at), name };
}

/** The name as the image has it. @throws ZvmError ZVM_USAGE when it leads out of the image */
function innerName(name: ByteString, origin: string): ByteString {
  return normalisePath(name, (reason) => {
    throw new ZvmError("ZVM_USAGE", `Cannot use the name in ${shownPath(origin)}: ${reason}`);
  });
}

export interface PartOptions {
  /** Where a folder without a name goes: its contents to the root, or all of it by its name. */
  readonly unnamedFolder: "root" | "name";
  readonly membersMax: number;
  readonly except: string | undefined;
}

export interface PartEntries extends Scan {
  /** Call it when all entries were written. */
  close(): void;
}

/**
 * Lists what a part brings; a symbolic link as a part is followed, one inside of it is not.
 * @throws ZvmError ZVM_FILE when it cannot be read or is no file or folder.
 */
export function partEntries(part: ImagePart, options: PartOptions): PartEntries {
  const { hostPath } = part;
  const name =
    part.name === undefined ? undefined : innerName(part.name, `${hostPath}=${textOf(part.name)}`);
  const action = `pack ${shownPath(hostPath)}`;
  const stat = attempt(action, () => statSync(hostPath));
  const ownName = byteStringOfText(basename(resolve(hostPath)));
  if (!stat.isDirectory()) return fileEntry(hostPath, name || ownName, action);
  const prefix = name ?? (options.unnamedFolder === "root" ? "" : ownName);
  const tree = attempt(action, () => new HostTree(hostPath));
  const { membersMax, except } = options;
  try {
    const { entries, warnings } = scanFolder(tree, { hostPath, prefix, membersMax, except });
    // What lies at the root needs no entry for the root: its mode would be that of the folder.
    const kept = prefix === "" ? entries.slice(1) : entries;
    return { entries: kept, warnings, close: () => tree.close() };
  } catch (error) {
    tree.close();
    throw error;
  }
}

function fileEntry(hostPath: string, path: ByteString, action: string): PartEntries {
  const stat = attempt(action, () => statSync(hostPath, { bigint: true }));
  if (!stat.isFile()) {
    throw new ZvmError("ZVM_FILE", `Cannot ${action}: it is neither a file nor a folder`);
  }
  const real = realFile(resolve(hostPath));
  const entry: Entry = {
    path,
    kind: "file",
    mode: Number(stat.mode & 0o7777n),
    mtimeSeconds: floorSeconds(stat.mtimeNs),
    sizeBytes: Number(stat.size),
    origin: shownPath(hostPath),
    open: () => attempt(action, () => openIn(dirname(real), basename(real))),
  };
  const identified = stat.nlink > 1n ? { ...entry, identity: fileIdentity(stat) } : entry;
  return { entries: [identified], warnings: [], close: () => {} };
}

function openIn(folderPath: string, name: string): ReturnType<typeof openContents> {
  const folder = new HostFolder(folderPath);
  try {
    return openContents(folder, byteStringOfText(name));
  } finally {
    folder.close();
  }
}

/** The file that links lead to. The host has followed them before, so that they end. */
function realFile(path: string): string {
  if (!lstatSync(path).isSymbolicLink()) return path;
  return realFile(resolve(dirname(path), readlinkSync(path)));
}
