import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { printable, ZvmError } from "../../base/index.ts";
import { reasonOf } from "../run/index.ts";
import type { CompileOptions } from "./compile-options.ts";
import { asFile } from "./judge-files.ts";
import { bareLibrary, hostedLibrary } from "./nexe-library.ts";
import { GCC, runCompiler } from "./run-compiler.ts";

/** What a program is called where nobody says it. */
const OUTPUT = "a.nexe";
/** An object is the assembly text of gcc behind this line. */
const OBJECT_MARK = "# An object of zerovm cc, version 1\n";

/** The assembly of gcc, file by file; the rest is our own. See `compileC`. */
export async function compileNexe(request: CompileOptions): Promise<string> {
  const { files, output, isBare, product, onMake, guest } = request;
  const library = isBare ? await bareLibrary(guest) : await hostedLibrary(onMake, guest);
  const options = [...request.options, ...library.options];
  if (product === "preprocessed") return preprocessed(files, options, output);
  const program = files.map((name) => ({ name, text: assemblyOf(name, options) }));
  if (product === "program") {
    const tools = await import("../../nacl/toolchain/index.ts");
    try {
      put(output ?? OUTPUT, tools.buildNexe({ program, library: library.units }));
    } catch (error) {
      if (!(error instanceof tools.NotBuilt)) throw error;
      throw new ZvmError("ZVM_COMPILE", `No nexe can be made: ${error.message}`, { cause: error });
    }
    return "";
  }
  const [ending, mark] = product === "object" ? [".o", OBJECT_MARK] : [".s", ""];
  for (const { name, text } of program) put(output ?? productName(name, ending), mark + text);
  return "";
}

function preprocessed(
  files: readonly string[],
  options: readonly string[],
  output: string | undefined,
): string {
  const asked = options.filter((option) => option !== "-S");
  const texts = files.map((name) => runCompiler(GCC, [...asked, "-E", asFile(name)]));
  if (output === undefined) return texts.join("");
  put(output, texts.join(""));
  return "";
}

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
function productName(source: string, ending: string): string {
  return `${basename(source).replace(/\.[^.]*$/, "")}${ending}`;
}

function read(name: string): string {
  try {
    return readFileSync(name, "utf8");
  } catch (cause) {
    const message = `Cannot read ${printable(name)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}

function put(output: string, contents: Uint8Array | string): void {
  try {
    writeFileSync(output, contents, "utf8");
  } catch (cause) {
    const message = `Cannot write ${printable(output)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
}
