/** Whether symbolic links of a folder lead out of it, followed as the host would follow them. */

import type { ByteString } from "../../base/index.ts";

/** The target of the symbolic link at a path; `undefined` where there is none. */
export type LinkAt = (path: ByteString) => ByteString | undefined;

/** As many as Linux follows: what needs more leads nowhere. */
const HOPS_MAX = 40;

/** Steps that may be spent on all links of a folder together. */
const STEPS_MAX = 20_000_000;

/** Follows links; one follower serves one folder, so that hostile links cannot add up. */
export class LinkFollower {
  readonly #linkAt: LinkAt;
  #steps = 0;

  constructor(linkAt: LinkAt) {
    this.#linkAt = linkAt;
  }

  /** There were so many and so tangled links that the rest was not looked at. */
  get exhausted(): boolean {
    return this.#steps > STEPS_MAX;
  }

  /** Whether the link at `path` to `target`, or one that it passes, leads out of the folder. */
  leadsOut(path: ByteString, target: ByteString): boolean {
    if (target.startsWith("/")) return true;
    const place = path.split("/").slice(0, -1);
    /** The parts that are still to go, the next one last. */
    const todo = target.split("/").reverse();
    for (let hops = 1; ; ) {
      const part = todo.pop();
      if (part === undefined || this.exhausted) return this.exhausted;
      this.#steps += 1 + place.length;
      if (part === "" || part === ".") continue;
      if (part === "..") {
        if (place.pop() === undefined) return true;
        continue;
      }
      place.push(part);
      const link = this.#linkAt(place.join("/"));
      if (link === undefined) continue;
      if (link.startsWith("/")) return true;
      hops += 1;
      if (hops > HOPS_MAX) return false;
      place.pop();
      todo.push(...link.split("/").reverse());
    }
  }
}
