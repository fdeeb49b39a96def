/** Writes an image file whole or not at all: beside its place first, then moved there. */

import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ZvmError } from "../../base/index.ts";
import { descriptorSource, writeFully } from "./descriptor.ts";
import { type Entry, type Progress, writeEntries } from "./entry.ts";
import { gzipTo } from "./gzip.ts";
import { attempt, hostFailure, shownPath } from "./host-failure.ts";
import { Turns } from "./turns.ts";

export interface WriteImageOptions {
  readonly gzip: boolean;
  readonly limitBytes: number;
  readonly mtimeSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** The file that `path` names, if there is one that may be replaced. */
export interface Target {
  readonly path: string;
  readonly identity?: string;
  readonly mode?: number;
}

/** @throws ZvmError ZVM_FILE when something other than a regular file has the name. */
export function targetOf(path: string): Target {
  const stat = attempt(`write ${shownPath(path)}`, () =>
    statSync(path, { bigint: true, throwIfNoEntry: false }),
  );
  if (stat === undefined) return { path };
  if (!stat.isFile()) {
    throw new ZvmError("ZVM_FILE", `Cannot write ${shownPath(path)}: it is no regular file`);
  }
  const identity = `${stat.dev}:${stat.ino}`;
  return { path: realpathSync(path), identity, mode: Number(stat.mode & 0o777n) };
}

/** @returns the size of the written file. */
export async function writeImageFile(
  target: Target,
  entries: Iterable<Entry>,
  options: WriteImageOptions,
): Promise<number> {
  const action = `write ${shownPath(target.path)}`;
  const room = attempt(action, () => mkdtempSync(join(dirname(target.path), ".zerovm-image-")));
  const opened: number[] = [];
  const create = (name: string): number => {
    const fd = openSync(join(room, name), "wx+", 0o666);
    opened.push(fd);
    return fd;
  };
  try {
    const plainFd = create("plain");
    const plainBytes = await writePlain(plainFd, entries, target.path, options);
    let [name, sizeBytes] = ["plain", plainBytes];
    if (options.gzip) {
      name = "packed";
      const plain = descriptorSource(plainFd, plainBytes);
      sizeBytes = await gzipTo(create(name), plain, { level: 9, signal: options.signal });
    }
    const made = join(room, name);
    if (target.mode !== undefined) chmodSync(made, target.mode);
    renameSync(made, target.path);
    return sizeBytes;
  } catch (error) {
    throw hostFailure(action, error);
  } finally {
    for (const fd of opened) closeSync(fd);
    rmSync(room, { recursive: true, force: true });
  }
}

async function writePlain(
  fd: number,
  entries: Iterable<Entry>,
  path: string,
  options: WriteImageOptions,
): Promise<number> {
  let position = 0;
  const write = (bytes: Uint8Array): void => {
    if (position + bytes.length > options.limitBytes) {
      throw new ZvmError(
        "ZVM_FILE",
        `Cannot write ${shownPath(path)}: it would be larger than ${options.limitBytes} bytes; ` +
          "raise the limit image-bytes if that is meant",
      );
    }
    writeFully(fd, bytes, position);
    position += bytes.length;
  };
  const steps = writeEntries(entries, { write }, options.mtimeSeconds);
  const turns = new Turns(options.signal);
  await turns.through(steps, options.onProgress);
  await turns.take();
  ftruncateSync(fd, position);
  return position;
}
