import type { FileHandle } from "node:fs/promises";
import type { ObjectAddress } from "./names.ts";
import type { ByteRange } from "./ranges.ts";

/** A piece of an object: bytes of a file, or those that its manifest has itself. */
export type Span = FileSpan | DataSpan;

/** Bytes of one file. */
export interface FileSpan extends ByteRange {
  /** The object that has the file: the object itself, or a segment of it. */
  readonly address: ObjectAddress;
  /** Its reader closes it. */
  readonly handle: FileHandle;
}

/** Bytes of a manifest, which is read into memory as a whole. */
export interface DataSpan {
  /** The object that has the manifest. */
  readonly address: ObjectAddress;
  readonly bytes: Uint8Array;
}
