import { compileNexe } from "./compile-nexe.ts";
import type { CompileOptions } from "./compile-options.ts";
import { compileWasi } from "./compile-wasi.ts";
import { judgeFiles } from "./judge-files.ts";

/**
 * Compiles C files to a program file, or to what comes before one.
 * @returns preprocessed C that goes to standard output, else nothing
 * @throws ZvmError `ZVM_COMPILE` where a compiler is missing or makes no program, or a file is none
 *   of C, `ZVM_FILE` where a file cannot be read or written
 */
export async function compileC(request: CompileOptions): Promise<string> {
  judgeFiles(request.files, request.target);
  return request.target === "wasi" ? compileWasi(request) : await compileNexe(request);
}
