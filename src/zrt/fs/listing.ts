import type { ByteString } from "../../base/index.ts";
import type { DirectoryNode, Node } from "./node.ts";

/** Cookies of `.` and `..`; those of entries follow. */
const COOKIE_DOT = 1;
const COOKIE_DOT_DOT = 2;

/** An entry as a guest lists it; what follows it begins at its cookie. */
export interface Listed {
  readonly name: ByteString;
  readonly node: Node;
  readonly cookie: number;
}

/**
 * The entries of a directory behind a cookie, 0 for all of them. Entries that are made or removed
 * while a guest lists neither repeat nor hide the others.
 */
export function* listFrom(directory: DirectoryNode, cookie: number): Generator<Listed> {
  if (directory.volume.listsDots) {
    if (cookie < COOKIE_DOT) yield { name: ".", node: directory, cookie: COOKIE_DOT };
    const parent = directory.parent ?? directory;
    if (cookie < COOKIE_DOT_DOT) yield { name: "..", node: parent, cookie: COOKIE_DOT_DOT };
  }
  for (const entry of directory.entriesAfter(Math.max(0, cookie - COOKIE_DOT_DOT))) {
    yield { name: entry.name, node: entry.node, cookie: entry.serial + COOKIE_DOT_DOT };
  }
}
