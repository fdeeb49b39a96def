import { closeSync, fstatSync, ftruncateSync, openSync } from "node:fs";
import { type ByteString, printable, textOf } from "../../base/index.ts";
import { descriptorSource, gzipTo, isGzipName, writeFully } from "../image/index.ts";
import { type Report, withOutcome } from "../report/index.ts";
import type { ExportFile } from "./cut-exports.ts";
import { reasonOf } from "./host-file.ts";
import { scratchFile } from "./scratch-file.ts";

/** Exports are written while somebody waits: the smallest form takes three times as long. */
const LEVEL = 6;
const COPY_BYTES = 256 * 1024;
/** EIO, the original's code for what it could not write. */
const CODE_INPUT_OUTPUT = 5;

/**
 * Gives the archives that a session exported their gzip form, where the names of their files say
 * so. A file stays the same file, with all its names, owner and mode.
 * @returns the report; where an archive cannot be packed the session is lost after all
 */
export async function packExports(files: readonly ExportFile[], report: Report): Promise<Report> {
  if (report.outcome.kind !== "exited") return report;
  for (const file of files) {
    // What could be read as well, the guest knows plain.
    if (!file.isEmptied || !isGzipName(file.path)) continue;
    try {
      await pack(file);
    } catch (error) {
      return withOutcome(report, {
        kind: "lost",
        cause: "export",
        message: failureOf(file.alias, error),
        code: CODE_INPUT_OUTPUT,
      });
    }
  }
  return report;
}

function failureOf(alias: ByteString, error: unknown): string {
  return `The export to ${printable(textOf(alias))} cannot be compressed: ${reasonOf(error)}`;
}

async function pack({ path, stats }: ExportFile): Promise<void> {
  const fd = openSync(path, "r+");
  try {
    const now = fstatSync(fd);
    // Somebody else's by now, or nothing was exported.
    if (now.ino !== stats.ino || now.dev !== stats.dev || now.size === 0) return;
    const packed = scratchFile(new Uint8Array(0));
    try {
      const sizeBytes = await gzipTo(packed, descriptorSource(fd, now.size), { level: LEVEL });
      copy(packed, sizeBytes, fd);
      ftruncateSync(fd, sizeBytes);
    } finally {
      closeSync(packed);
    }
  } finally {
    closeSync(fd);
  }
}

function copy(from: number, sizeBytes: number, to: number): void {
  const source = descriptorSource(from, sizeBytes);
  for (let offset = 0; offset < sizeBytes; offset += COPY_BYTES) {
    const piece = new Uint8Array(Math.min(COPY_BYTES, sizeBytes - offset));
    source.read(offset, piece);
    writeFully(to, piece, offset);
  }
}
