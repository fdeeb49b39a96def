import { existsSync, writeFileSync } from "node:fs";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "../run/index.ts";
import { bareLibrary, hostedLibrary } from "./nexe-library.ts";
import { CLANG, GCC, runCompiler } from "./run-compiler.ts";

/** What a program is made for: Native Client, or WebAssembly with its system interface. */
export type CompileTarget = "nexe" | "wasi";

export interface CompileOptions {
  /** C files, in their order. */
  readonly files: readonly string[];
  readonly output: string;
  readonly target: CompileTarget;
  /** Further options for the compiler, as `-O2`. */
  readonly options: readonly string[];
  /** Without a C library; a module always has one. */
  readonly isBare: boolean;
  /** Told before the C library of nexe programs is made, which is done once. */
  readonly onMake: (message: string) => void;
}

const WASI_LIBRARIES = "/usr/lib/wasm32-wasi";

/**
 * Compiles C files to a program file.
 * @throws ZvmError `ZVM_COMPILE` where a compiler is missing or makes no program, `ZVM_FILE` where
 *   a file cannot be written
 */
export async function compileC(request: CompileOptions): Promise<void> {
  if (request.target === "wasi") compileWasi(request);
  else await compileNexe(request);
}

function compileWasi({ files, output, options }: CompileOptions): void {
  try {
    runCompiler(CLANG, ["--target=wasm32-wasi", ...options, "-o", output, ...files.map(asFile)]);
  } catch (error) {
    if (existsSync(WASI_LIBRARIES)) throw error;
    const message = `There is no C library for WASI; on Debian: apt install ${CLANG.packages}`;
    throw new ZvmError("ZVM_COMPILE", message, { cause: error });
  }
}

/** The assembly of gcc, file by file; the rest is our own. */
async function compileNexe(request: CompileOptions): Promise<void> {
  const { files, output, options, isBare, onMake } = request;
  const tools = await import("../../nacl/toolchain/index.ts");
  const library = isBare ? await bareLibrary() : await hostedLibrary(onMake);
  const program = files.map((file) => {
    return runCompiler(GCC, [...options, ...library.options, "-o", "-", asFile(file)]);
  });
  try {
    put(output, tools.buildNexe({ program, library: library.units }));
  } catch (error) {
    if (!(error instanceof tools.NotBuilt)) throw error;
    throw new ZvmError("ZVM_COMPILE", `No nexe can be made: ${error.message}`, { cause: error });
  }
}

/** A name that begins with a dash would be an option. */
function asFile(name: string): string {
  return name.startsWith("-") ? `./${name}` : name;
}

function put(output: string, bytes: Uint8Array): void {
  try {
    writeFileSync(output, bytes);
  } catch (cause) {
    const message = `Cannot write ${printable(output)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
