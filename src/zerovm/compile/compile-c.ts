import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "../run/index.ts";
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

/** The assembly of gcc, file by file, and of the runtime; the rest is our own. */
async function compileNexe({ files, output, options }: CompileOptions): Promise<void> {
  const tools = await import("../../nacl/toolchain/index.ts");
  const folder = mkdtempSync(join(tmpdir(), "zerovm-cc-"));
  try {
    writeFileSync(join(folder, "zvm_nexe.h"), tools.RUNTIME_HEADER);
    const runtimeFile = join(folder, "runtime.c");
    writeFileSync(runtimeFile, tools.RUNTIME_C);
    const toAssembly = (file: string, more: readonly string[]) =>
      runCompiler(GCC, [...more, ...tools.GCC_OPTIONS, "-I", folder, "-o", "-", asFile(file)]);
    const program = files.map((file) => toAssembly(file, options));
    const runtime = toAssembly(runtimeFile, tools.RUNTIME_OPTIONS);
    put(output, tools.buildNexe({ program, runtime }));
  } catch (error) {
    if (!(error instanceof tools.NotBuilt)) throw error;
    throw new ZvmError("ZVM_COMPILE", `No nexe can be made: ${error.message}`, { cause: error });
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
