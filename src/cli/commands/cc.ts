import { ZvmError } from "../../base/index.ts";
import { compileC } from "../../zerovm/index.ts";
import { type Command, print } from "../command.ts";
import {
  COMPILER_OPTIONS,
  compilerArguments,
  productOf,
  refuseWords,
  targetOf,
} from "../compiler-options.ts";
import type { ParsedOptions } from "../options.ts";

/** `zerovm cc`: C compiled to a program of the sandbox. */
export const CC: Command = {
  name: "cc",
  usage: ["[-c|-S|-E] [-O LEVEL] [-o FILE] [--target nexe|wasi] [--bare] FILE.c|FILE.o…"],
  description:
    "Compiles C to a program: a nexe with the system's gcc and newlib, or a module with its clang\n" +
    "and wasi-libc. The same C does the same in both. Objects of -c are given as files are.",
  options: COMPILER_OPTIONS,
  examples: [
    { line: "zerovm cc -O2 -o hello.nexe hello.c", does: "compile a program, to run it then" },
    { line: "zerovm cc --target wasi -o hello.wasm hello.c", does: "the same as a module" },
  ],
  notes:
    "Exit status: 0 made, 125 not. Needs gcc and newlib-source, or clang, lld, wasi-libc and\n" +
    "libclang-rt-dev-wasm32, as Debian calls them. The C library of nexe programs is made of\n" +
    "newlib-source by the first program that needs it, and kept.",
  takesAll: (argv) => {
    refuseWords(argv);
    return undefined;
  },
  run: async (parsed) => await compile(parsed),
};

async function compile(parsed: ParsedOptions): Promise<number> {
  if (parsed.operands.length === 0) throw new ZvmError("ZVM_USAGE", "zerovm cc: name a FILE.c");
  const target = targetOf(parsed);
  const product = productOf(parsed);
  const output = parsed.last("output");
  const isBare = parsed.has("bare");
  if (isBare && target === "wasi") {
    const message = "zerovm cc: --bare is for a nexe; a module of --target wasi has a C library";
    throw new ZvmError("ZVM_USAGE", message);
  }
  if (product !== "program" && output !== undefined && parsed.operands.length > 1) {
    throw new ZvmError("ZVM_USAGE", "zerovm cc: -o with -c, -S or -E takes one FILE");
  }
  const text = await compileC({
    files: parsed.operands,
    ...(output !== undefined && { output }),
    product,
    target,
    isBare,
    onMake: (message) => console.error(`zerovm: ${message}`),
    options: compilerArguments(parsed, target),
  });
  if (text !== "") print(text);
  return 0;
}
