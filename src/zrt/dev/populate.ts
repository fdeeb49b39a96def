import type { ByteString } from "../../base/index.ts";
import type { Channel } from "../../channels/index.ts";
import { type Device, DeviceNode, DirectoryNode, type Tree, type Volume } from "../fs/index.ts";
import { ChannelDevice } from "./channel-device.ts";
import { EMULATED_NAMES, EmulatedDevice, type RandomBytes } from "./emulated-device.ts";
import { ForkDevice, ForkPoint } from "./fork-device.ts";
import type { Mappings } from "./mapping.ts";

/** What the original shows for everything in `/dev`. */
const DEV_VOLUME: Volume = { device: 2049, listsDots: true, readonly: true, isDevices: true };
const DEV_UID = 1000;
const DEV_GID = 1000;
const DIRECTORY_MODE = 0o500;
const FIRST_INO = 11;
const PREFIX = "/dev/";
const FORK_NAME = "zfork";

/** A device, where it is to stand, and its inode number. */
interface Placed {
  readonly parts: readonly ByteString[];
  readonly ino: number;
  readonly device: Device;
}

/**
 * Builds `/dev` from the channels and the emulated devices: directories first, then channels in
 * guest order, then the devices that no channel stands in for. Aliases outside of `/dev`, and
 * those with `.` or `..` in them, have no path and are left out.
 */
export function populateDev(
  tree: Tree,
  channels: readonly Channel[],
  mappings: Mappings,
  random: RandomBytes,
  point = new ForkPoint(),
): void {
  const placed: Placed[] = [];
  channels.forEach((channel, index) => {
    const { alias } = channel.shape;
    const parts = partsOf(alias);
    const device = new ChannelDevice(channel, mappings);
    if (parts !== undefined) placed.push({ parts, ino: FIRST_INO + index, device });
  });
  let ino = FIRST_INO + channels.length;
  const taken = new Set(placed.map(({ parts }) => parts.join("/")));
  for (const name of EMULATED_NAMES) {
    if (taken.has(name)) continue;
    placed.push({ parts: [name], ino, device: new EmulatedDevice(name, random, mappings) });
    ino += 1;
  }
  const builder = new DevBuilder(tree, ino);
  builder.build(placed);
  // The original has none: its list and its numbers stay as they are.
  builder.addUnlisted(FORK_NAME, new ForkDevice(point));
}

function partsOf(alias: ByteString): readonly ByteString[] | undefined {
  if (!alias.startsWith(PREFIX) || alias.endsWith("/")) return undefined;
  const parts = alias.slice(PREFIX.length).split("/");
  if (parts.includes(".") || parts.includes("..")) return undefined;
  return parts.filter((part) => part !== "");
}

class DevBuilder {
  readonly #tree: Tree;
  readonly #dev: DirectoryNode;
  #nextDirectoryIno: number;

  constructor(tree: Tree, firstFreeIno: number) {
    this.#tree = tree;
    // One number is the root's, as the original counts it.
    this.#nextDirectoryIno = firstFreeIno + 1;
    this.#dev = this.#newDirectory(tree.root);
    tree.root.add("dev", this.#dev);
    // The memory tree of the original gives `/dev` a number of its own.
    tree.newIno();
  }

  build(placed: readonly Placed[]): void {
    for (const { parts } of placed) this.#directoryOf(parts);
    for (const { parts, ino, device } of placed) {
      const parent = this.#directoryOf(parts);
      const name = parts[parts.length - 1] ?? "";
      if (parent?.get(name) === undefined) parent?.add(name, this.#newDevice(ino, device));
    }
  }

  addUnlisted(name: ByteString, device: Device): void {
    if (this.#dev.get(name) !== undefined) return;
    this.#dev.addUnlisted(name, this.#newDevice(this.#nextDirectoryIno, device));
  }

  #newDevice(ino: number, device: Device): DeviceNode {
    const node = new DeviceNode(ino, DEV_VOLUME, this.#tree.now(), device);
    node.uid = DEV_UID;
    node.gid = DEV_GID;
    return node;
  }

  /** @returns undefined when a part of the path is a device: such an alias has no path. */
  #directoryOf(parts: readonly ByteString[]): DirectoryNode | undefined {
    let current = this.#dev;
    for (const part of parts.slice(0, -1)) {
      const next = current.get(part);
      if (next !== undefined && next.kind !== "directory") return undefined;
      const directory = next ?? this.#newDirectory(current);
      if (next === undefined) current.add(part, directory);
      current = directory;
    }
    return current;
  }

  #newDirectory(parent: DirectoryNode): DirectoryNode {
    const ino = this.#nextDirectoryIno;
    this.#nextDirectoryIno += 1;
    const now = this.#tree.now();
    const made = new DirectoryNode(ino, DEV_VOLUME, DIRECTORY_MODE, now, parent);
    made.uid = DEV_UID;
    made.gid = DEV_GID;
    return made;
  }
}
