import {
  type ByteSink,
  type ByteSource,
  type ByteString,
  printable,
  textOf,
} from "../../base/index.ts";
import {
  ArchiveSize,
  compareBytes,
  storedName,
  TarWriter,
  type WriteMember,
} from "../../tar/index.ts";
import { ExportFailure } from "./export-failure.ts";
import type { FileData } from "./file-data.ts";
import type { DirectoryNode, FileNode, Node } from "./node.ts";
import type { Tree } from "./tree.ts";
import { PATH_BYTES_MAX } from "./walk.ts";

const NANOS_PER_SECOND = 1_000_000_000n;
const SHOWN_PATH_CHARACTERS = 80;

/**
 * Writes everything below `mountpoint` as a tar archive, members sorted bytewise, `/dev` left
 * out. A mountpoint that is missing or is no directory gives an empty archive. All is judged
 * before the first byte is written: a guest may have made a file of terabytes out of nothing.
 *
 * @returns whether there was a directory to export.
 * @throws ExportFailure when a path is longer than an archive may hold, or the archive would
 *   have more than `bytesMax` bytes.
 */
export function exportTree(
  tree: Tree,
  mountpoint: ByteString,
  sink: ByteSink,
  bytesMax = Number.POSITIVE_INFINITY,
): boolean {
  const origin = { start: tree.root, ceiling: tree.root };
  const top = tree.find(origin, `/${mountpoint}`, true);
  const isExportable = typeof top !== "number" && top.kind === "directory" && !isDevice(top);
  const size = new ArchiveSize();
  if (isExportable) new TreeExport(size).run(top, memberPath(mountpoint));
  if (size.sizeBytes > bytesMax) throw tooLarge(mountpoint, size.sizeBytes, bytesMax);
  const writer = new TarWriter(sink);
  if (isExportable) new TreeExport(writer).run(top, memberPath(mountpoint));
  writer.finish();
  return isExportable;
}

/** Members are named from the root, by the mountpoint as it was given. */
function memberPath(mountpoint: ByteString): ByteString {
  const parts: ByteString[] = [];
  for (const part of mountpoint.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}

interface Pending {
  readonly node: Node;
  readonly path: ByteString;
}

/** What members are given to: what writes them, or what only counts their bytes. */
type MemberSink = Pick<TarWriter, "add">;

class TreeExport {
  readonly #writer: MemberSink;
  /** First exported name of files that have several. */
  readonly #firstName = new Map<FileNode, ByteString>();

  constructor(writer: MemberSink) {
    this.#writer = writer;
  }

  /** Keeps a list of its own instead of calling itself: a guest may nest as deep as it likes. */
  run(top: DirectoryNode, topPath: ByteString): void {
    const pending: Pending[] = [{ node: top, path: topPath }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, path } = next;
      if (path.length >= PATH_BYTES_MAX) throw tooLong(path);
      this.#add(node, path);
      if (node.kind !== "directory") continue;
      const children = sortedChildren(node, path);
      for (let index = children.length - 1; index >= 0; index--) {
        const child = children[index];
        if (child !== undefined) pending.push(child);
      }
    }
  }

  #add(node: Node, path: ByteString): void {
    switch (node.kind) {
      case "directory":
        if (path !== "") this.#writer.add({ ...common(node, path), kind: "directory" });
        return;
      case "symlink":
        this.#writer.add({ ...common(node, path), kind: "symlink", link: node.target });
        return;
      case "file":
        this.#addFile(node, path);
        return;
      case "device":
        return;
    }
  }

  #addFile(node: FileNode, path: ByteString): void {
    const first = this.#firstName.get(node);
    if (first !== undefined) {
      this.#writer.add({ ...common(node, path), kind: "hardlink", link: first });
      return;
    }
    if (node.nlink > 1) this.#firstName.set(node, path);
    this.#writer.add({ ...common(node, path), kind: "file", contents: sourceOf(node.data) });
  }
}

function isDevice(node: Node): boolean {
  return node.volume.isDevices === true;
}

function common(node: Node, path: ByteString): Omit<WriteMember, "kind"> {
  return {
    path,
    mode: node.mode,
    uid: node.uid,
    gid: node.gid,
    mtimeSeconds: wholeSeconds(node.modifiedNs),
  };
}

/** Rounds down, also before 1970. */
function wholeSeconds(timeNs: bigint): number {
  const seconds = timeNs / NANOS_PER_SECOND;
  return Number(seconds * NANOS_PER_SECOND > timeNs ? seconds - 1n : seconds);
}

/** In the order of the names that the archive stores: a directory's ends with a slash there. */
function sortedChildren(directory: DirectoryNode, path: ByteString): Pending[] {
  const children: { stored: ByteString; pending: Pending }[] = [];
  for (const { name, node } of directory.entries()) {
    if (isDevice(node)) continue;
    const stored = storedName(name, node.kind === "directory" ? "directory" : "file");
    children.push({ stored, pending: { node, path: path === "" ? name : `${path}/${name}` } });
  }
  children.sort((left, right) => compareBytes(left.stored, right.stored));
  return children.map(({ pending }) => pending);
}

function sourceOf(data: FileData): ByteSource {
  return {
    sizeBytes: data.sizeBytes,
    read: (offset, into) => data.read(into, 0, into.length, offset),
  };
}

function tooLarge(mountpoint: ByteString, bytes: number, bytesMax: number): ExportFailure {
  const place = printable(textOf(mountpoint.slice(0, SHOWN_PATH_CHARACTERS)));
  return new ExportFailure(
    `Cannot export ${place}: the archive would have ${bytes} bytes, its channel takes ` +
      `${bytesMax}; raise the put limits of the channel, or the limit image-bytes`,
  );
}

function tooLong(path: ByteString): ExportFailure {
  const begin = printable(textOf(path.slice(0, SHOWN_PATH_CHARACTERS)));
  return new ExportFailure(
    `Cannot export a path of ${path.length} bytes, an archive takes ${PATH_BYTES_MAX - 1}: ` +
      `it begins with ${begin}`,
  );
}
