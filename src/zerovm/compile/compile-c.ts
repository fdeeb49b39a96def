import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "../run/index.ts";
import { bareLibrary, hostedLibrary } from "./nexe-library.ts";
import { CLANG, GCC, runCompiler } from "./run-compiler.ts";

/** What a program is made for: Native Client, or WebAssembly with its system interface. */
export type CompileTarget = "nexe" | "wasi";

export interface CompileOptions {
  /** C files and objects, in their order; for a nexe also assembly as gcc writes it, in `.s`. */
  readonly files: readonly string[];
  /** The program; of an object its file, which has the name of its source where this is absent. */
  readonly output?: string;
  readonly target: CompileTarget;
  /** Whether each file becomes an object, a file of its own, and no program is made. */
  readonly isObject?: boolean;
  /** Further options for the compiler, as `-O2`. */
  readonly options: readonly string[];
  /** Without a C library; a module always has one. */
  readonly isBare: boolean;
  /** Told before the C library of nexe programs is made, which is done once. */
  readonly onMake: (message: string) => void;
}

/** What a program is called where nobody says it. */
const OUTPUT = { nexe: "a.nexe", wasi: "a.wasm" };

const WASI_LIBRARIES = "/usr/lib/wasm32-wasi";
/** Without it `printf` ends the program where it is given a long double. */
const LONG_DOUBLES = "c-printscan-long-double";

/**
 * Compiles C files to a program file, or to objects.
 * @throws ZvmError `ZVM_COMPILE` where a compiler is missing or makes no program, `ZVM_FILE` where
 *   a file cannot be written
 */
export async function compileC(request: CompileOptions): Promise<void> {
  if (request.target === "wasi") compileWasi(request);
  else await compileNexe(request);
}

function compileWasi({ files, output, options, isObject }: CompileOptions): void {
  const made = isObject === true ? ["-c"] : [];
  const named = output ?? (isObject === true ? undefined : OUTPUT.wasi);
  const out = named === undefined ? [] : ["-o", named];
  const hasLibrary = existsSync(join(WASI_LIBRARIES, `lib${LONG_DOUBLES}.a`));
  const libraries = hasLibrary && isObject !== true ? [`-l${LONG_DOUBLES}`] : [];
  const inputs = [...files.map(asFile), ...libraries];
  try {
    runCompiler(CLANG, ["--target=wasm32-wasi", ...options, ...made, ...out, ...inputs]);
  } catch (error) {
    if (existsSync(WASI_LIBRARIES)) throw error;
    const message = `There is no C library for WASI; on Debian: apt install ${CLANG.packages}`;
    throw new ZvmError("ZVM_COMPILE", message, { cause: error });
  }
}

/** The assembly of gcc, file by file; the rest is our own. */
async function compileNexe(request: CompileOptions): Promise<void> {
  const { files, output, options, isBare, isObject, onMake } = request;
  const tools = await import("../../nacl/toolchain/index.ts");
  const library = isBare ? await bareLibrary() : await hostedLibrary(onMake);
  const program = files.map((name) => {
    return { name, text: assemblyOf(name, [...options, ...library.options]) };
  });
  if (isObject === true) {
    for (const { name, text } of program) put(output ?? objectName(name), `${OBJECT_MARK}${text}`);
    return;
  }
  try {
    put(output ?? OUTPUT.nexe, tools.buildNexe({ program, library: library.units }));
  } catch (error) {
    if (!(error instanceof tools.NotBuilt)) throw error;
    throw new ZvmError("ZVM_COMPILE", `No nexe can be made: ${error.message}`, { cause: error });
  }
}

/** An object is the assembly text of gcc behind this line. */
const OBJECT_MARK = "# An object of zerovm cc, version 1\n";

/** The assembly text of a file of C; that of an object, or of such text itself, is read. */
function assemblyOf(name: string, options: readonly string[]): string {
  if (name.endsWith(".s")) return read(name);
  if (!name.endsWith(".o")) return runCompiler(GCC, [...options, "-o", "-", asFile(name)]);
  const text = read(name);
  if (text.startsWith(OBJECT_MARK)) return text.slice(OBJECT_MARK.length);
  const message = `${printable(name)} is no object of zerovm cc: make it with 'zerovm cc -c'`;
  throw new ZvmError("ZVM_COMPILE", message);
}

/** As compilers name it: in the current folder, with another ending. */
function objectName(source: string): string {
  return `${basename(source).replace(/\.[^.]*$/, "")}.o`;
}

function read(name: string): string {
  try {
    return readFileSync(name, "utf8");
  } catch (cause) {
    const message = `Cannot read ${printable(name)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

/** A name that begins with a dash would be an option. */
function asFile(name: string): string {
  return name.startsWith("-") ? `./${name}` : name;
}

function put(output: string, contents: Uint8Array | string): void {
  try {
    writeFileSync(output, contents, "utf8");
  } catch (cause) {
    const message = `Cannot write ${printable(output)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
