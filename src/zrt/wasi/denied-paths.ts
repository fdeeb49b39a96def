import { type ByteString, ERRNO, type Errno } from "../../base/index.ts";

/** A path that the guest asked for and did not get. */
export interface DeniedPath {
  readonly path: ByteString;
  readonly wanted: "read" | "write";
  readonly errno: Errno;
}

/** How many are kept: interpreters look for hundreds of files that need not exist. */
export const DENIED_PATHS_MAX = 2048;
/** What all paths that are kept may take together: a guest may ask for long ones too. */
export const DENIED_BYTES_MAX = 262_144;

/** Collects what was denied, so that the report can name the option that would have granted it. */
export class DeniedPaths {
  readonly #byPath = new Map<ByteString, DeniedPath>();
  #bytes = 0;

  note(path: ByteString, wanted: "read" | "write", errno: Errno): void {
    if (errno !== ERRNO.ENOENT && errno !== ERRNO.EACCES && errno !== ERRNO.EPERM) return;
    if (this.#byPath.size >= DENIED_PATHS_MAX) return;
    const added = this.#byPath.has(path) ? 0 : path.length;
    if (this.#bytes + added > DENIED_BYTES_MAX) return;
    this.#bytes += added;
    this.#byPath.set(path, { path, wanted, errno });
  }

  all(): DeniedPath[] {
    return [...this.#byPath.values()];
  }
}
