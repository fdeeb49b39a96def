import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import type { Image } from "./image.ts";
import { makeDirectories } from "./make-directories.ts";
import { assertSound, describeNode, mountOutline } from "./mount-outline.ts";
import type { DirectoryNode, Node, Volume } from "./node.ts";
import type { Tree } from "./tree.ts";

/** Why a mount stopped: what stands in the tree by then stays there. */
export interface MountFailure {
  readonly errno: Errno;
  /** The member that could not be entered; empty when it was the mountpoint. */
  readonly path: ByteString;
}

export interface MountOutcome {
  readonly failure?: MountFailure;
  /** Members that have no place in the tree: those below `/dev`, which is made of channels. */
  readonly leftOutCount: number;
}

/** Mode of directories that a mountpoint needs and that are not there: they may be exported. */
const MOUNTPOINT_MODE = 0o755;
const CLASSIC_MODE = 0o700;
const IMPLIED_DIRECTORY_MODE = 0o755;
/** `st_dev` of mounted volumes counts from here. */
const VOLUME_DEVICE_BASE = 4096;
/** Stays a place to write when the root is read-only. */
const TMP_NAME = "tmp";

/**
 * Enters the members of an image into the tree without touching their contents. Later members
 * win over earlier ones and over what was there; a member that conflicts with a directory ends
 * the mount, as in the original. `index` tells the volumes of images apart.
 */
export function mountImage(tree: Tree, image: Image, index: number): MountOutcome {
  const options = { mode: MOUNTPOINT_MODE, evenReadonly: true };
  const top = makeDirectories(tree, image.mountpoint, options);
  if (typeof top === "number") return { failure: { errno: top, path: "" }, leftOutCount: 0 };
  if (top.volume.isDevices === true) {
    return { failure: { errno: ERRNO.EPERM, path: "" }, leftOutCount: 0 };
  }
  top.isStandIn = false;
  claim(tree, top, volumeFor(tree, image, top, index));
  const style = {
    classicMode: image.meta === "classic" ? CLASSIC_MODE : undefined,
    impliedMode: IMPLIED_DIRECTORY_MODE,
  };
  if (mountOutline(tree, image, top, style)) return { leftOutCount: 0 };
  return new ImageMount(tree, image, top).run();
}

/** An archive that may be written joins what it is mounted on; all others are by themselves. */
function volumeFor(tree: Tree, image: Image, top: DirectoryNode, index: number): Volume {
  const { readonly, isFolder } = image;
  if (readonly || isFolder) {
    return { device: VOLUME_DEVICE_BASE + index, listsDots: isFolder, readonly };
  }
  return top.volume.readonly ? tree.memoryVolume : top.volume;
}

/** The last mount decides for all that is there already, but not for mounts further below. */
function claim(tree: Tree, top: DirectoryNode, volume: Volume): void {
  const before = top.volume;
  if (before === volume) return;
  const pending: Node[] = [top];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    node.volume = volume;
    if (node.kind !== "directory") continue;
    for (const child of node.entries()) {
      const isTmp = node === tree.root && child.name === TMP_NAME;
      if (child.node.volume === before && !isTmp) pending.push(child.node);
    }
  }
}

class ImageMount {
  readonly #tree: Tree;
  readonly #image: Image;
  readonly #isClassic: boolean;
  readonly #top: DirectoryNode;
  /** Directories by their path in the archive. */
  readonly #directories = new Map<ByteString, DirectoryNode>();
  /** Members come in runs of the same directory: the one of the member before. */
  #lastPath: ByteString = "";
  #last: DirectoryNode;
  #leftOutCount = 0;

  constructor(tree: Tree, image: Image, top: DirectoryNode) {
    this.#tree = tree;
    this.#image = image;
    this.#isClassic = image.meta === "classic";
    this.#top = top;
    this.#last = top;
  }

  run(): MountOutcome {
    const { members } = this.#image;
    for (let row = 0; row < members.count; row++) {
      assertSound(this.#image, row);
      const member = members.at(row);
      const errno = this.#enter(member);
      if (errno === ERRNO.OK) continue;
      return { failure: { errno, path: member.path }, leftOutCount: this.#leftOutCount };
    }
    return { leftOutCount: this.#leftOutCount };
  }

  #enter(member: Member): Errno {
    const { path } = member;
    if (path === "") {
      this.#describe(this.#top, member);
      return ERRNO.OK;
    }
    const slash = path.lastIndexOf("/");
    const parent = this.#parent(path, slash);
    if (parent === ERRNO.EPERM) return this.#leaveOut();
    if (typeof parent === "number") return parent;
    return this.#place(parent, slash < 0 ? path : path.slice(slash + 1), member);
  }

  #parent(path: ByteString, slash: number): DirectoryNode | Errno {
    if (slash < 0) return this.#top;
    if (slash === this.#lastPath.length && path.startsWith(this.#lastPath)) return this.#last;
    const parentPath = path.slice(0, slash);
    const parent = this.#directory(parentPath);
    if (typeof parent === "number") return parent;
    this.#lastPath = parentPath;
    this.#last = parent;
    return parent;
  }

  #place(parent: DirectoryNode, name: ByteString, member: Member): Errno {
    const old = parent.get(name);
    if (parent.volume.isDevices === true || old?.volume.isDevices === true) {
      return this.#leaveOut();
    }
    if (member.kind === "hardlink") return this.#link(parent, name, old, member);
    if (old?.kind === "directory" && !this.#mayGive(parent, name, old, member)) {
      if (member.kind !== "directory") return ERRNO.EISDIR;
      this.#describe(old, member);
      return ERRNO.OK;
    }
    if (old !== undefined && member.kind === "directory") return ERRNO.ENOTDIR;
    const node = this.#make(parent, member);
    if (typeof node === "number") return node;
    this.#replace(parent, name, old, node);
    this.#describe(node, member);
    return ERRNO.OK;
  }

  /** Systems whose `/tmp` is a link elsewhere get their link: ours stands in for none at all. */
  #mayGive(parent: DirectoryNode, name: ByteString, old: DirectoryNode, member: Member): boolean {
    const isOurTmp = parent === this.#tree.root && name === TMP_NAME && old.isStandIn;
    return isOurTmp && old.size === 0 && member.kind === "symlink";
  }

  #make(parent: DirectoryNode, member: Member): Node | Errno {
    const mode = this.#isClassic ? CLASSIC_MODE : member.mode;
    switch (member.kind) {
      case "directory":
        return this.#tree.newDirectory(parent.volume, mode, parent);
      case "symlink":
        return this.#tree.newSymlink(parent.volume, member.link ?? "");
      default:
        return this.#tree.newFile(parent.volume, mode, {
          source: this.#image.source,
          offset: member.dataOffset,
          sizeBytes: member.sizeBytes,
        });
    }
  }

  #link(parent: DirectoryNode, name: ByteString, old: Node | undefined, member: Member): Errno {
    const origin = { start: this.#top, ceiling: this.#top, linksAreClosed: true };
    const target = this.#tree.find(origin, member.link ?? "", false);
    if (typeof target === "number") return target;
    if (target.kind === "directory" || target.kind === "device") return ERRNO.EPERM;
    if (target === old) return ERRNO.OK;
    if (old?.kind === "directory") return ERRNO.EISDIR;
    // Whatever stands in its place already, an archive is one piece: `/tmp` may have volumes apart.
    const charged = this.#tree.budget.chargeNode();
    if (charged !== ERRNO.OK) return charged;
    target.nlink += 1;
    this.#replace(parent, name, old, target);
    return ERRNO.OK;
  }

  #replace(parent: DirectoryNode, name: ByteString, old: Node | undefined, node: Node): void {
    if (old !== undefined) {
      this.#tree.detach(parent, name);
      // A path through a link or directory that is gone now may lead elsewhere.
      if (old.kind === "symlink" || old.kind === "directory") this.#forgetPaths();
    }
    parent.add(name, node);
  }

  #forgetPaths(): void {
    this.#directories.clear();
    this.#lastPath = "";
    this.#last = this.#top;
  }

  #leaveOut(): Errno {
    this.#leftOutCount += 1;
    return ERRNO.OK;
  }

  #directory(path: ByteString): DirectoryNode | Errno {
    const known = this.#directories.get(path);
    if (known !== undefined) return known;
    const slash = path.lastIndexOf("/");
    const parent = slash < 0 ? this.#top : this.#directory(path.slice(0, slash));
    if (typeof parent === "number") return parent;
    const directory = this.#child(parent, path.slice(slash + 1));
    if (typeof directory !== "number") this.#directories.set(path, directory);
    return directory;
  }

  /** EPERM where the archive leads into `/dev` or out of itself: such a member is left out. */
  #child(parent: DirectoryNode, name: ByteString): DirectoryNode | Errno {
    const node = parent.get(name);
    if (node === undefined) {
      if (parent.volume.isDevices === true) return ERRNO.EPERM;
      const mode = this.#isClassic ? CLASSIC_MODE : IMPLIED_DIRECTORY_MODE;
      const made = this.#tree.newDirectory(parent.volume, mode, parent);
      if (typeof made !== "number") parent.add(name, made);
      return made;
    }
    const origin = { start: parent, ceiling: this.#top, linksAreClosed: true };
    const found = node.kind === "symlink" ? this.#tree.find(origin, name, true) : node;
    if (typeof found === "number") return found;
    if (found.volume.isDevices === true) return ERRNO.EPERM;
    return found.kind === "directory" ? found : ERRNO.ENOTDIR;
  }

  #describe(node: Node, member: Member): void {
    if (node.kind === "directory") node.isStandIn = false;
    if (this.#isClassic) return;
    const timeNs = BigInt(member.mtimeSeconds) * 1_000_000_000n + BigInt(member.mtimeNanos);
    describeNode(node, member.mode, timeNs);
  }
}
