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

const PLAIN_MODE = 0o644;

/**
 * Writes a bundle: the job, the description, then the members in the order of their paths. The file
 * appears whole or not at all.
 * @returns its size in bytes
 * @throws ZvmError ZVM_ZAPP where it grows too large, ZVM_FILE where the host cannot read or write
 */
export function writeBundle(project: HostFolder, parts: BundleParts, output: string): number {
  return writeTar(output, (writer) => {
    writer.add(textMember(MAP_MEMBER, new TextEncoder().encode(parts.jobText)));
    writer.add(textMember(ZAPP_FILE, parts.zappText));
    for (const member of parts.members) addMember(writer, project, member);
  });
}

function textMember(path: string, bytes: Uint8Array): WriteMember {
  const contents = memorySource(bytes);
  return { path: byteStringOfText(path), kind: "file", mode: PLAIN_MODE, ...OWNERLESS, contents };
}

function addMember(writer: TarWriter, project: HostFolder, member: Collected): void {
  const { path, kind, link } = member;
  if (kind !== "file") {
    const mode = kind === "directory" ? PROGRAM_MODE : 0o777;
    writer.add({ path, kind, mode, ...OWNERLESS, ...(link !== undefined && { link }) });
    return;
  }
  const fd = openMember(project, path);
  try {
    const { mode, size } = fstatSync(fd);
    const contents = descriptorSource(fd, size);
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
