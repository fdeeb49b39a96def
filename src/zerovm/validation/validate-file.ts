import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { type Diagnostic, printable, ZvmError } from "../../base/index.ts";
import type { Nexe, NexePolicy } from "../../nacl/elf/index.ts";
import type { Verdict } from "../../nacl/validator/index.ts";
import { inspect, reasonOf } from "../run/index.ts";

export interface ValidateFileOptions {
  /** Whose rules a nexe or code is judged by; those of ZeroVM unless given. */
  readonly policy?: NexePolicy;
  /** Whether the file is nothing but code of Native Client. */
  readonly raw?: boolean;
}

/** One thing that is wrong, or might be. */
export interface FileFinding {
  /** From the start of the code; of a fault of the file as such, from the start of the file. */
  readonly offset?: number;
  readonly reason: string;
}

/** What is said of a program file. Plain data. */
export interface FileVerdict {
  readonly path: string;
  /** What the file was judged as. */
  readonly kind: "code" | "nexe" | "wasm";
  readonly valid: boolean;
  readonly findings: readonly FileFinding[];
  /** Findings that are not in the list: it holds the first ones only. */
  readonly moreFindings: number;
  readonly warnings: readonly FileFinding[];
  readonly moreWarnings: number;
}

/** No program file is larger: its text, rodata and data have to leave room for the stack. */
const FILE_BYTES_MAX = 2 ** 30;
const ELF_MAGIC = [0x7f, 0x45, 0x4c, 0x46];
const BUNDLE_BYTES = 32;

/**
 * Judges a program file without running it: a nexe by its structure and its code, a WebAssembly
 * module as `inspect` does.
 * @throws ZvmError `ZVM_FILE` where the file cannot be read
 */
export async function validateFile(
  path: string,
  { policy = "zerovm", raw = false }: ValidateFileOptions = {},
): Promise<FileVerdict> {
  const bytes = readWhole(path);
  if (raw) return await judgeRaw(path, bytes, policy);
  if (ELF_MAGIC.every((byte, at) => bytes[at] === byte))
    return await judgeNexe(path, bytes, policy);
  const { findings, runnable } = await inspect(path.includes("/") ? path : `./${path}`);
  return { ...refused(path, "wasm", findings.map(fileFinding)), valid: runnable };
}

async function judgeRaw(path: string, bytes: Uint8Array, policy: NexePolicy): Promise<FileVerdict> {
  if (bytes.length % BUNDLE_BYTES !== 0) {
    const reason = `the code ends within a bundle of ${BUNDLE_BYTES} bytes`;
    return refused(path, "code", [{ offset: bytes.length, reason }]);
  }
  return { path, kind: "code", ...(await judgeCode(bytes, policy)) };
}

async function judgeNexe(
  path: string,
  bytes: Uint8Array,
  policy: NexePolicy,
): Promise<FileVerdict> {
  const { NexeRefused, readNexe, textOf } = await import("../../nacl/elf/index.ts");
  let nexe: Nexe;
  try {
    nexe = readNexe(bytes, policy);
  } catch (error) {
    if (!(error instanceof NexeRefused)) throw error;
    return refused(path, "nexe", error.diagnostics.map(fileFinding));
  }
  return { path, kind: "nexe", ...(await judgeCode(textOf(bytes, nexe), policy)) };
}

/** The validator is loaded when there is code to judge: its table costs some milliseconds. */
async function judgeCode(code: Uint8Array, policy: NexePolicy): Promise<Verdict> {
  const { validate } = await import("../../nacl/validator/index.ts");
  return validate(code, { policy });
}

function refused(
  path: string,
  kind: FileVerdict["kind"],
  findings: readonly FileFinding[],
): FileVerdict {
  return { path, kind, valid: false, findings, moreFindings: 0, warnings: [], moreWarnings: 0 };
}

function fileFinding({ offset, message, expected }: Diagnostic): FileFinding {
  const reason = expected === undefined ? message : `${message}, not ${expected}`;
  return offset === undefined ? { reason } : { offset, reason };
}

function readWhole(path: string): Uint8Array {
  try {
    // A named pipe without a writer would hold us for ever.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readRegular(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    const message = `Cannot read ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

function readRegular(fd: number): Uint8Array {
  const stats = fstatSync(fd);
  if (!stats.isFile()) throw new Error("it is no regular file");
  if (stats.size > FILE_BYTES_MAX) throw new Error(`it has more than ${FILE_BYTES_MAX} bytes`);
  const bytes = new Uint8Array(stats.size);
  let used = 0;
  while (used < bytes.length) {
    const count = readSync(fd, bytes, used, bytes.length - used, used);
    if (count === 0) throw new Error("it became shorter while it was read");
    used += count;
  }
  return bytes;
}
