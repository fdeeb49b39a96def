/**
 * The header block of a tar archive. V7 has the fields up to the link name; ustar and old GNU
 * add the magic and what follows it.
 *
 *   0     100  108  116  124   136   148    156  157  257   263     265   297   329  337  345
 *   name  mode uid  gid  size  mtime chksum type link magic version uname gname dev  dev  prefix
 */
export const BLOCK_BYTES = 512;

/** Archives are padded to this many bytes: 20 blocks, the classic record. */
export const RECORD_BYTES = 10_240;

export interface Field {
  readonly at: number;
  readonly size: number;
}

export const FIELD = {
  name: { at: 0, size: 100 },
  mode: { at: 100, size: 8 },
  uid: { at: 108, size: 8 },
  gid: { at: 116, size: 8 },
  size: { at: 124, size: 12 },
  mtime: { at: 136, size: 12 },
  checksum: { at: 148, size: 8 },
  type: { at: 156, size: 1 },
  link: { at: 157, size: 100 },
  magic: { at: 257, size: 8 },
  prefix: { at: 345, size: 155 },
} as const satisfies Record<string, Field>;

/** `star` keeps times behind a shorter prefix and ends its header with `tar\0`. */
export const STAR_PREFIX_BYTES = 131;
export const STAR_TRAILER_AT = 508;

/** Old GNU: magic and version in one. */
export const GNU_MAGIC = "ustar  \0";

/** The name that GNU gives to the records which carry a long name. */
export const LONG_NAME_MEMBER = "././@LongLink";

/** Type flags, as character codes. */
export const TYPE = {
  oldFile: 0,
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  character: 0x33,
  block: 0x34,
  directory: 0x35,
  fifo: 0x36,
  contiguous: 0x37,
  gnuDump: 0x44,
  gnuLongLink: 0x4b,
  gnuLongName: 0x4c,
  gnuMulti: 0x4d,
  gnuSparse: 0x53,
  gnuVolume: 0x56,
  paxGlobal: 0x67,
  pax: 0x78,
} as const;

/** A size rounded up to whole blocks. */
export function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}
