import { TYPE } from "./layout.ts";
import { shownName } from "./tar-error.ts";

const REASONS: Readonly<Record<number, string>> = {
  [TYPE.character]: "it is a character device, which an image cannot hold: leave it out",
  [TYPE.block]: "it is a block device, which an image cannot hold: leave it out",
  [TYPE.fifo]: "it is a named pipe, which an image cannot hold: leave it out",
  [TYPE.gnuSparse]: "it is stored as a sparse file: repack without --sparse",
  [TYPE.gnuDump]: "it belongs to an incremental backup: repack without --listed-incremental",
  [TYPE.gnuMulti]: "it continues from another volume: repack without --multi-volume",
};

/** Why members with this type flag are refused, and what to do. */
export function unsupportedTypeReason(type: number): string {
  return REASONS[type] ?? `its type '${shownName(String.fromCharCode(type))}' is unknown`;
}
