/**
 * A folder of the host, entered part by part without ever following a symbolic link. On Linux
 * everything is reached through the descriptor of the folder that holds it, so that nobody who
 * renames folders meanwhile can lead us elsewhere.
 */

import { closeSync, constants, fstatSync, openSync, readdirSync, statSync } from "node:fs";
import { type ByteString, byteStringOf, bytesOf, HostIoError } from "../../base/index.ts";

/** Deeper trees are refused: each level holds a descriptor while it is walked. */
export const DEPTH_MAX = 256;

const FOLDER_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;
const FILE_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export class HostFolder {
  readonly fd: number;
  /** What a name is put behind to reach it. */
  readonly #prefix: Buffer;

  constructor(path: string | Buffer, flags = 0) {
    this.fd = openSync(path, FOLDER_FLAGS | flags);
    this.#prefix = Buffer.from(
      throughDescriptor(this.fd) ?? Buffer.concat([Buffer.from(path), SLASH]),
    );
  }

  /** The path under which the host finds a child of this folder. */
  at(name: ByteString): Buffer {
    return Buffer.concat([this.#prefix, bytesOf(name)]);
  }

  /** @throws the host's error, ELOOP or ENOTDIR for anything but a folder. */
  openFolder(name: ByteString): HostFolder {
    return new HostFolder(this.at(name), constants.O_NOFOLLOW);
  }

  /** Opens what should be a regular file, to be read; never waits, never follows. */
  openFile(name: ByteString): number {
    return openSync(this.at(name), FILE_FLAGS);
  }

  names(): ByteString[] {
    return readdirSync(this.#prefix, { encoding: "buffer" }).map((name) => byteStringOf(name));
  }

  close(): void {
    closeSync(this.fd);
  }
}

const SLASH = Buffer.from("/");

/** Where the system shows descriptors as folders; nothing where it does not. */
function throughDescriptor(fd: number): string | undefined {
  const path = `/proc/self/fd/${fd}/`;
  try {
    const [shown, own] = [statSync(path), fstatSync(fd)];
    return shown.ino === own.ino && shown.dev === own.dev ? path : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the folders on the way to the last visited one open: sorted visits open each once. */
export class HostTree {
  readonly root: HostFolder;
  #parts: ByteString[] = [];
  #folders: HostFolder[] = [];

  /** @throws the host's error when there is no such folder; `path` itself may be a link. */
  constructor(path: string) {
    this.root = new HostFolder(path);
  }

  /** The folder at a normalised path; good until another one is asked for. */
  folder(path: ByteString): HostFolder {
    const parts = path === "" ? [] : path.split("/");
    if (parts.length > DEPTH_MAX) {
      throw new HostIoError("ENAMETOOLONG", `folders are nested more than ${DEPTH_MAX} deep`);
    }
    let common = 0;
    while (common < parts.length && parts[common] === this.#parts[common]) common++;
    this.#leave(common);
    for (const part of parts.slice(common)) {
      const next = this.#last().openFolder(part);
      this.#folders.push(next);
      this.#parts.push(part);
    }
    return this.#last();
  }

  /** The folder that holds a path. */
  parentOf(path: ByteString): HostFolder {
    return this.folder(parentPath(path));
  }

  /** Forgets all open folders below the root, where some may have been replaced. */
  forget(): void {
    this.#leave(0);
  }

  close(): void {
    this.forget();
    this.root.close();
  }

  #last(): HostFolder {
    return this.#folders.at(-1) ?? this.root;
  }

  #leave(depth: number): void {
    for (const folder of this.#folders.splice(depth)) folder.close();
    this.#parts.length = Math.min(this.#parts.length, depth);
  }
}

export function parentPath(path: ByteString): ByteString {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function lastPart(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf("/") + 1);
}
