import { closeSync, fstatSync } from "node:fs";
import {
  type ByteString,
  byteStringOfText,
  memorySource,
  textOf,
  ZvmError,
} from "../../base/index.ts";
import type { TarWriter, WriteMember } from "../../tar/index.ts";
import { attempt, descriptorSource, type HostFolder, shownPath } from "../../zerovm/image/index.ts";
import { MAP_MEMBER, ZAPP_FILE } from "../zapp/index.ts";
import type { Collected } from "./collect.ts";
import { OWNERLESS, PROGRAM_MODE, writeTar } from "./write-tar.ts";

export interface BundleParts {
  readonly jobText: string;
  readonly zappText: Uint8Array;
  readonly members: readonly Collected[];
}

/** How much of a bundle is written: members, all of them, and bytes of their contents. */
export type PackProgress = (members: number, total: number, bytes: number) => void;

const PLAIN_MODE = 0o644;

/**
 * Writes a bundle: the job, the description, then the members in the order of their paths. The file
 * appears whole or not at all.
 * @returns its size in bytes
 * @throws ZvmError ZVM_ZAPP where it grows too large, ZVM_FILE where the host cannot read or write
 */
export function writeBundle(
  project: HostFolder,
  parts: BundleParts,
  output: string,
  onProgress: PackProgress = () => undefined,
): number {
  const total = parts.members.length;
  let bytes = 0;
  return writeTar(output, (writer) => {
    writer.add(textMember(MAP_MEMBER, new TextEncoder().encode(parts.jobText)));
    writer.add(textMember(ZAPP_FILE, parts.zappText));
    for (const [at, member] of parts.members.entries()) {
      addMember(writer, project, member, (read) => {
        bytes += read;
        onProgress(at, total, bytes);
      });
      onProgress(at + 1, total, bytes);
    }
  });
}

function textMember(path: string, bytes: Uint8Array): WriteMember {
  const contents = memorySource(bytes);
  return { path: byteStringOfText(path), kind: "file", mode: PLAIN_MODE, ...OWNERLESS, contents };
}

/** @param onRead told of bytes of its contents, as they are read */
function addMember(
  writer: TarWriter,
  project: HostFolder,
  member: Collected,
  onRead: (bytes: number) => void,
): void {
  const { path, kind, link } = member;
  if (kind !== "file") {
    const mode = kind === "directory" ? PROGRAM_MODE : 0o777;
    writer.add({ path, kind, mode, ...OWNERLESS, ...(link !== undefined && { link }) });
    return;
  }
  const fd = openMember(project, path);
  try {
    const { mode, size } = fstatSync(fd);
    const source = descriptorSource(fd, size);
    const read = (offset: number, into: Uint8Array): number => {
      const count = source.read(offset, into);
      onRead(count);
      return count;
    };
    const contents = { ...source, read };
    const kept = (mode & 0o111) === 0 ? PLAIN_MODE : PROGRAM_MODE;
    writer.add({ path, kind, mode: kept, ...OWNERLESS, contents });
  } finally {
    closeSync(fd);
  }
}

/** Opens a file of the project part by part: what became a link since it was seen is refused. */
export function openMember(project: HostFolder, path: ByteString): number {
  const parts = path.split("/");
  const name = parts.pop() ?? "";
  const opened: HostFolder[] = [];
  const action = `read ${shownPath(textOf(path))}`;
  try {
    let folder = project;
    for (const part of parts) {
      const above = folder;
      folder = attempt(action, () => above.openFolder(part));
      opened.push(folder);
    }
    const fd = attempt(action, () => folder.openFile(name));
    if (fstatSync(fd).isFile()) return fd;
    closeSync(fd);
    throw new ZvmError("ZVM_FILE", `Cannot ${action}: it is no regular file any more`);
  } finally {
    for (const folder of opened) folder.close();
  }
}
