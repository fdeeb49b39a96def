import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { extname } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "../run/index.ts";
import type { CompileTarget } from "./compile-options.ts";

/** Endings of files that are compiled or linked. */
const ENDINGS: Readonly<Record<CompileTarget, readonly string[]>> = {
  nexe: [".c", ".i", ".o", ".s"],
  wasi: [".c", ".i", ".o", ".s", ".a"],
};
/** What is said of files that are something else. */
const OTHERS: readonly (readonly [RegExp, string])[] = [
  [/\.(?:cc|cp|cpp|cxx|c\+\+|C|ii|hh|hpp)$/, "is C++, which zerovm cc does not compile"],
  [/\.h$/, "is a header: name the C files that include it"],
  [/\.S$/, "is assembly for a preprocessor: write it inside of C, or as .s without one"],
  [/\.a$/, "is a static archive: name its sources, or objects of 'zerovm cc -c'"],
  [/\.(?:so|dylib|dll)(?:\.|$)/, "is a shared library: name its sources"],
];
/** So much of a file tells text from anything else. */
const LOOKED_AT_BYTES = 4096;

/**
 * Judges files by name and first bytes, before a compiler says a thousand things about them.
 * @throws ZvmError `ZVM_FILE` for one that cannot be read, `ZVM_COMPILE` for one of another kind
 */
export function judgeFiles(files: readonly string[], target: CompileTarget): void {
  for (const name of files) {
    const start = startOf(name);
    const reason = reasonAgainst(name, start, target);
    if (reason !== undefined) throw new ZvmError("ZVM_COMPILE", `${printable(name)} ${reason}`);
  }
}

function reasonAgainst(name: string, start: Buffer, target: CompileTarget): string | undefined {
  const ending = extname(name);
  if (!ENDINGS[target].includes(ending)) {
    const known = OTHERS.find(([pattern]) => pattern.test(name))?.[1];
    return known ?? `is no C file: their names end in ${ENDINGS[target].join(", ")}`;
  }
  const isText = ending === ".c" || ending === ".i" || ending === ".s";
  return isText && start.includes(0) ? "is no text, and so no C file" : undefined;
}

function startOf(name: string): Buffer {
  try {
    return readStart(name);
  } catch (cause) {
    if (cause instanceof ZvmError) throw cause;
    const message = `Cannot read ${printable(name)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

function readStart(name: string): Buffer {
  const descriptor = openSync(name, "r");
  try {
    const info = fstatSync(descriptor);
    if (info.isDirectory()) {
      throw new ZvmError("ZVM_COMPILE", `${printable(name)} is a folder: name its C files`);
    }
    // What is no regular file may be read only once.
    if (!info.isFile()) return Buffer.alloc(0);
    const start = Buffer.alloc(LOOKED_AT_BYTES);
    return start.subarray(0, readSync(descriptor, start, 0, LOOKED_AT_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

/** A name that begins with a dash would be an option. */
export function asFile(name: string): string {
  return name.startsWith("-") ? `./${name}` : name;
}
