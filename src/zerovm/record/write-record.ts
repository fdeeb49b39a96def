import { closeSync, openSync, readSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { printable, ZvmError } from "../../base/index.ts";
import { encodeOrder, type Order } from "../cell/index.ts";
import { type Expected, type Part, RECORD_HEADER } from "./record.ts";

const PIECE_BYTES = 2 ** 20;

/** A part that is bytes, or the first bytes of an open file. */
export type RecordedPart = { readonly name: Part["name"] } & (
  | { readonly bytes: Uint8Array }
  | { readonly fd: number; readonly sizeBytes: number }
);

export interface RecordContents {
  /** The order of the replay; its descriptors are counted as its parts come. */
  readonly order: Order;
  readonly expected: Expected;
  readonly parts: readonly RecordedPart[];
}

/**
 * Writes a record, in place of whatever file was there: all of it or nothing.
 * @throws ZvmError ZVM_FILE when the host does not take it
 */
export function writeRecord(path: string, contents: RecordContents): void {
  const draft = `${path}.${process.pid}.part`;
  try {
    const fd = openSync(draft, "wx", 0o600);
    try {
      writeTo(fd, contents);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  } catch (cause) {
    removeDraft(draft);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Cannot write the record ${printable(path)}: ${printable(reason)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

function writeTo(fd: number, { order, expected, parts }: RecordContents): void {
  const described = parts.map((part): Part => {
    const { createHash } = process.getBuiltinModule("node:crypto");
    const hash = createHash("sha256");
    let sizeBytes = 0;
    visitPieces(part, (piece) => {
      hash.update(piece);
      sizeBytes += piece.length;
    });
    return { name: part.name, sizeBytes, sha256: hash.digest("hex") };
  });
  const made = { node: process.version, arch: process.arch };
  const index = { made, order: JSON.parse(encodeOrder(order)), expected, parts: described };
  const text = Buffer.from(JSON.stringify(index));
  const size = Buffer.alloc(4);
  size.writeUInt32LE(text.length);
  writeAll(fd, Buffer.concat([Buffer.from(RECORD_HEADER), size, text]));
  for (const part of parts) visitPieces(part, (piece) => writeAll(fd, piece));
}

function visitPieces(part: RecordedPart, visit: (piece: Uint8Array) => void): void {
  if ("bytes" in part) {
    visit(part.bytes);
    return;
  }
  const piece = new Uint8Array(Math.min(PIECE_BYTES, part.sizeBytes));
  for (let at = 0; at < part.sizeBytes; ) {
    const got = readSync(part.fd, piece, 0, Math.min(piece.length, part.sizeBytes - at), at);
    if (got === 0) throw new Error(`the ${part.name} became shorter`);
    visit(piece.subarray(0, got));
    at += got;
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
}

function removeDraft(draft: string): void {
  try {
    unlinkSync(draft);
  } catch {
    // It was never made.
  }
}
