import { createReadStream, statSync } from "node:fs";
import { printable, ZvmError } from "../base/index.ts";
import type { UploadSource } from "../zerocloud/client/index.ts";
import { reasonOf } from "../zerovm/index.ts";

/** A regular file as the source of an upload. */
export function fileSource(path: string): UploadSource {
  const state = fileState(path);
  return {
    ...state,
    async *read(start, size) {
      if (size === 0) return;
      try {
        yield* createReadStream(path, { start, end: start + size - 1 });
      } catch (cause) {
        state.judgeUnchanged();
        throw new ZvmError("ZVM_FILE", `Cannot read ${printable(path)}: ${reasonOf(cause)}`, {
          cause,
        });
      }
    },
  };
}

/** What tells the bytes that a file has now from those that it had, or will have. */
export interface FileState {
  readonly sizeBytes: number;
  readonly version: string;
  /** @throws ZvmError ZVM_CLIENT_CHANGED naming the file */
  readonly judgeUnchanged: () => void;
}

/** @throws ZvmError ZVM_FILE where there is no regular file */
export function fileState(path: string): FileState {
  const shown = printable(path);
  const begin = attempt(`read ${shown}`, () => statSync(path, { bigint: true }));
  if (!begin.isFile()) {
    throw new ZvmError("ZVM_FILE", `Cannot send ${shown}: it is no regular file`);
  }
  const judgeUnchanged = (): void => {
    const options = { bigint: true, throwIfNoEntry: false } as const;
    const now = attempt(`read ${shown}`, () => statSync(path, options));
    if (STATE.every((key) => now?.[key] === begin[key])) return;
    const message = `${shown} was changed while it was sent: it is not stored`;
    throw new ZvmError("ZVM_CLIENT_CHANGED", message);
  };
  const sizeBytes = Number(begin.size);
  return { sizeBytes, version: timeText(begin.mtimeNs), judgeUnchanged };
}

/** Bytes with the same of these are taken for the same. Another file has another number. */
const STATE = ["dev", "ino", "size", "mtimeNs"] as const;
const NS_PER_S = 1_000_000_000n;

/** Seconds since 1970, as other clients have them in the names of segments. */
function timeText(ns: bigint): string {
  if (ns < 0n) return `-${timeText(-ns)}`;
  return `${ns / NS_PER_S}.${String(ns % NS_PER_S).padStart(9, "0")}`;
}

/** Does what the host may refuse. @throws ZvmError ZVM_FILE that says what could not be done */
export function attempt<Result>(what: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    throw new ZvmError("ZVM_FILE", `Cannot ${what}: ${reasonOf(cause)}`, { cause });
  }
}
