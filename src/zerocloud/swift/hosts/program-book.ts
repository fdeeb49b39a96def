import { createHash } from "node:crypto";
import { pathOfItem } from "../../plan/index.ts";
import { bytesOfPieces } from "../../run/index.ts";
import type { FilePiece, ItemStat } from "../../storage/index.ts";

/** Digests that are remembered. */
const DIGESTS_MAX = 10_000;

/** The SHA-256 of objects that were run as programs, which Swift does not keep. */
export class ProgramBook {
  readonly #digests = new Map<string, string>();

  /** Of an object in the state that Swift tells; undefined where nobody had its bytes yet. */
  find(stat: ItemStat): string | undefined {
    return this.#digests.get(keyOf(stat));
  }

  /** Of an object whose bytes are here. */
  async measure(stat: ItemStat, pieces: readonly FilePiece[]): Promise<string> {
    const hash = createHash("sha256");
    for await (const bytes of bytesOfPieces(pieces)) hash.update(bytes);
    const digest = hash.digest("hex");
    if (!canBeTold(stat)) return digest;
    const [oldest] = this.#digests.keys();
    if (this.#digests.size >= DIGESTS_MAX && oldest !== undefined) this.#digests.delete(oldest);
    this.#digests.set(keyOf(stat), digest);
    return digest;
  }
}

/** Without an ETag, as a dynamic large object may be, nobody can tell one state from another. */
function canBeTold({ etag, timestamp, notInPlace }: ItemStat): boolean {
  return etag !== "" && timestamp !== "" && notInPlace !== "large object";
}

/** Another state has another timestamp. */
function keyOf(stat: ItemStat): string {
  return `${pathOfItem(stat)} ${stat.etag} ${stat.timestamp}`;
}
