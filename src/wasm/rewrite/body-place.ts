import type { ByteWriter } from "./byte-writer.ts";

/** A body in the code section: its bytes without the size. */
export interface BodyPlace {
  /** In the index space of functions, imported ones included. */
  readonly functionIndex: number;
  readonly start: number;
  readonly end: number;
}

/** What a body becomes, its size included, and where the old one stands. */
export interface NewBody {
  readonly sizeStart: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** Writes what a body becomes: locals and code, without the size. */
export type WriteBody = (body: BodyPlace, out: ByteWriter) => void;
