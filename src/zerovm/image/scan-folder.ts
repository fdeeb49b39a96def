/** Lists a folder of the host as entries of an image, without following symbolic links. */

import { type BigIntStats, closeSync, fstatSync, lstatSync, readlinkSync } from "node:fs";
import { type ByteString, byteStringOf, HostIoError, textOf, ZvmError } from "../../base/index.ts";
import { descriptorSource } from "./descriptor.ts";
import type { Contents, Entry } from "./entry.ts";
import { attempt, shownPath } from "./host-failure.ts";
import { type HostFolder, type HostTree, lastPart } from "./host-tree.ts";

export interface ScanOptions {
  /** The folder's name in messages. */
  readonly hostPath: string;
  /** Where in the image the folder's contents go; empty for its root. */
  readonly prefix: ByteString;
  readonly membersMax: number;
  /** A file that is left out, by device and inode: the image that is being written. */
  readonly except?: string | undefined;
}

export interface Scan {
  readonly entries: readonly Entry[];
  readonly warnings: readonly string[];
}

/**
 * The tree must stay open while entries are opened.
 * @throws ZvmError ZVM_FILE that names what cannot be read, or when there is too much.
 */
export function scanFolder(tree: HostTree, options: ScanOptions): Scan {
  const steps = scanningFolder(tree, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** As `scanFolder`, with a rest after each name. */
export function scanningFolder(tree: HostTree, options: ScanOptions): Generator<void, Scan> {
  return new Scanner(tree, options).run();
}

/** Tells files apart on one host. */
export function fileIdentity(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}`;
}

class Scanner {
  readonly #tree: HostTree;
  readonly #options: ScanOptions;
  readonly #entries: Entry[] = [];
  readonly #warnings: string[] = [];

  constructor(tree: HostTree, options: ScanOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  *run(): Generator<void, Scan> {
    const stat = fstatSync(this.#tree.root.fd, { bigint: true });
    this.#add({ ...this.#facts("", stat), kind: "directory" });
    // Folders wait in line: the depth of the tree costs no stack.
    const folders: ByteString[] = [""];
    for (let path = folders.pop(); path !== undefined; path = folders.pop()) {
      for (const name of this.#names(path)) {
        const child = path === "" ? name : `${path}/${name}`;
        if (this.#scan(child)) folders.push(child);
        yield;
      }
    }
    return { entries: this.#entries, warnings: this.#warnings.sort() };
  }

  #names(path: ByteString): ByteString[] {
    return this.#reading(path, () => this.#tree.folder(path).names());
  }

  /** Adds what is at `path`. @returns whether it is a folder. */
  #scan(path: ByteString): boolean {
    const parent = this.#reading(path, () => this.#tree.parentOf(path));
    const place = parent.at(lastPart(path));
    const stat = this.#reading(path, () => lstatSync(place, { bigint: true }));
    const facts = this.#facts(path, stat);
    if (stat.isDirectory()) {
      this.#add({ ...facts, kind: "directory" });
      return true;
    }
    if (stat.isSymbolicLink()) {
      const link = this.#reading(path, () => readlinkSync(place, { encoding: "buffer" }));
      this.#add({ ...facts, kind: "symlink", link: byteStringOf(link) });
    } else if (!stat.isFile()) {
      this.#warnings.push(`${facts.origin} is left out: it is ${specialKind(stat)}`);
    } else if (fileIdentity(stat) === this.#options.except) {
      this.#warnings.push(`${facts.origin} is left out: it is the image that is being written`);
    } else {
      this.#addFile(path, facts, stat);
    }
    return false;
  }

  #addFile(path: ByteString, facts: Facts, stat: BigIntStats): void {
    const open = (): Contents =>
      this.#reading(path, () => openContents(this.#tree.parentOf(path), lastPart(path)));
    const file: Entry = { ...facts, kind: "file", sizeBytes: Number(stat.size), open };
    this.#add(stat.nlink > 1n ? { ...file, identity: fileIdentity(stat) } : file);
  }

  #facts(path: ByteString, stat: BigIntStats): Facts {
    const { prefix } = this.#options;
    return {
      path: prefix === "" || path === "" ? prefix + path : `${prefix}/${path}`,
      mode: Number(stat.mode & 0o7777n),
      mtimeSeconds: floorSeconds(stat.mtimeNs),
      sizeBytes: 0,
      origin: this.#origin(path),
    };
  }

  #add(entry: Entry): void {
    if (this.#entries.length >= this.#options.membersMax) {
      throw new ZvmError(
        "ZVM_FILE",
        `Cannot pack ${shownPath(this.#options.hostPath)}: it holds more than ` +
          `${this.#options.membersMax} files and folders`,
      );
    }
    this.#entries.push(entry);
  }

  #origin(path: ByteString): string {
    const { hostPath } = this.#options;
    return shownPath(path === "" ? hostPath : `${hostPath.replace(/\/+$/, "")}/${textOf(path)}`);
  }

  #reading<Result>(path: ByteString, calls: () => Result): Result {
    return attempt(`pack ${this.#origin(path)}`, calls);
  }
}

type Facts = Pick<Entry, "path" | "mode" | "mtimeSeconds" | "sizeBytes" | "origin">;

/** Opens a file by its name in a folder; it must still be a file. */
export function openContents(folder: HostFolder, name: ByteString): Contents {
  const fd = folder.openFile(name);
  const close = (): void => closeSync(fd);
  const stat = fstatSync(fd);
  if (stat.isFile()) return { source: descriptorSource(fd, stat.size), close };
  close();
  throw new HostIoError("EINVAL", "it was a file, and changed while it was packed");
}

/** Archives of this format have whole seconds; a time before 1970 belongs to the second before. */
export function floorSeconds(nanos: bigint): number {
  return Number(
    (nanos - (((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n,
  );
}

function specialKind(stat: BigIntStats): string {
  if (stat.isSocket()) return "a socket";
  if (stat.isFIFO()) return "a named pipe";
  return "a device";
}
