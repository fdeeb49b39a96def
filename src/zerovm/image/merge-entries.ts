import { type ByteString, textOf, ZvmError } from "../../base/index.ts";
import type { Entry } from "./entry.ts";
import { shownPath } from "./host-failure.ts";
import { parentPath } from "./host-tree.ts";

/**
 * Entries from several places, one for each path of the image. Folders merge, and the first keeps
 * its mode and time.
 */
export class MergedEntries {
  readonly #entries = new Map<ByteString, Entry>();
  /** Paths that the image had before: files and links there give way. */
  readonly #replaceable = new Set<ByteString>();

  /** What the image holds already; of two with one path the later counts, as when it is mounted. */
  addOld(entry: Entry): void {
    this.#entries.set(entry.path, entry);
    if (entry.kind !== "directory") this.#replaceable.add(entry.path);
  }

  /** @throws ZvmError ZVM_USAGE when the path is taken. */
  add(entry: Entry): void {
    const { path, kind } = entry;
    const old = this.#entries.get(path);
    if (old?.kind === "directory" && kind === "directory") return;
    const replaces = kind !== "directory" && this.#replaceable.delete(path);
    if (old !== undefined && !replaces) {
      throw clash(path, `${old.origin} and ${entry.origin} both give it`);
    }
    this.#entries.set(path, entry);
  }

  /** All entries, once each is known to lie in folders alone. */
  finish(): Entry[] {
    for (const { path, origin } of this.#entries.values()) {
      for (let above = parentPath(path); above !== ""; above = parentPath(above)) {
        const parent = this.#entries.get(above);
        if (parent === undefined || parent.kind === "directory") continue;
        throw clash(path, `${origin} would lie in ${parent.origin}, which is no folder`);
      }
    }
    return [...this.#entries.values()];
  }
}

function clash(path: ByteString, reason: string): ZvmError {
  return new ZvmError(
    "ZVM_USAGE",
    `Cannot put '${shownPath(textOf(path))}' into the image: ${reason}; ` +
      "name another place with PATH=NAME",
  );
}
