import type { LibraryUnit } from "../../nacl/toolchain/index.ts";
import { readKept, writeKept } from "../program/index.ts";

/** Twenty times what there is. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;

/** Units of a library that were kept in a file; undefined where there is no such file. */
export function readUnits(place: string): LibraryUnit[] | undefined {
  const bytes = readKept(place, FILE_BYTES_MAX);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(bytes).toString()) as LibraryUnit[];
  } catch {
    // What is damaged is made again.
    return undefined;
  }
}

/** Keeps units in a file. @returns whether the host let us */
export function writeUnits(place: string, units: readonly LibraryUnit[]): boolean {
  return writeKept(place, [Buffer.from(JSON.stringify(units))]);
}
