import { printable, ZvmError } from "../../base/index.ts";
import { compileC } from "../../zerovm/index.ts";
import type { Command } from "../command.ts";
import type { ParsedOptions } from "../options.ts";

const TARGETS = ["nexe", "wasi"] as const;
/** Libraries that every program has; build lines name them all the same. */
const LIBRARIES = ["m", "c"];

/** `zerovm cc`: C compiled to a program of the sandbox. */
export const CC: Command = {
  name: "cc",
  usage: ["[-c] [-O LEVEL] [-o FILE] [--target nexe|wasi] [--bare] FILE.c|FILE.o…"],
  description:
    "Compiles C to a program: a nexe with the system's gcc and newlib, or a module with its clang\n" +
    "and wasi-libc. The same C does the same in both. Objects of -c are given as files are.",
  options: [
    { name: "optimise", short: "O", value: "LEVEL", help: "0, 1, 2, 3 or s; 2 unless given" },
    { name: "output", short: "o", value: "FILE", isPath: true, help: "Else a.nexe or a.wasm" },
    { name: "compile", short: "c", help: "Make an object FILE.o of each file, and no program" },
    {
      name: "target",
      value: "nexe|wasi",
      choices: TARGETS,
      help: "What is made, a nexe unless given",
    },
    { name: "bare", help: "A nexe without a C library: <zvm_nexe.h> has the calls of the trap" },
    { name: "std", short: "s", value: "STANDARD", help: "As the compiler's -std=STANDARD" },
    { name: "debug", short: "g", help: "Debug information of a module; a nexe has none" },
    { name: "define", short: "D", value: "NAME[=VALUE]", repeat: true, help: "Define a macro" },
    { name: "include", short: "I", value: "FOLDER", repeat: true, help: "Look here for headers" },
    { name: "library", short: "l", value: "m|c", repeat: true, help: "Linked anyway; no others" },
    { name: "machine", short: "m", value: "NAME", repeat: true, help: "As the compiler's -mNAME" },
    { name: "warn", short: "W", value: "NAME", repeat: true, help: "As the compiler's -WNAME" },
  ],
  examples: [
    { line: "zerovm cc -O2 -o hello.nexe hello.c", does: "compile a program, to run it then" },
    { line: "zerovm cc --target wasi -o hello.wasm hello.c", does: "the same as a module" },
  ],
  notes:
    "Exit status: 0 made, 125 not. Needs gcc and newlib-source, or clang, lld, wasi-libc and\n" +
    "libclang-rt-dev-wasm32, as Debian calls them. The C library of nexe programs is made of\n" +
    "newlib-source by the first program that needs it, and kept.",
  run: async (parsed) => await compile(parsed),
};

async function compile(parsed: ParsedOptions): Promise<number> {
  if (parsed.operands.length === 0) throw new ZvmError("ZVM_USAGE", "zerovm cc: name a FILE.c");
  const unknown = parsed.all("library").find((name) => !LIBRARIES.includes(name));
  if (unknown !== undefined) {
    const message = `zerovm cc: there is no library ${printable(unknown)}: name its sources`;
    throw new ZvmError("ZVM_USAGE", message);
  }
  const target = TARGETS.find((candidate) => candidate === parsed.last("target")) ?? "nexe";
  const output = parsed.last("output");
  const isObject = parsed.has("compile");
  if (isObject && output !== undefined && parsed.operands.length > 1) {
    throw new ZvmError("ZVM_USAGE", "zerovm cc: -o with -c takes one FILE");
  }
  await compileC({
    files: parsed.operands,
    ...(output !== undefined && { output }),
    isObject,
    target,
    isBare: parsed.has("bare"),
    onMake: (message) => console.error(`zerovm: ${message}`),
    options: [
      `-O${parsed.last("optimise") ?? "2"}`,
      ...standardOf(parsed),
      // The sections of it have no place in a nexe.
      ...(parsed.has("debug") && target === "wasi" ? ["-g"] : []),
      ...parsed.all("define").map((macro) => `-D${macro}`),
      ...parsed.all("include").map((folder) => `-I${folder}`),
      ...parsed.all("machine").map((name) => `-m${name}`),
      ...parsed.all("warn").map((name) => `-W${name}`),
    ],
  });
  return 0;
}

/** `-std=c99` is read as a short option with the value `td=c99`, `--std=c99` as it is meant. */
function standardOf(parsed: ParsedOptions): string[] {
  const value = parsed.last("std");
  return value === undefined ? [] : [`-std=${value.replace(/^td=/, "")}`];
}
