/** Opens a tar archive of the host as an image; gzip is unpacked to a file without a name. */

import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { type ByteSource, type ByteString, printable, ZvmError } from "../../base/index.ts";
import { isTableFor, type MemberTable, tabulateTar } from "../../tar/index.ts";
import { descriptorSource } from "./descriptor.ts";
import { attempt, hostCode, hostFailure, hostReason, shownPath } from "./host-failure.ts";
import { type IndexCacheOptions, indexOnce } from "./index-cache.ts";
import {
  type ImageLimits,
  imageBytesMax,
  membersMax,
  type OpenedImage,
  openedImage,
} from "./opened-image.ts";
import { Spool } from "./spool.ts";

const GZIP_PIECE_BYTES = 64 * 1024;

/** How the headers of an archive are read. */
export interface IndexImageOptions extends Pick<ImageLimits, "membersMax"> {
  /** What to do with symbolic links that lead out of the image; `contained` unless given. */
  readonly links?: "contained" | "kept";
  /** Where the image will be mounted; `/` unless given. */
  readonly mountpoint?: ByteString;
  /** Where indexes of plain archives are kept; nowhere unless given. */
  readonly cache?: IndexCacheOptions | undefined;
}

export interface OpenImageOptions extends ImageLimits, IndexImageOptions {
  /** Does what `indexImage` does elsewhere: a large archive keeps this thread for long. */
  readonly index?: ((path: string, options: IndexImageOptions) => Promise<MemberTable>) | undefined;
  /** Ends the unpacking of gzip. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens an archive and reads its headers.
 * @throws ZvmError ZVM_FILE when the host has no such regular file; ZVM_TAR when it is no image,
 * or unpacks to more than the limit `image-bytes`.
 */
export async function openImage(
  path: string,
  options: OpenImageOptions = {},
): Promise<OpenedImage> {
  const fd = openRegularFile(path);
  let spool: Spool | undefined;
  try {
    if (isGzip(fd)) {
      spool = await gunzip(fd, path, options);
      closeSync(fd);
    }
    const compressed = spool !== undefined;
    const sizeBytes = spool?.sizeBytes ?? plainSize(fd, path, options);
    const plain = spool?.fd ?? fd;
    // What was unpacked has no state by which it is known again.
    const { index, membersMax, links, mountpoint } = options;
    const cache = compressed ? undefined : options.cache;
    const wishes = { ...definedOf({ membersMax, links, mountpoint }), cache };
    const known = await index?.(`/proc/self/fd/${plain}`, wishes);
    const facts = { compressed, warnings: [] };
    const table = (source: ByteSource) => known ?? tableOf(source, plain, path, wishes);
    return openedImage(plain, sizeBytes, table, facts);
  } catch (error) {
    closeSync(spool?.fd ?? fd);
    throw hostFailure(`read the image ${shownPath(path)}`, error);
  }
}

/**
 * What a plain archive holds, as `openImage` finds it.
 * @throws ZvmError as that
 */
export function indexImage(path: string, options: IndexImageOptions): MemberTable {
  const fd = openRegularFile(path);
  try {
    return tableOf(descriptorSource(fd, fstatSync(fd).size), fd, path, options);
  } catch (error) {
    throw hostFailure(`read the image ${shownPath(path)}`, error);
  } finally {
    closeSync(fd);
  }
}

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Fields that have a value. */
function definedOf<Fields extends object>(fields: Fields): Defined<Fields> {
  const defined = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Defined<Fields>;
}

/** An index has no warnings: what it does not take, it refuses. */
function tableOf(
  source: ByteSource,
  fd: number,
  path: string,
  options: IndexImageOptions,
): MemberTable {
  const indexOptions = {
    name: path,
    membersMax: membersMax(options),
    links: options.links ?? "contained",
    mountpoint: options.mountpoint ?? "/",
  };
  const index = (): MemberTable => tabulateTar(source, indexOptions);
  if (options.cache === undefined) return index();
  const fits = (table: MemberTable): boolean => isTableFor(table, indexOptions);
  return indexOnce(fd, options.cache, { index, fits });
}

/** Opens without waiting on a pipe that nobody writes, and looks at what was opened. */
function openRegularFile(path: string): number {
  const action = `open the image ${shownPath(path)}`;
  const fd = attempt(action, () => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
  const stat = fstatSync(fd);
  if (stat.isFile()) return fd;
  closeSync(fd);
  const reason = stat.isDirectory()
    ? "it is a folder: make a tar archive of it, or grant it to zerovm run with --dir"
    : "it is no regular file";
  throw new ZvmError("ZVM_FILE", `Cannot ${action}: ${reason}`);
}

function isGzip(fd: number): boolean {
  const magic = new Uint8Array(2);
  descriptorSource(fd, 2).read(0, magic);
  return magic[0] === 0x1f && magic[1] === 0x8b;
}

function plainSize(fd: number, path: string, limits: ImageLimits): number {
  const { size } = fstatSync(fd);
  if (size > imageBytesMax(limits)) throw tooLarge(path, "has", limits);
  return size;
}

function tooLarge(path: string, verb: string, limits: ImageLimits): ZvmError {
  return new ZvmError(
    "ZVM_TAR",
    `Cannot read the tar archive ${shownPath(path)}: it ${verb} more than ` +
      `${imageBytesMax(limits)} bytes; raise the limit image-bytes if that is meant`,
  );
}

async function gunzip(fd: number, path: string, limits: OpenImageOptions): Promise<Spool> {
  const spool = new Spool({
    limitBytes: imageBytesMax(limits),
    overLimit: () => tooLarge(path, "unpacks to", limits),
    temporaryFolder: limits.temporaryFolder,
  });
  // Loaded here: most images are plain, and every session would pay for it.
  const { createGunzip } = process.getBuiltinModule("node:zlib");
  const { pipeline } = process.getBuiltinModule("node:stream/promises");
  try {
    await pipeline(
      piecesOf(fd),
      createGunzip({ chunkSize: 128 * 1024 }),
      async (chunks: AsyncIterable<Uint8Array>) => {
        for await (const chunk of chunks) spool.write(chunk);
      },
      limits.signal === undefined ? {} : { signal: limits.signal },
    );
    spool.finish();
    return spool;
  } catch (error) {
    spool.close();
    if (error instanceof ZvmError) throw error;
    const damaged = hostCode(error)?.startsWith("Z_") === true;
    throw new ZvmError(
      damaged ? "ZVM_TAR" : "ZVM_FILE",
      `Cannot read the tar archive ${shownPath(path)}: ` +
        `${damaged ? "its gzip compression is damaged" : "the host failed"} ` +
        `(${printable(hostReason(error))})`,
      { cause: error },
    );
  }
}

/** Reads between turns of the event loop: no read is under way when `fd` is closed. */
function* piecesOf(fd: number): Generator<Uint8Array> {
  const { size } = fstatSync(fd);
  const source = descriptorSource(fd, size);
  for (let offset = 0; offset < size; offset += GZIP_PIECE_BYTES) {
    const piece = new Uint8Array(Math.min(GZIP_PIECE_BYTES, size - offset));
    yield piece.subarray(0, source.read(offset, piece));
  }
}
