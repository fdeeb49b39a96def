import { existsSync } from "node:fs";
import { join } from "node:path";
import { CLANG, missingCompiler } from "./run-compiler.ts";

/** Where Debian has the C library for WASI. */
export const WASI_LIBRARIES = "/usr/lib/wasm32-wasi";

/** What is said where clang has no C library to compile for WASI with. */
export const MISSING_LIBRARY = `There is no C library for WASI; on Debian: apt install ${CLANG.packages}`;

/**
 * What this system lacks to compile for WASI, and what installs it, without trying: for whoever
 * will need it. Undefined where all is there.
 */
export function missingForWasi(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(":");
  const hasClang = folders.some((folder) => folder !== "" && existsSync(join(folder, CLANG.name)));
  if (!hasClang) return missingCompiler(CLANG);
  return existsSync(WASI_LIBRARIES) ? undefined : MISSING_LIBRARY;
}
