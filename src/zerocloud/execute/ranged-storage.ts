import { ZvmError } from "../../base/index.ts";
import { pathOfItem, type StoredItem } from "../plan/index.ts";
import { spanOf } from "../request/index.ts";
import { isRefusal } from "../result/index.ts";
import type { FilePiece, ItemReading, ItemStat, Storage } from "../storage/index.ts";
import type { JobWishes } from "./submission.ts";

/** A store of which one object is read in part. */
export function rangedStorage(
  storage: Storage,
  { item, range }: NonNullable<JobWishes["inputRange"]>,
): Storage {
  const isRanged = (one: StoredItem): boolean => pathOfItem(one) === pathOfItem(item);
  return {
    list: (request) => storage.list(request),
    // A part of an object lies nowhere: it is brought.
    locate: async (where) => {
      return "container" in where && isRanged(where) ? undefined : await storage.locate(where);
    },
    stat: async (one) => {
      const stat = await storage.stat(one);
      return isRanged(one) ? ofPart(stat) : stat;
    },
    put: (one, request) => storage.put(one, request),
    authorize: (one, right) => storage.authorize(one, right),
    read: async (one: StoredItem): Promise<ItemReading> => {
      const reading = await storage.read(one);
      if (!isRanged(one)) return reading;
      const span = spanOf(range, reading.stat.sizeBytes);
      if (isRefusal(span)) {
        await reading.close();
        throw new ZvmError("ZVM_HTTP_RANGE", span.text);
      }
      const { startBytes, sizeBytes } = span;
      const pieces = cut(reading.pieces, startBytes, startBytes + sizeBytes);
      return { ...reading, pieces, stat: { ...ofPart(reading.stat), sizeBytes } };
    },
  };
}

/** What was found of the whole says nothing of a part: programs are known by it. */
function ofPart({ sha256: _, validRules: __, ...stat }: ItemStat): ItemStat {
  return { ...stat, notInPlace: "a range" };
}

/** The bytes of pieces from one position to another. */
function cut(pieces: readonly FilePiece[], start: number, end: number): FilePiece[] {
  let at = 0;
  return pieces.flatMap((piece) => {
    const from = Math.max(start - at, 0);
    const to = Math.min(end - at, piece.sizeBytes);
    at += piece.sizeBytes;
    if (from >= to) return [];
    if (from === 0 && to === piece.sizeBytes) return [piece];
    const startBytes = piece.startBytes + from;
    return [{ fd: piece.fd, startBytes, sizeBytes: to - from, isWholeFile: false }];
  });
}
