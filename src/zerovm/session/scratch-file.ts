import { closeSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { isDiskFull, printable, ZvmError } from "../../base/index.ts";
import { memoryFile, namelessFile } from "../libc/index.ts";
import { reasonOf } from "./host-file.ts";

/** Longer contents go to the folder for temporary files: memory is dearer. */
const MEMORY_BYTES_MAX = 64 * 2 ** 20;

/**
 * Puts bytes into a file without a name, so that they can be handed over like any other file. It is
 * one in memory where that will do: most sessions so need no folder for temporary files. An empty
 * one is made to be filled, with nobody knows how much.
 * @throws ZvmError ZVM_DISK_FULL, ZVM_FILE when the folder for temporary files does not take it.
 */
export function scratchFile(bytes: Uint8Array): number {
  try {
    const isSmall = bytes.length > 0 && bytes.length <= MEMORY_BYTES_MAX;
    return (isSmall ? inMemory(bytes) : undefined) ?? inFolder(bytes);
  } catch (cause) {
    const message = `Cannot write a temporary file in ${printable(tmpdir())} (TMPDIR): ${reasonOf(cause)}`;
    throw new ZvmError(isDiskFull(cause) ? "ZVM_DISK_FULL" : "ZVM_FILE", message, { cause });
  }
}

function inMemory(bytes: Uint8Array): number | undefined {
  const fd = memoryFile();
  if (fd === undefined) return undefined;
  try {
    return filled(fd, bytes);
  } catch {
    // Memory is short where the folder may have room.
    return undefined;
  }
}

function inFolder(bytes: Uint8Array): number {
  return filled(namelessFile(tmpdir()), bytes);
}

/** @throws the error of the host; the descriptor is closed then. */
function filled(fd: number, bytes: Uint8Array): number {
  try {
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(fd, bytes, done, bytes.length - done, done);
    }
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
