import { existsSync } from "node:fs";
import { join } from "node:path";
import { ZvmError } from "../../base/index.ts";
import type { CompileOptions, CompileProduct } from "./compile-options.ts";
import { guestFolder } from "./guest-folder.ts";
import { asFile } from "./judge-files.ts";
import { MISSING_LIBRARY, WASI_LIBRARIES } from "./missing-compiler.ts";
import { CLANG, runCompiler } from "./run-compiler.ts";

/** What a program is called where nobody says it. */
const OUTPUT = "a.wasm";
const HEADERS = "/usr/include/wasm32-wasi";
/** Without it `printf` ends the program where it is given a long double. */
const LONG_DOUBLES = "c-printscan-long-double";

const PRODUCTS: Readonly<Record<CompileProduct, readonly string[]>> = {
  // The linker only warns of a call with other parameters than the function has, `main` with an
  // environment among them, and makes a program that ends there.
  program: ["-Wl,--fatal-warnings"],
  object: ["-c"],
  assembly: ["-S"],
  preprocessed: ["-E"],
};

/** Compiles with clang and wasi-libc; see `compileC`. */
export function compileWasi(request: CompileOptions): string {
  const { files, output, options, product, guest = guestFolder() } = request;
  const isProgram = product === "program";
  const named = output ?? (isProgram ? OUTPUT : undefined);
  const out = named === undefined ? [] : ["-o", named];
  const libraries = isProgram ? librariesOf(guest) : [];
  const made = [...PRODUCTS[product], ...out, ...files.map(asFile), ...libraries];
  try {
    return runCompiler(CLANG, ["--target=wasm32-wasi", ...headersOf(), ...options, ...made]);
  } catch (error) {
    if (existsSync(WASI_LIBRARIES)) throw error;
    throw new ZvmError("ZVM_COMPILE", MISSING_LIBRARY, { cause: error });
  }
}

/** clang would also look into the folder of the host, whose headers are for another system. */
function headersOf(): string[] {
  if (!existsSync(HEADERS)) return [];
  const ofClang = join(runCompiler(CLANG, ["-print-resource-dir"]).trim(), "include");
  return ["-nostdinc", "-isystem", ofClang, "-isystem", HEADERS];
}

/** @param guest where our own C is */
function librariesOf(guest: string): string[] {
  const hasDoubles = existsSync(join(WASI_LIBRARIES, `lib${LONG_DOUBLES}.a`));
  const guard = join(guest, "wasi", "stack-guard.c");
  return [guard, ...(hasDoubles ? [`-l${LONG_DOUBLES}`] : [])];
}
