import { lstatSync, type Stats } from "node:fs";
import { type ByteString, textOf, ZvmError } from "../../base/index.ts";
import { attempt, shownPath } from "./host-failure.ts";
import { type HostTree, lastPart } from "./host-tree.ts";
import type { MemberMap } from "./unpack-plan.ts";

/** The folder of the host that an export is unpacked into, as it is now, and what is said of it. */
export class UnpackTarget {
  readonly #tree: HostTree;
  readonly #folderName: string;
  /** What was left as it is and why, in words for the user. */
  readonly warnings: string[] = [];

  constructor(tree: HostTree, folderName: string) {
    this.#tree = tree;
    this.#folderName = folderName;
  }

  childrenOf(folder: ByteString): ByteString[] {
    return this.#tree
      .folder(folder)
      .names()
      .map((name) => `${folder}/${name}`);
  }

  placeOf(path: ByteString): Buffer {
    return this.#tree.parentOf(path).at(lastPart(path));
  }

  statOf(path: ByteString): Stats | undefined {
    return lstatSync(this.placeOf(path), { throwIfNoEntry: false });
  }

  warn(path: ByteString, what: string): void {
    this.warnings.push(`${this.#folderName}: '${shownPath(textOf(path))}' ${what}`);
  }

  at<Result>(path: ByteString, calls: () => Result): Result {
    const name = shownPath(textOf(path.slice(0, 200)));
    const action = `unpack '${name}' into the folder ${this.#folderName}`;
    return attempt(action, calls, "ZVM_EXPORT");
  }

  failure(path: ByteString, reason: string): ZvmError {
    const name = shownPath(textOf(path));
    return new ZvmError(
      "ZVM_EXPORT",
      `Cannot unpack '${name}' into the folder ${this.#folderName}: ${reason}`,
    );
  }

  /** A path in a folder that nobody knew before. */
  foreignIn(folder: ByteString, before: MemberMap): ByteString | undefined {
    for (const path of this.childrenOf(folder)) {
      if (!before.has(path)) return path;
      const inside = this.statOf(path)?.isDirectory() ? this.foreignIn(path, before) : undefined;
      if (inside !== undefined) return inside;
    }
    return undefined;
  }
}
