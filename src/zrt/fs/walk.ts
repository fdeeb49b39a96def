import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";
import type { DirectoryNode, Node } from "./node.ts";

/** POSIX names these limits; they are those of Linux. */
export const PATH_BYTES_MAX = 4096;
export const NAME_BYTES_MAX = 255;
/** Symbolic links followed in one look-up: what Linux allows. */
export const SYMLINK_HOPS_MAX = 40;

/** Where a look-up begins, and what it does with the last name. */
export interface WalkRequest {
  readonly root: DirectoryNode;
  readonly start: DirectoryNode;
  /** The directory above which the path does not climb: EPERM, but at the root `..` stays. */
  readonly ceiling: DirectoryNode;
  /** Symbolic links do not lead above the ceiling either: while an image is being mounted. */
  readonly linksAreClosed?: boolean;
  readonly path: ByteString;
  readonly followLast: boolean;
}

/** The end of a look-up: the directory, the last name in it, and the node if there is one. */
export interface Place {
  readonly parent: DirectoryNode;
  /** Empty when the path ends in `.`, `..` or `/` and so names no entry. */
  readonly name: ByteString;
  readonly node: Node | undefined;
  /** The path ended in a slash: what it names has to be a directory. */
  readonly wantsDirectory: boolean;
  /** How the path ended, when it names no entry. */
  readonly lastPart: ByteString;
  /** The last name was a symbolic link, followed only because a slash stood behind it. */
  readonly slashLink: boolean;
}

/** Looks a path up; a missing last name is no error, a missing directory before it is. */
export function walk(request: WalkRequest): Place | Errno {
  if (request.path === "") return ERRNO.ENOENT;
  if (request.path.length >= PATH_BYTES_MAX) return ERRNO.ENAMETOOLONG;
  return new Walk(request).run();
}

class Walk {
  readonly #request: WalkRequest;
  #current: DirectoryNode;
  #ceiling: DirectoryNode;
  /** Parts still to be walked, the next one last. */
  #pending: ByteString[] = [];
  #wantsDirectory: boolean;
  #slashLink = false;
  #hops = 0;

  constructor(request: WalkRequest) {
    this.#request = request;
    this.#current = request.start;
    this.#ceiling = request.ceiling;
    this.#wantsDirectory = request.path.endsWith("/");
  }

  run(): Place | Errno {
    const begun = this.#push(this.#request.path);
    if (begun !== ERRNO.OK) return begun;
    let lastPart = "/";
    while (this.#pending.length > 0) {
      const part = this.#pending.pop() ?? "";
      lastPart = part;
      if (part === ".") continue;
      if (part === "..") {
        const climbed = this.#climb();
        if (climbed !== ERRNO.OK) return climbed;
        continue;
      }
      const step = this.#enter(part);
      if (step !== undefined) return step;
    }
    const { parent } = this.#current;
    return {
      parent: parent ?? this.#current,
      name: "",
      node: this.#current,
      wantsDirectory: true,
      lastPart,
      slashLink: this.#slashLink,
    };
  }

  /** @returns the end of the walk, or undefined when it goes on. */
  #enter(part: ByteString): Place | Errno | undefined {
    if (part.length > NAME_BYTES_MAX) return ERRNO.ENAMETOOLONG;
    // A directory that was removed while it was open has no names, and gets no new ones.
    if (this.#current.nlink === 0) return ERRNO.ENOENT;
    const node = this.#current.get(part);
    const isLast = this.#pending.length === 0;
    if (node?.kind === "symlink" && (!isLast || this.#request.followLast || this.#wantsDirectory)) {
      if (isLast && !this.#request.followLast) this.#slashLink = true;
      const followed = this.#follow(node.target);
      return followed === ERRNO.OK ? undefined : followed;
    }
    if (isLast) {
      if (this.#wantsDirectory && node !== undefined && node.kind !== "directory") {
        return ERRNO.ENOTDIR;
      }
      return {
        parent: this.#current,
        name: part,
        node,
        wantsDirectory: this.#wantsDirectory,
        lastPart: part,
        slashLink: this.#slashLink,
      };
    }
    if (node === undefined) return ERRNO.ENOENT;
    if (node.kind !== "directory") return ERRNO.ENOTDIR;
    this.#current = node;
    return undefined;
  }

  #climb(): Errno {
    if (this.#current === this.#request.root) return ERRNO.OK;
    if (this.#current === this.#ceiling) return ERRNO.EPERM;
    const { parent } = this.#current;
    // Nothing is above a directory that was removed while it was open.
    if (parent === undefined) return ERRNO.ENOENT;
    this.#current = parent;
    return ERRNO.OK;
  }

  #follow(target: ByteString): Errno {
    this.#hops += 1;
    if (this.#hops > SYMLINK_HOPS_MAX) return ERRNO.ELOOP;
    if (target === "") return ERRNO.ENOENT;
    if (target.endsWith("/") && this.#pending.length === 0) this.#wantsDirectory = true;
    // A link was put there by an image or the guest itself: it leads anywhere in the guest's own
    // root, whatever directory the path began in.
    if (this.#request.linksAreClosed !== true) this.#ceiling = this.#request.root;
    return this.#push(target);
  }

  #push(path: ByteString): Errno {
    if (path.startsWith("/")) {
      if (this.#ceiling !== this.#request.root) return ERRNO.EPERM;
      this.#current = this.#request.root;
    }
    const parts = path.split("/");
    if (this.#pending.length + parts.length > PATH_BYTES_MAX) return ERRNO.ENAMETOOLONG;
    for (let index = parts.length - 1; index >= 0; index--) {
      const part = parts[index];
      if (part !== undefined && part !== "") this.#pending.push(part);
    }
    return ERRNO.OK;
  }
}
