import type { Node, OpenFile } from "../fs/index.ts";

/**
 * Rights of preview1, by bit. They only say whether a file was opened for reading or writing, and
 * no descriptor gains or loses any later.
 */
export const RIGHT = {
  FD_READ: 1n << 1n,
  FD_SEEK: 1n << 2n,
  FD_TELL: 1n << 5n,
  FD_WRITE: 1n << 6n,
} as const;

const ALL = (1n << 30n) - 1n;
/**
 * The calls on paths, from `path_create_directory` on, and `fd_readdir`. Bit 19 is left out: it
 * is the right to set a size by path, and no call of preview1 does that.
 */
const PATHS_AND_READDIR = 0b01_0111_1111_1110_0000_0000n | (1n << 24n) | (1n << 25n) | (1n << 26n);
const EVERY_FD =
  (1n << 0n) | (1n << 3n) | (1n << 4n) | (1n << 7n) | (1n << 21n) | (1n << 23n) | (1n << 27n);
const FILE =
  EVERY_FD |
  RIGHT.FD_READ |
  RIGHT.FD_SEEK |
  RIGHT.FD_TELL |
  RIGHT.FD_WRITE |
  (1n << 8n) |
  (1n << 22n);

export interface Rights {
  readonly base: bigint;
  readonly inheriting: bigint;
}

/** What a preopened directory has: all it can, so that a libc asks for what it needs. */
export const ALL_RIGHTS: Rights = { base: EVERY_FD | PATHS_AND_READDIR, inheriting: ALL };

/** The rights that a node of this kind can have. */
export function rightsOfKind(node: Node): bigint {
  return node.kind === "directory" ? EVERY_FD | PATHS_AND_READDIR : FILE;
}

/** Rights by open file description. */
export class RightsTable {
  readonly #byFile = new WeakMap<OpenFile, Rights>();

  set(file: OpenFile, rights: Rights): void {
    this.#byFile.set(file, rights);
  }

  get(file: OpenFile): Rights {
    return this.#byFile.get(file) ?? { base: startingRights(file), inheriting: ALL };
  }
}

/** The rights of a standard stream: what its direction allows. */
function startingRights(file: OpenFile): bigint {
  const unreadable = file.readable ? 0n : RIGHT.FD_READ;
  const unwritable = file.writable ? 0n : RIGHT.FD_WRITE;
  return rightsOfKind(file.node) & ~unreadable & ~unwritable;
}
