import { type ByteString, ERRNO, type Errno, type LimitName, type Limits } from "../base/index.ts";
import { type Member, type MemberTable, tableOf } from "../tar/index.ts";
import {
  Budget,
  DirectoryNode,
  type Image,
  makeDirectories,
  mountImage,
  Tree,
} from "./fs/index.ts";

/** What decides whether an image finds its place; its contents do not. */
export type TrialImage = Omit<Image, "source">;

/** An image that would be mounted in part, or not at all. */
export interface MountTrouble {
  /** Which of the images. */
  readonly index: number;
  /** The member that has no place; empty for the mountpoint itself. */
  readonly path: ByteString;
  /**
   * `devices`: it would lie in `/dev`; `directory`: a directory is where it would be; `file`: it
   * needs a directory where something else is; `limit`: there would be too much; `link`: a link
   * on its way or to its file leads nowhere.
   */
  readonly reason: "devices" | "directory" | "file" | "limit" | "link";
}

const DEV = "dev";
const TMP = "tmp";

/**
 * Whether all images can be mounted whole, one after the other, as `createZrt` will do it. Most
 * cannot conflict by their names alone, which costs a look at each name; all others are mounted
 * in a tree of their own.
 *
 * @returns the first trouble.
 */
export function tryMounts(images: readonly TrialImage[], limits: Limits): MountTrouble | undefined {
  if (areSimple(images, limits)) return undefined;
  const listed = images.map((image) => ({ image, members: image.members.list() }));
  return cannotConflict(listed, limits) ? undefined : new Trial(limits).run(listed);
}

/** An image whose members are looked at one by one. */
interface ListedImage {
  readonly image: TrialImage;
  readonly members: readonly Member[];
}

/** Each is a tree without conflicts by its outline, far from `/dev`, `/tmp`, limits and others. */
function areSimple(images: readonly TrialImage[], limits: Limits): boolean {
  let nodes = SPARE_NODES;
  let bytes = SPARE_BYTES;
  const prefixes: ByteString[] = [];
  for (const { mountpoint, members } of images) {
    const prefix = prefixOf(mountpoint);
    const { outline, paths, links } = members;
    if (prefix === undefined || outline === undefined) return false;
    if (prefix === "" && (hasTop(members, DEV) || hasTop(members, TMP))) return false;
    if (prefixes.some((other) => other.startsWith(prefix) || prefix.startsWith(other)))
      return false;
    prefixes.push(prefix);
    nodes += outline.nodes + prefix.length;
    bytes += prefix.length + paths.length + links.length;
    for (const name of outline.names) bytes += name.length;
  }
  return nodes <= limits["fs-nodes"] && bytes <= limits["fs-bytes"];
}

/** Whether some member may lie in, or be, what has this name at the top. */
function hasTop({ paths }: MemberTable, name: ByteString): boolean {
  return paths.startsWith(name) || paths.includes(`\0${name}`);
}

/** Nodes and bytes of names that the world takes besides the images, with room. */
const SPARE_NODES = 100_000;
const SPARE_BYTES = 16 * 2 ** 20;

/** No name that is no directory is used as one, and nothing is near `/dev` or a limit. */
function cannotConflict(images: readonly ListedImage[], limits: Limits): boolean {
  const directories = new Set<ByteString>([TMP]);
  let nodes = SPARE_NODES;
  let bytes = SPARE_BYTES;
  for (const { image, members } of images) {
    const prefix = prefixOf(image.mountpoint);
    if (prefix === undefined) return false;
    let last: ByteString = "";
    for (const { path, kind, link } of members) {
      // A hard link has to stay on its volume.
      if (kind === "hardlink" && images.length > 1) return false;
      nodes += 1;
      bytes += path.length + (link?.length ?? 0);
      const slash = path.lastIndexOf("/");
      if (slash === last.length && path.startsWith(last)) continue;
      last = slash < 0 ? "" : path.slice(0, slash);
      addWithParents(directories, prefix + last);
    }
    for (const { path, kind } of members) {
      if (kind === "directory") addWithParents(directories, prefix + path);
    }
    addWithParents(directories, prefix.slice(0, -1));
  }
  if (directories.has(DEV)) return false;
  directories.add(DEV);
  for (const path of directories) bytes += path.length;
  if (nodes + directories.size > limits["fs-nodes"] || bytes > limits["fs-bytes"]) return false;
  return images.every(({ image, members }) => {
    const prefix = prefixOf(image.mountpoint) ?? "";
    return members.every(
      ({ path, kind }) => kind === "directory" || !directories.has(prefix + path),
    );
  });
}

/** Where the members of an image begin: empty, or a path with a slash at its end. */
function prefixOf(mountpoint: ByteString): ByteString | undefined {
  const parts = mountpoint.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..") || parts[0] === DEV) return undefined;
  return parts.map((part) => `${part}/`).join("");
}

function addWithParents(directories: Set<ByteString>, directory: ByteString): void {
  let path = directory.endsWith("/") ? directory.slice(0, -1) : directory;
  while (path !== "" && !directories.has(path)) {
    directories.add(path);
    path = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  }
}

const DEV_VOLUME = { device: 1, listsDots: true, readonly: true, isDevices: true };
const DIRECTORY_MODE = 0o755;

/** Members are judged against the size of the archive; a mount reads nothing of it. */
const NO_CONTENTS = { sizeBytes: Number.MAX_SAFE_INTEGER, read: (): number => 0 };

/** The world as far as it decides about mounts: a root, `/dev` and `/tmp`. */
class Trial {
  readonly #budget: Budget;
  readonly #tree: Tree;

  constructor(limits: Limits) {
    this.#budget = new Budget(limits);
    this.#tree = new Tree(this.#budget, () => 0n);
    const { root } = this.#tree;
    root.add(DEV, new DirectoryNode(this.#tree.newIno(), DEV_VOLUME, DIRECTORY_MODE, 0n, root));
    makeDirectories(this.#tree, TMP, { mode: DIRECTORY_MODE });
  }

  run(images: readonly ListedImage[]): MountTrouble | undefined {
    for (const [index, { image, members: all }] of images.entries()) {
      // The directory itself is there already: archives of whole systems have it.
      const members = all.filter((member) => !isDev(image, member));
      const table = tableOf(members);
      const outcome = mountImage(
        this.#tree,
        { ...image, members: table, source: NO_CONTENTS },
        index,
      );
      const { failure, leftOutCount } = outcome;
      if (leftOutCount > 0) return { index, path: firstInDev(image, members), reason: "devices" };
      if (failure === undefined) continue;
      const reason = reasonOf(failure.errno, this.#budget.hits());
      return { index, path: failure.path, reason };
    }
    return undefined;
  }
}

function isDev({ mountpoint }: TrialImage, { path, kind }: Member): boolean {
  return kind === "directory" && `${prefixOf(mountpoint) ?? ""}${path}` === DEV;
}

/** By its name; one that a link leads to `/dev` is not found like this. */
function firstInDev({ mountpoint }: TrialImage, members: readonly Member[]): ByteString {
  const prefix = prefixOf(mountpoint) ?? "";
  const found = members.find(({ path }) => `${prefix}${path}/`.startsWith(`${DEV}/`));
  return found?.path ?? "";
}

function reasonOf(errno: Errno, hits: readonly LimitName[]): MountTrouble["reason"] {
  if (hits.length > 0) return "limit";
  if (errno === ERRNO.EISDIR) return "directory";
  if (errno === ERRNO.ENOTDIR) return "file";
  return errno === ERRNO.EPERM ? "devices" : "link";
}
