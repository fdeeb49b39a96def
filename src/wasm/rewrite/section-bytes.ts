import { ByteWriter } from "./byte-writer.ts";

/** Longest LEB128 form of a number of entries. */
export const COUNT_BYTES_MAX = 5;

/** Numbers of sections. */
export const SECTION = {
  CUSTOM: 0,
  TYPE: 1,
  IMPORT: 2,
  FUNCTION: 3,
  TABLE: 4,
  GLOBAL: 6,
  EXPORT: 7,
  START: 8,
  ELEMENT: 9,
  CODE: 10,
} as const;

/** A custom section as pieces. */
export function customSection(name: string, contents: Uint8Array): Uint8Array[] {
  const title = new ByteWriter(32);
  title.name(name);
  return withHeader(SECTION.CUSTOM, [title.written(), contents]);
}

/** A section as pieces: its header, then its contents. */
export function withHeader(id: number, contents: readonly Uint8Array[]): Uint8Array[] {
  const header = new ByteWriter(1 + COUNT_BYTES_MAX);
  header.byte(id);
  header.unsigned(contents.reduce((sum, it) => sum + it.length, 0));
  return [header.written(), ...contents];
}

/** All pieces in one array. */
export function concatenate(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, it) => sum + it.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
