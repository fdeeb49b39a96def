import { realpathSync, type Stats, statSync, truncateSync, unlinkSync } from "node:fs";
import { type ByteString, printable, textOf } from "../../base/index.ts";
import type { Outcome } from "../report/index.ts";

/** A regular file behind a channel that something is exported to. */
export interface ExportFile {
  readonly alias: ByteString;
  readonly path: string;
  /** What was opened. */
  readonly stats: Stats;
  /** The session made it. */
  readonly isCreated: boolean;
  /** What was in it was given up at the start, since nobody could read it. */
  readonly isEmptied: boolean;
}

/**
 * A session that was lost or ended by a limit may have been writing what the guest left. A part of
 * an archive can look like a whole one: it is removed where the session made the file, and
 * emptied where it was there before.
 *
 * @returns what was done, in words for the user.
 */
export function dropCutExports(files: readonly ExportFile[], outcome: Outcome): string[] {
  if (outcome.kind !== "lost" && outcome.kind !== "limited") return [];
  const isCut = outcome.kind === "lost" && outcome.cause === "export";
  return (
    files
      .filter(({ isCreated, isEmptied }) => isCut || isCreated || isEmptied)
      // A file without a name goes with its descriptor.
      .filter(({ stats }) => stats.nlink > 0)
      .flatMap((file) => dropped(file))
  );
}

function dropped({ alias, path, stats, isCreated }: ExportFile): string[] {
  const what = `The export to ${printable(textOf(alias))} is not whole`;
  try {
    const real = realpathSync(path);
    const now = statSync(real);
    if (now.ino !== stats.ino || now.dev !== stats.dev) return [];
    if (now.size === 0) return [];
    if (isCreated) unlinkSync(real);
    else truncateSync(real, 0);
    return [`${what}: its file was ${isCreated ? "removed" : "emptied"}`];
  } catch {
    return [`${what}, and its file could not be removed`];
  }
}
