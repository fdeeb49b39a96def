import { closeSync, fstatSync, openSync, renameSync, rmSync } from "node:fs";
import {
  type ByteString,
  byteStringOfText,
  memorySource,
  textOf,
  ZvmError,
} from "../../base/index.ts";
import { TarWriter, type WriteMember } from "../../tar/index.ts";
import {
  attempt,
  descriptorSource,
  type HostFolder,
  shownPath,
  writeFully,
} from "../../zerovm/image/index.ts";
import { MAP_MEMBER, ZAPP_FILE } from "../zapp/index.ts";
import type { Collected } from "./collect.ts";

/** Larger bundles are no single object of a store, and no image of a session. */
export const BUNDLE_BYTES_MAX = 4 * 2 ** 30;

export interface BundleParts {
  readonly jobText: string;
  readonly zappText: Uint8Array;
  readonly members: readonly Collected[];
}

/** Nobody owns the members, and they have no time: only names and contents make the bytes. */
const OWNERLESS = { uid: 0, gid: 0, mtimeSeconds: 0 } as const;

const PLAIN_MODE = 0o644;
const PROGRAM_MODE = 0o755;

/**
 * Writes a bundle: the job, the description, then the members in the order of their paths. The file
 * appears whole or not at all.
 * @returns its size in bytes
 * @throws ZvmError ZVM_ZAPP where it grows too large, ZVM_FILE where the host cannot read or write
 */
export function writeBundle(project: HostFolder, parts: BundleParts, output: string): number {
  const temporary = `${output}.${process.pid}.part`;
  const name = shownPath(output);
  const fd = attempt(`write ${name}`, () => openSync(temporary, "wx", 0o666));
  let isWhole = false;
  try {
    const sizeBytes = attempt(`write ${name}`, () => writeAll(fd, project, parts));
    attempt(`write ${name}`, () => renameSync(temporary, output));
    isWhole = true;
    return sizeBytes;
  } finally {
    closeSync(fd);
    if (!isWhole) rmSync(temporary, { force: true });
  }
}

function writeAll(fd: number, project: HostFolder, parts: BundleParts): number {
  let position = 0;
  const sink = {
    write: (bytes: Uint8Array): void => {
      writeFully(fd, bytes, position);
      position += bytes.length;
      if (position <= BUNDLE_BYTES_MAX) return;
      throw new ZvmError("ZVM_ZAPP", `A bundle has at most ${BUNDLE_BYTES_MAX} bytes`);
    },
  };
  const writer = new TarWriter(sink, { longNames: "plain" });
  writer.add(textMember(MAP_MEMBER, new TextEncoder().encode(parts.jobText)));
  writer.add(textMember(ZAPP_FILE, parts.zappText));
  for (const member of parts.members) addMember(writer, project, member);
  writer.finish();
  return writer.sizeBytes;
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
