import { type ByteString, byteStringOf, bytesOf, ERRNO, type Errno } from "../../base/index.ts";
import type { Budget } from "./budget.ts";
import { type Backing, FileData } from "./file-data.ts";
import { DirectoryNode, FileNode, type Node, SymlinkNode, type Volume } from "./node.ts";
import type { Now } from "./open-file.ts";
import { type Place, type WalkRequest, walk } from "./walk.ts";

const PERMISSION_BITS = 0o7777;
/** A name of this length is part of its node, which `fs-nodes` counts. */
const FREE_NAME_BYTES = 32;

/** What a look-up needs beside the path: where it starts and how high it may climb. */
export interface Origin {
  readonly start: DirectoryNode;
  readonly ceiling: DirectoryNode;
  readonly linksAreClosed?: boolean;
}

/**
 * The tree of nodes of one guest: makes nodes, looks paths up, frees what has neither name nor
 * descriptor. The operations on names stand in files of their own beside it.
 */
export class Tree {
  readonly root: DirectoryNode;
  readonly budget: Budget;
  readonly now: Now;
  readonly memoryVolume: Volume;
  /** Bits that a new file or directory does not get. */
  umask = 0;
  /** Called after each change of a name: what is made later is younger, also on a virtual clock. */
  afterChange: () => void = () => undefined;
  /** Mode for the next file or directory; preview1 cannot say it in the call. */
  #nextMode: number | undefined;
  #lastIno = 0;

  constructor(budget: Budget, now: Now, rootVolume?: Volume) {
    this.budget = budget;
    this.now = now;
    this.memoryVolume = { device: 0, listsDots: false, readonly: false };
    this.root = new DirectoryNode(this.newIno(), rootVolume ?? this.memoryVolume, 0, now());
    this.root.parent = this.root;
  }

  newIno(): number {
    this.#lastIno += 1;
    return this.#lastIno;
  }

  /** The number of the node that was made last. */
  get lastIno(): number {
    return this.#lastIno;
  }

  /** Sets numbers aside for nodes that are made later. @returns the first of them. */
  reserveInos(count: number): number {
    const first = this.#lastIno + 1;
    this.#lastIno += count;
    return first;
  }

  setNextMode(mode: number): void {
    this.#nextMode = mode & PERMISSION_BITS;
  }

  /** The mode of what is made now: the one set for it, or `standard`, without the umask. */
  takeMode(standard: number): number {
    const mode = this.#nextMode ?? standard;
    this.#nextMode = undefined;
    return mode & ~this.umask & PERMISSION_BITS;
  }

  lookUp(origin: Origin, path: ByteString, followLast: boolean): Place | Errno {
    const request: WalkRequest = { root: this.root, ...origin, path, followLast };
    return walk(request);
  }

  /** Looks up what has to exist. */
  find(origin: Origin, path: ByteString, followLast: boolean): Node | Errno {
    const place = this.lookUp(origin, path, followLast);
    if (typeof place === "number") return place;
    return place.node ?? ERRNO.ENOENT;
  }

  newFile(volume: Volume, mode: number, backing?: Backing): FileNode | Errno {
    const charged = this.budget.chargeNode();
    if (charged !== ERRNO.OK) return charged;
    const data = new FileData(this.budget, backing);
    return new FileNode(this.newIno(), volume, mode, this.now(), data);
  }

  newDirectory(volume: Volume, mode: number, parent: DirectoryNode): DirectoryNode | Errno {
    const charged = this.budget.chargeNode();
    if (charged !== ERRNO.OK) return charged;
    return new DirectoryNode(this.newIno(), volume, mode, this.now(), parent);
  }

  /** A target counts as contents do: else links would be a way around the limit on bytes. */
  newSymlink(volume: Volume, target: ByteString): SymlinkNode | Errno {
    const charged = this.budget.chargeNode();
    if (charged !== ERRNO.OK) return charged;
    const chargedBytes = this.budget.chargeBytes(target.length);
    if (chargedBytes !== ERRNO.OK) {
      this.budget.releaseNode();
      return chargedBytes;
    }
    return new SymlinkNode(this.newIno(), volume, this.now(), target);
  }

  /**
   * Enters `node` under a name that the guest chose; what is long about it counts as contents do.
   * The node is freed again when the name finds no room.
   */
  enter(parent: DirectoryNode, name: ByteString, node: Node): Errno {
    const cost = nameCost(name);
    const charged = this.budget.chargeBytes(cost);
    if (charged !== ERRNO.OK) {
      this.#dropName(node);
      return charged;
    }
    // A part of a path may be a mere view of the whole path and would keep it in memory.
    parent.add(byteStringOf(bytesOf(name)), node, cost);
    this.touch(parent);
    this.afterChange();
    return ERRNO.OK;
  }

  /** Gives `node`, found at `from`, the name at `to` in place of what is there. */
  move(node: Node, from: Place, to: Place): Errno {
    const freed = from.parent.chargedBytesOf(from.name) + to.parent.chargedBytesOf(to.name);
    const growth = nameCost(to.name) - freed;
    const charged = this.budget.chargeBytes(growth);
    if (charged !== ERRNO.OK) return charged;
    // That was to know that there is room: from here on each name settles its own.
    this.budget.chargeBytes(-growth);
    if (to.node !== undefined) this.detach(to.parent, to.name);
    this.budget.chargeBytes(-from.parent.chargedBytesOf(from.name));
    from.parent.remove(from.name);
    this.touch(from.parent);
    return this.enter(to.parent, to.name, node);
  }

  /**
   * Enters `node` under a name that the host chose, which costs nothing, and moves the times of
   * the directory.
   */
  attach(parent: DirectoryNode, name: ByteString, node: Node): void {
    parent.add(name, node);
    this.touch(parent);
    this.afterChange();
  }

  /**
   * Takes `name` away; its node goes when that was the last name and nobody has it open. Each
   * further name of a node was charged like a node.
   */
  detach(parent: DirectoryNode, name: ByteString): void {
    const node = parent.get(name);
    if (node === undefined) return;
    this.budget.chargeBytes(-parent.chargedBytesOf(name));
    parent.remove(name);
    this.touch(parent);
    node.changedNs = this.now();
    if (node.kind === "directory") node.parent = undefined;
    this.#dropName(node);
    this.afterChange();
  }

  #dropName(node: Node): void {
    node.nlink = node.kind === "directory" ? 0 : node.nlink - 1;
    if (node.nlink > 0) this.budget.releaseNode();
    else this.freeIfUnused(node);
  }

  freeIfUnused(node: Node): void {
    if (node.nlink > 0 || node.openCount > 0) return;
    if (node.kind === "file") node.data.discard();
    if (node.kind === "symlink") this.budget.chargeBytes(-node.target.length);
    this.budget.releaseNode();
  }

  touch(node: Node): void {
    const now = this.now();
    node.modifiedNs = now;
    node.changedNs = now;
  }
}

function nameCost(name: ByteString): number {
  return Math.max(0, name.length - FREE_NAME_BYTES);
}
