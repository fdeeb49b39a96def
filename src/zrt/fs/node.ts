import type { ByteString } from "../../base/index.ts";
import type { Device } from "./device.ts";
import type { FileData } from "./file-data.ts";

/** What the nodes of one part of the tree have in common; moves and hard links stay inside one. */
export interface Volume {
  /** `st_dev`. */
  readonly device: number;
  /** Whether a listing begins with `.` and `..`; the memory tree of the original has none. */
  readonly listsDots: boolean;
  /** Changes are answered with EROFS. */
  readonly readonly: boolean;
  /** `/dev`: nothing is made or removed there. */
  readonly isDevices?: boolean;
}

/** Owner of all that the guest makes, as in the original. */
export const OWNER_UID = 1001;
export const OWNER_GID = 1002;

/** Modes and times are those of a POSIX inode; times are nanoseconds of the session's clock. */
abstract class Inode {
  readonly ino: number;
  /** A mountpoint takes on the volume of what is mounted there. */
  volume: Volume;
  mode: number;
  uid = OWNER_UID;
  gid = OWNER_GID;
  /** Names of this node; it is freed when there is none and no descriptor is open. */
  nlink = 1;
  openCount = 0;
  accessedNs: bigint;
  modifiedNs: bigint;
  changedNs: bigint;

  constructor(ino: number, volume: Volume, mode: number, nowNs: bigint) {
    this.ino = ino;
    this.volume = volume;
    this.mode = mode;
    this.accessedNs = nowNs;
    this.modifiedNs = nowNs;
    this.changedNs = nowNs;
  }
}

export class FileNode extends Inode {
  readonly kind = "file";
  readonly data: FileData;

  constructor(ino: number, volume: Volume, mode: number, nowNs: bigint, data: FileData) {
    super(ino, volume, mode, nowNs);
    this.data = data;
  }
}

export class SymlinkNode extends Inode {
  readonly kind = "symlink";
  readonly target: ByteString;

  constructor(ino: number, volume: Volume, nowNs: bigint, target: ByteString) {
    super(ino, volume, 0o777, nowNs);
    this.target = target;
  }
}

export class DeviceNode extends Inode {
  readonly kind = "device";
  readonly device: Device;

  constructor(ino: number, volume: Volume, nowNs: bigint, device: Device) {
    super(ino, volume, 0, nowNs);
    this.device = device;
  }
}

/** A name in a directory. `serial` grows with every entry made and serves as readdir cookie. */
export interface Entry {
  readonly name: ByteString;
  readonly serial: number;
  /** What the name itself took of `fs-bytes`. */
  readonly chargedBytes: number;
  node: Node;
  removed: boolean;
}

/**
 * A directory. Entries keep the order in which they were made; a listing that goes on after
 * changes neither repeats nor loses an entry that was there all the time.
 */
export class DirectoryNode extends Inode {
  readonly kind = "directory";
  /** Undefined once the directory was removed, so that it does not hold those above it. */
  parent: DirectoryNode | undefined;
  /** Made by us for want of one, and not yet told of by an image: an image may replace it. */
  isStandIn = false;
  readonly #byName = new Map<ByteString, Entry>();
  #inOrder: Entry[] = [];
  #removedCount = 0;
  #lastSerial = 0;
  /** Makes the entries that are there already and were not asked for yet. */
  #fillEntries: (() => void) | undefined;

  constructor(ino: number, volume: Volume, mode: number, nowNs: bigint, parent?: DirectoryNode) {
    super(ino, volume, mode, nowNs);
    this.parent = parent;
    this.nlink = 2;
  }

  /**
   * Has entries behind those that there are, among them `directories` directories: `fill` adopts
   * them when somebody looks.
   */
  fillLater(directories: number, fill: () => void): void {
    this.#fill();
    this.nlink += directories;
    this.#fillEntries = fill;
  }

  /** Enters a node of `fillLater`. */
  adopt(name: ByteString, node: Node): void {
    this.#append(name, node, 0);
    if (node.kind === "directory") node.parent = this;
  }

  #fill(): void {
    const fill = this.#fillEntries;
    if (fill === undefined) return;
    this.#fillEntries = undefined;
    fill();
  }

  get size(): number {
    this.#fill();
    return this.#byName.size;
  }

  get(name: ByteString): Node | undefined {
    this.#fill();
    return this.#byName.get(name)?.node;
  }

  /** What the name took of `fs-bytes`; 0 where there is none. */
  chargedBytesOf(name: ByteString): number {
    this.#fill();
    return this.#byName.get(name)?.chargedBytes ?? 0;
  }

  add(name: ByteString, node: Node, chargedBytes = 0): void {
    this.#fill();
    this.#append(name, node, chargedBytes);
    if (node.kind === "directory") {
      node.parent = this;
      this.nlink += 1;
    }
  }

  /** Enters a node that is found by its name and by no listing. */
  addUnlisted(name: ByteString, node: Node): void {
    this.#byName.set(name, { name, serial: 0, chargedBytes: 0, node, removed: false });
  }

  #append(name: ByteString, node: Node, chargedBytes: number): void {
    this.#lastSerial += 1;
    const serial = this.#lastSerial;
    const entry: Entry = { name, serial, chargedBytes, node, removed: false };
    this.#byName.set(name, entry);
    this.#inOrder.push(entry);
  }

  remove(name: ByteString): void {
    this.#fill();
    const entry = this.#byName.get(name);
    if (entry === undefined) return;
    this.#byName.delete(name);
    entry.removed = true;
    this.#removedCount += 1;
    if (entry.node.kind === "directory") this.nlink -= 1;
    if (this.#removedCount > 32 && this.#removedCount > this.#byName.size) {
      this.#inOrder = this.#inOrder.filter((kept) => !kept.removed);
      this.#removedCount = 0;
    }
  }

  /** The entries made after the one with cookie `serial`, in order of making. */
  *entriesAfter(serial: number): Generator<Entry> {
    this.#fill();
    const entries = this.#inOrder;
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = entries[middle];
      if (entry !== undefined && entry.serial <= serial) low = middle + 1;
      else high = middle;
    }
    for (let index = low; index < entries.length; index++) {
      const entry = entries[index];
      if (entry !== undefined && !entry.removed) yield entry;
    }
  }

  entries(): Generator<Entry> {
    return this.entriesAfter(0);
  }
}

export type Node = FileNode | DirectoryNode | SymlinkNode | DeviceNode;
