import type { DeviceType } from "./device.ts";
import type { Node } from "./node.ts";

/** All that `stat` tells of a node, in the numbering of Linux. */
export interface Stat {
  readonly device: number;
  readonly ino: number;
  /** Type and permission bits. */
  readonly mode: number;
  readonly nlink: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  readonly blockBytes: number;
  /** In units of 512 bytes. */
  readonly blocks: number;
  readonly accessedNs: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

export const MODE_TYPE = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
} as const;

const BLOCK_BYTES = 4096;
const SECTOR_BYTES = 512;

/** The memory tree of the original shows these for everything in it. */
const TREE_BLOCK_BYTES = 1024;

export function statNode(node: Node): Stat {
  const isDev = node.volume.isDevices === true;
  const common = {
    device: node.volume.device,
    ino: node.ino,
    nlink: node.nlink,
    uid: node.uid,
    gid: node.gid,
    accessedNs: node.accessedNs,
    modifiedNs: node.modifiedNs,
    changedNs: node.changedNs,
    blockBytes: isDev ? BLOCK_BYTES : TREE_BLOCK_BYTES,
    blocks: 0,
  };
  switch (node.kind) {
    case "file":
      return { ...common, mode: MODE_TYPE.file | node.mode, sizeBytes: node.data.sizeBytes };
    case "symlink":
      return { ...common, mode: MODE_TYPE.symlink | node.mode, sizeBytes: node.target.length };
    case "directory": {
      const sizeBytes = isDev ? BLOCK_BYTES : 0;
      const mode = MODE_TYPE.directory | node.mode;
      return { ...common, mode, sizeBytes, blocks: sizeBytes / SECTOR_BYTES };
    }
    case "device": {
      const { type, mode, sizeBytes } = node.device.stat();
      const blocks = (Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES) / SECTOR_BYTES;
      return { ...common, mode: typeBits(type) | mode, sizeBytes, blocks };
    }
  }
}

function typeBits(type: DeviceType): number {
  return MODE_TYPE[type];
}
