import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "./host-file.ts";

let madeCount = 0;

/**
 * Puts bytes into a file without a name, so that they can be handed over like any other file.
 * @throws ZvmError ZVM_FILE when the folder for temporary files does not take it.
 */
export function scratchFile(bytes: Uint8Array): number {
  try {
    return writeScratch(bytes);
  } catch (cause) {
    const message = `Cannot write a temporary file in ${printable(tmpdir())}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

function writeScratch(bytes: Uint8Array): number {
  madeCount += 1;
  const name = `zerovm-${process.pid}-${madeCount}-${process.hrtime.bigint()}`;
  const path = join(tmpdir(), name);
  const fd = openSync(path, "wx+", 0o600);
  try {
    unlinkSync(path);
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(fd, bytes, done, bytes.length - done, done);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
