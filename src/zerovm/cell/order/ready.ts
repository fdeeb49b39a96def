/** The first word of a cell: which walls stand, or why it would not go on without one. */
import { WALLS, type WallName } from "../../walls/index.ts";
import { JsonReader } from "./json-reader.ts";

export type Ready =
  | { readonly walls: readonly WallName[] }
  /** The wall that could not be built, in words. */
  | { readonly missing: string };

const WALL_NAMES = Object.keys(WALLS) as WallName[];
const MISSING_MAX = 1000;

/** @throws ZvmError ZVM_ORDER when it is not as it must be */
export function parseReady(text: string): Ready {
  const ready = JsonReader.parse(text, "ready").only(["walls", "missing"]);
  const missing = ready.optional("missing");
  if (missing !== undefined) return { missing: missing.text(MISSING_MAX) };
  return {
    walls: ready
      .field("walls")
      .list(WALL_NAMES.length)
      .map((wall) => wall.oneOf(WALL_NAMES)),
  };
}
