/** New contents, written in full before any of them takes its place. */

import {
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename } from "node:path";
import { type ByteSource, type ByteString, bytesOf, HostIoError } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import { writeFully } from "./descriptor.ts";
import type { HostFolder, HostTree } from "./host-tree.ts";

const PIECE_BYTES = 256 * 1024;
const NEW_FILE_FLAGS =
  constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** What a guest may set on files of the host: never set-user-id and its like. */
export const PERMISSION_BITS = 0o777;

/**
 * The permissions that the host withholds from what is made in a folder: the umask. Found by
 * making a folder, since `process.umask()` sets it to 0 for a moment, for all threads.
 */
export function withheldBits(tree: HostTree): number {
  const around = mkdtempSync(tree.root.at(".zerovm-unpack-").toString());
  try {
    const probe = tree.root.openFolder(basename(around));
    try {
      const place = probe.at("umask");
      mkdirSync(place, PERMISSION_BITS);
      const { mode } = lstatSync(place);
      rmdirSync(place);
      return PERMISSION_BITS & ~mode;
    } finally {
      probe.close();
    }
  } finally {
    rmSync(around, { recursive: true, force: true });
  }
}

/** A folder beside the final places, on the same file system: moving out of it copies nothing. */
export class Staging {
  readonly #path: string;
  readonly #folder: HostFolder;
  readonly #piece = new Uint8Array(PIECE_BYTES);
  #count = 0;

  constructor(tree: HostTree) {
    this.#path = mkdtempSync(tree.root.at(".zerovm-unpack-").toString());
    this.#folder = tree.root.openFolder(basename(this.#path));
  }

  /** A name that nothing in the staging folder has. */
  newPlace(): Buffer {
    this.#count += 1;
    return this.#folder.at(String(this.#count));
  }

  /** Writes a file of a mode; `keepTime` gives it the member's time as well. */
  file(member: Member, contents: ByteSource, mode: number, keepTime: boolean): Buffer {
    const place = this.newPlace();
    const fd = openSync(place, NEW_FILE_FLAGS, 0o600);
    try {
      this.#copy(contents, fd);
      fchmodSync(fd, mode);
      if (keepTime) futimesSync(fd, member.mtimeSeconds, member.mtimeSeconds);
    } finally {
      closeSync(fd);
    }
    return place;
  }

  symlink(target: ByteString): Buffer {
    const place = this.newPlace();
    symlinkSync(Buffer.from(bytesOf(target)), place);
    return place;
  }

  /** Removes what is left of it. */
  close(): void {
    this.#folder.close();
    rmSync(this.#path, { recursive: true, force: true });
  }

  #copy(contents: ByteSource, fd: number): void {
    for (let offset = 0; offset < contents.sizeBytes; ) {
      const size = Math.min(PIECE_BYTES, contents.sizeBytes - offset);
      const got = contents.read(offset, this.#piece.subarray(0, size));
      if (got < size) throw new HostIoError("EIO", "the export ended within its contents");
      writeFully(fd, this.#piece.subarray(0, got), offset);
      offset += got;
    }
  }
}
