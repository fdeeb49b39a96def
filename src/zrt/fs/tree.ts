import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { Budget } from "./budget.ts";
import { type Backing, FileData } from "./file-data.ts";
import { DirectoryNode, FileNode, type Node, SymlinkNode, type Volume } from "./node.ts";
import type { Now } from "./open-file.ts";
import { type Place, type WalkRequest, walk } from "./walk.ts";

const PERMISSION_BITS = 0o7777;

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

  /** Enters `node` under `name` and moves the times of the directory. */
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
    parent.remove(name);
    this.touch(parent);
    node.changedNs = this.now();
    node.nlink = node.kind === "directory" ? 0 : node.nlink - 1;
    if (node.nlink > 0) this.budget.releaseNode();
    else this.freeIfUnused(node);
    this.afterChange();
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
