import type { PeerCalls } from "./backend.ts";

/**
 * What a field that may pass 2^31 is made with, before its first value. The engine then keeps it
 * as a double from the start; otherwise the code of every transfer would be thrown away, and
 * slower code made instead, when the field passes 2^31 in the middle of a session.
 */
export const WIDE = 0.5;

/**
 * What the report counts: operations of the host, in units that do not depend on how the host
 * cuts them. A read is one operation for each begun block of 64 KiB and source, and one of no
 * bytes more where it meets the end; a write is one for each source.
 */
export class HostAccounting {
  reads = 0;
  readBytes = WIDE;
  writes = 0;
  writeBytes = WIDE;

  constructor() {
    this.readBytes = 0;
    this.writeBytes = 0;
  }

  /** A read of one source that got `bytes`; `ended` says that it asked on and met the end. */
  countRead(bytes: number, ended: boolean): void {
    this.reads += bytes <= CHUNK_BYTES_MAX ? Number(bytes > 0) : Math.ceil(bytes / CHUNK_BYTES_MAX);
    if (ended) this.reads += 1;
    this.readBytes += bytes;
  }

  /** What the end of a wire took: the end itself, and what its reader threw away. */
  countClosing(closing: PeerCalls["closing"] | undefined): void {
    if (closing === undefined) return;
    this.reads += closing.reads;
    this.readBytes += closing.readBytes;
    this.writes += closing.writes;
  }

  /** A write of `bytes` to each of so many sources. */
  countWrite(bytes: number, sources: number): void {
    this.writes += sources;
    this.writeBytes += bytes * sources;
  }
}

/** The unit of transfer of the original system, kept for accounting and for comparing sources. */
export const CHUNK_BYTES_MAX = 65_536;
