/** What will be a member of an archive that we write, wherever it comes from. */

import type { ByteSink, ByteSource, ByteString } from "../../base/index.ts";
import { compareBytes, storedName, TarWriter } from "../../tar/index.ts";

export interface Contents {
  readonly source: ByteSource;
  close(): void;
}

export interface Entry {
  /** Normalised; empty for the root of the image. */
  readonly path: ByteString;
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly mtimeSeconds: number;
  /** What is expected; the contents decide when they are opened. */
  readonly sizeBytes: number;
  /** The target of a symbolic link. */
  readonly link?: ByteString;
  /** Entries with the same identity are names of one file. */
  readonly identity?: string;
  /** Opens the contents of a file. */
  readonly open?: () => Contents;
  /** Where it comes from, for messages. */
  readonly origin: string;
}

export interface Progress {
  readonly members: number;
  readonly membersTotal: number;
  readonly bytes: number;
  readonly bytesTotal: number;
}

/** Images belong to nobody in particular: whoever packs them gets the same bytes. */
const OWNER = { uid: 0, gid: 0 } as const;

/**
 * Writes entries as an archive, sorted by stored name. Of several names of one file the first
 * becomes the file. Rests after each entry, and after pieces of large ones, so that a caller may
 * show progress or stop.
 */
export function* writeEntries(
  entries: Iterable<Entry>,
  sink: ByteSink,
  mtimeSeconds?: number,
): Generator<Progress, number> {
  const sorted = sortedEntries(entries);
  const writer = new TarWriter(sink, { longNames: "plain" });
  const firstNames = new Map<string, ByteString>();
  const bytesTotal = sorted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let bytes = 0;
  const membersTotal = sorted.length;
  for (const [index, entry] of sorted.entries()) {
    const { path, kind, mode, link, identity, open } = entry;
    const facts = { path, mode, mtimeSeconds: mtimeSeconds ?? entry.mtimeSeconds, ...OWNER };
    const firstName = identity === undefined ? undefined : firstNames.get(identity);
    if (firstName !== undefined) {
      writer.add({ ...facts, kind: "hardlink", link: firstName });
    } else if (kind === "symlink") {
      writer.add({ ...facts, kind, link: link ?? "" });
    } else {
      if (identity !== undefined) firstNames.set(identity, path);
      const contents = open?.();
      const member = contents ? { ...facts, kind, contents: contents.source } : { ...facts, kind };
      try {
        const start = writer.sizeBytes;
        for (const _ of writer.adding(member)) {
          const done = bytes + Math.min(entry.sizeBytes, writer.sizeBytes - start);
          yield { members: index, membersTotal, bytes: done, bytesTotal };
        }
      } finally {
        contents?.close();
      }
    }
    bytes += entry.sizeBytes;
    yield { members: index + 1, membersTotal, bytes, bytesTotal };
  }
  writer.finish();
  return writer.sizeBytes;
}

function sortedEntries(entries: Iterable<Entry>): Entry[] {
  return [...entries].sort((left, right) =>
    compareBytes(storedName(left.path, left.kind), storedName(right.path, right.kind)),
  );
}
