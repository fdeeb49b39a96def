import { constants, openSync, unlinkSync } from "node:fs";
import { join } from "node:path";

/** Of Linux, where it contains `O_DIRECTORY`; Node does not name it. */
const O_TMPFILE = 0o20000000 | constants.O_DIRECTORY;
const MODE = 0o600;

let madeCount = 0;

/**
 * An empty file on the disk of `folder`, to read and to write, which has no name and goes with its
 * descriptor, however this process ends.
 * @throws the error of the host
 */
export function namelessFile(folder: string): number {
  try {
    return openSync(folder, O_TMPFILE | constants.O_RDWR, MODE);
  } catch {
    // Not every file system has such files.
    return openAndUnlink(folder);
  }
}

function openAndUnlink(folder: string): number {
  madeCount += 1;
  const name = `zerovm-${process.pid}-${madeCount}-${process.hrtime.bigint()}`;
  const path = join(folder, name);
  const fd = openSync(path, "wx+", MODE);
  unlinkSync(path);
  return fd;
}
