import { assert, type ByteString } from "../../base/index.ts";
import { type MemberTable, type Outline, RUN_NUMBERS } from "../../tar/index.ts";
import { FileData } from "./file-data.ts";
import type { Image } from "./image.ts";
import { DirectoryNode, FileNode, type Node, SymlinkNode, type Volume } from "./node.ts";
import type { Tree } from "./tree.ts";

const NANOS = 1_000_000_000n;

/** How the nodes of an image are made. */
export interface MountStyle {
  /** Mode of everything, in place of what the archive says; times are then those of the mount. */
  readonly classicMode: number | undefined;
  /** Mode of directories that no member names. */
  readonly impliedMode: number;
}

/**
 * Mounts an image that has an outline on a directory where none of its names is taken. What lies
 * in a directory is made when that is first looked into, and is then as if it had been made now:
 * the numbers of nodes are reserved, their cost is charged.
 *
 * @returns whether that could be done; else nothing was changed.
 */
export function mountOutline(
  tree: Tree,
  image: Image,
  top: DirectoryNode,
  style: MountStyle,
): boolean {
  const { members } = image;
  const { outline } = members;
  if (outline === undefined || isTaken(top, members, outline)) return false;
  if (!tree.budget.chargeAll(outline.nodes, members.links.length)) return false;
  new OutlineMount(tree, { image, outline, volume: top.volume, style }).begin(top);
  return true;
}

/** Whether the archive has a name in its top that is there already. */
function isTaken(top: DirectoryNode, members: MemberTable, { runs, names }: Outline): boolean {
  if (top.size === 0) return false;
  for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
    if (runs[at] !== 0) continue;
    const first = runs[at + 1] ?? 0;
    const size = runs[at + 2] ?? 0;
    for (let row = first; row < first + size; row++) {
      const name = row < 0 ? (names[-1 - row] ?? "") : members.path(row);
      if (top.get(name) !== undefined) return true;
    }
  }
  return false;
}

interface Mounted {
  readonly image: Image;
  readonly outline: Outline;
  /** Of the mountpoint as it was mounted. */
  readonly volume: Volume;
  readonly style: MountStyle;
}

/** Members of one directory in a row: the number of the first node, the first row, how many. */
interface Run {
  readonly ino: number;
  /** -1 less the number of a directory for that directory. */
  readonly first: number;
  readonly size: number;
}

class OutlineMount {
  readonly #tree: Tree;
  readonly #mounted: Mounted;
  readonly #nowNs: bigint;
  /** By number of the directory. */
  readonly #runs: Run[][];
  readonly #subdirectories: number[];

  constructor(tree: Tree, mounted: Mounted) {
    this.#tree = tree;
    this.#mounted = mounted;
    this.#nowNs = tree.now();
    const { runs, rows, nodes } = mounted.outline;
    this.#runs = Array.from(rows, () => []);
    this.#subdirectories = Array.from(rows, () => 0);
    let ino = tree.reserveInos(nodes);
    for (let at = 0; at < runs.length; at += RUN_NUMBERS) {
      const above = runs[at] ?? 0;
      const first = runs[at + 1] ?? 0;
      const size = runs[at + 2] ?? 0;
      this.#runs[above]?.push({ ino, first, size });
      if (first < 0) this.#subdirectories[above] = (this.#subdirectories[above] ?? 0) + 1;
      ino += size;
    }
  }

  begin(top: DirectoryNode): void {
    const row = this.#mounted.outline.rows[0] ?? -1;
    if (row >= 0) this.#describe(top, row);
    this.#defer(top, 0);
  }

  #defer(directory: DirectoryNode, number: number): void {
    const fill = (): void => this.#fill(directory, number);
    directory.fillLater(this.#subdirectories[number] ?? 0, fill);
  }

  #fill(directory: DirectoryNode, number: number): void {
    const { image, outline } = this.#mounted;
    for (const { ino, first, size } of this.#runs[number] ?? []) {
      if (first < 0) {
        directory.adopt(outline.names[-1 - first] ?? "", this.#directory(ino, -1 - first));
        continue;
      }
      for (let index = 0; index < size; index++) {
        const path = image.members.path(first + index);
        directory.adopt(lastPart(path), this.#leaf(ino + index, first + index));
      }
    }
    // Nothing is made twice.
    this.#runs[number] = [];
  }

  #directory(ino: number, number: number): DirectoryNode {
    const { volume, style, outline } = this.#mounted;
    const mode = style.classicMode ?? style.impliedMode;
    const directory = new DirectoryNode(ino, volume, mode, this.#nowNs);
    const row = outline.rows[number] ?? -1;
    if (row >= 0) this.#describe(directory, row);
    this.#defer(directory, number);
    return directory;
  }

  #leaf(ino: number, row: number): Node {
    const { volume, style, image } = this.#mounted;
    const { members, source } = image;
    assertSound(image, row);
    const kind = members.kind(row);
    assert(kind === "symlink" || kind === "file", "a run of an outline has no directory");
    const node =
      kind === "symlink"
        ? new SymlinkNode(ino, volume, this.#nowNs, members.link(row))
        : new FileNode(
            ino,
            volume,
            style.classicMode ?? members.mode(row),
            this.#nowNs,
            new FileData(this.#tree.budget, {
              source,
              offset: members.dataOffset(row),
              sizeBytes: members.sizeBytes(row),
            }),
          );
    this.#describe(node, row);
    return node;
  }

  #describe(node: Node, row: number): void {
    if (this.#mounted.style.classicMode !== undefined) return;
    const { members } = this.#mounted.image;
    if (node.kind === "directory") {
      assertSound(this.#mounted.image, row);
      assert(members.kind(row) === "directory", "a directory of an outline is one");
    }
    describeNode(node, members.mode(row), timeOf(members, row));
  }
}

/** What a cell was told of a member is judged before it is used. */
export function assertSound({ members, source }: Image, row: number): void {
  assert(members.isSound(row, source.sizeBytes), `there is no member in row ${row}`);
}

/** Gives a node the mode and the times of its member; links keep their mode. */
export function describeNode(node: Node, mode: number, timeNs: bigint): void {
  if (node.kind !== "symlink") node.mode = mode;
  node.accessedNs = timeNs;
  node.modifiedNs = timeNs;
  node.changedNs = timeNs;
}

function timeOf(members: MemberTable, row: number): bigint {
  return BigInt(members.mtimeSeconds(row)) * NANOS + BigInt(members.mtimeNanos(row));
}

function lastPart(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
