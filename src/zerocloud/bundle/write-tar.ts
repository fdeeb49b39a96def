import { closeSync, openSync, renameSync, rmSync } from "node:fs";
import { ZvmError } from "../../base/index.ts";
import { TarWriter } from "../../tar/index.ts";
import { attempt, shownPath, writeFully } from "../../zerovm/image/index.ts";

/** Larger archives are no single object of a store, and no image of a session. */
export const BUNDLE_BYTES_MAX = 4 * 2 ** 30;

/** Nobody owns the members, and they have no time: only names and contents make the bytes. */
export const OWNERLESS = { uid: 0, gid: 0, mtimeSeconds: 0 } as const;

export const PROGRAM_MODE = 0o755;

/**
 * Writes an archive, which appears whole or not at all.
 * @param fill adds the members
 * @returns its size in bytes
 * @throws ZvmError ZVM_ZAPP where it grows too large, ZVM_FILE where the host cannot write
 */
export function writeTar(output: string, fill: (writer: TarWriter) => void): number {
  const temporary = `${output}.${process.pid}.part`;
  const name = shownPath(output);
  const fd = attempt(`write ${name}`, () => openSync(temporary, "wx", 0o666));
  let isWhole = false;
  try {
    const sizeBytes = attempt(`write ${name}`, () => writeAll(fd, fill));
    attempt(`write ${name}`, () => renameSync(temporary, output));
    isWhole = true;
    return sizeBytes;
  } finally {
    closeSync(fd);
    if (!isWhole) rmSync(temporary, { force: true });
  }
}

function writeAll(fd: number, fill: (writer: TarWriter) => void): number {
  let position = 0;
  const sink = {
    write: (bytes: Uint8Array): void => {
      writeFully(fd, bytes, position);
      position += bytes.length;
      if (position <= BUNDLE_BYTES_MAX) return;
      throw new ZvmError("ZVM_ZAPP", `A bundle has at most ${BUNDLE_BYTES_MAX} bytes`);
    },
  };
  const writer = new TarWriter(sink, { longNames: "plain" });
  fill(writer);
  writer.finish();
  return writer.sizeBytes;
}
