import { printable, ZvmError } from "../base/index.ts";
import type { CompileProduct, CompileTarget } from "../zerovm/index.ts";
import type { OptionSpec, ParsedOptions } from "./options.ts";

const COMPILE_TARGETS = ["nexe", "wasi"] as const;
const LEVELS = ["0", "1", "2", "3", "s", "g"] as const;
/** Libraries that every program has; build lines name them all the same. */
const LIBRARIES = ["m", "c"];

/** The options of `zerovm cc`: its own, and those of compilers that make sense for a sandbox. */
export const COMPILER_OPTIONS: readonly OptionSpec[] = [
  {
    name: "optimise",
    short: "O",
    value: "LEVEL",
    choices: LEVELS,
    lastHolds: true,
    help: "0, 1, 2, 3, s or g; 2 unless given",
  },
  { name: "output", short: "o", value: "FILE", isPath: true, help: "Else a.nexe or a.wasm" },
  { name: "compile", short: "c", help: "Make an object FILE.o of each file, and no program" },
  { name: "assembly", short: "S", help: "Make assembly FILE.s of each file, and no program" },
  { name: "preprocess", short: "E", help: "Print each file as its preprocessor leaves it" },
  {
    name: "target",
    value: "nexe|wasi",
    choices: COMPILE_TARGETS,
    help: "What is made, a nexe unless given",
  },
  { name: "bare", help: "A nexe without a C library: <zvm_nexe.h> has the calls of the trap" },
  {
    name: "std",
    value: "STANDARD",
    hasOneDash: true,
    lastHolds: true,
    help: "The standard of the language, as -std=c99",
  },
  {
    name: "debug",
    short: "g",
    value: "LEVEL",
    optionalValue: true,
    lastHolds: true,
    help: "Debug information of a module; a nexe has none",
  },
  { name: "define", short: "D", value: "NAME[=VALUE]", repeat: true, help: "Define a macro" },
  { name: "undefine", short: "U", value: "NAME", repeat: true, help: "Do not define a macro" },
  { name: "headers", short: "I", value: "FOLDER", repeat: true, help: "Look here for headers" },
  {
    name: "isystem",
    value: "FOLDER",
    hasOneDash: true,
    repeat: true,
    help: "Look here for headers, without warnings",
  },
  {
    name: "include",
    value: "FILE",
    hasOneDash: true,
    repeat: true,
    isPath: true,
    help: "A header before each file",
  },
  { name: "library", short: "l", value: "NAME", repeat: true, help: "m and c are there anyway" },
  { name: "libraries", short: "L", value: "FOLDER", repeat: true, help: "Where libraries are" },
  { name: "machine", short: "m", value: "NAME", repeat: true, help: "As the compiler's -mNAME" },
  { name: "feature", short: "f", value: "NAME", repeat: true, help: "As the compiler's -fNAME" },
  { name: "warn", short: "W", value: "NAME", repeat: true, help: "As the compiler's -WNAME" },
  { name: "no-warnings", short: "w", lastHolds: true, help: "No warnings" },
  { name: "pedantic", hasOneDash: true, lastHolds: true, help: "Warn of what is not in C" },
  { name: "static", hasOneDash: true, lastHolds: true, help: "Nothing: every program is" },
];

/** Words that other compilers take, and why this one does not. */
const REFUSED_WORDS: Readonly<Record<string, string>> = {
  "-shared": "a program of the sandbox is one file: name all C files of it",
  "-rdynamic": "a program of the sandbox is one file, and nothing looks for its names",
  "-pie": "a program of the sandbox has its addresses for itself, and always the same",
  "-static-pie": "a program of the sandbox has its addresses for itself, and always the same",
  "-pthread": "a program of the sandbox has one thread",
  "-pg": "what it counts is written by a library of the host: see 'zerovm run --report'",
  "--coverage": "what it counts is written by a library of the host",
};

const NEEDS_LIBRARY = "its code calls a library of the host";
const NO_OTHER_CODE = "nothing else is loaded into the sandbox, and addresses are always the same";
const OTHER_CALLS = "functions of the C library keep other registers, or another form of data";
const ONE_BY_ONE = "each file is compiled by itself: there is no linker that compiles";
const PROTECTED = "the rules of the sandbox guard jumps and returns already";

/** The same for what `-f` turns on. */
const REFUSED_FEATURES: readonly (readonly [RegExp, string])[] = [
  [/^(?:pic|PIC|pie|PIE|plt)$/, NO_OTHER_CODE],
  [/^cf-protection(?!=none)/, PROTECTED],
  [/^stack-(?:protector|clash-protection|check)/, PROTECTED],
  [/^split-stack$/, "the stack of the sandbox has one piece: see 'zerovm run --limit'"],
  [/^(?:sanitize|profile|instrument|test-coverage|openmp|openacc|tree-parallel)/, NEEDS_LIBRARY],
  [/^(?:lto|whole-program|use-linker-plugin)/, ONE_BY_ONE],
  [/^(?:call-(?:used|saved)-|pack-struct|short-|pcc-struct|reg-struct)/, OTHER_CALLS],
  [/^common$/, "a variable is defined in one file: declare it extern in the others"],
];

/** The same for what `-m` turns on. */
const REFUSED_MACHINES: readonly (readonly [RegExp, string])[] = [
  [/^(?:32|64|x32|16)$/, "pointers of a program of the sandbox have 32 bits, of one kind"],
  [/^(?:regparm|fentry|cmodel|abi|sseregparm|ms-bitfields|long-double|red-zone)/, OTHER_CALLS],
];

/** @throws ZvmError `ZVM_USAGE` for a word that compilers take and this one does not */
export function refuseWords(argv: readonly string[]): void {
  for (const word of argv) {
    if (word === "--") return;
    const reason = Object.hasOwn(REFUSED_WORDS, word) ? REFUSED_WORDS[word] : undefined;
    if (reason !== undefined) throw refusal(word, reason);
  }
}

/** What the options ask to be made; of several the one that comes first, as compilers do it. */
export function productOf(parsed: ParsedOptions): CompileProduct {
  if (parsed.has("preprocess")) return "preprocessed";
  if (parsed.has("assembly")) return "assembly";
  return parsed.has("compile") ? "object" : "program";
}

export function targetOf(parsed: ParsedOptions): CompileTarget {
  return COMPILE_TARGETS.find((candidate) => candidate === parsed.last("target")) ?? "nexe";
}

/**
 * The options as gcc and clang take them.
 * @throws ZvmError `ZVM_USAGE` for one that code of the sandbox cannot have, with the reason
 */
export function compilerArguments(parsed: ParsedOptions, target: CompileTarget): string[] {
  if (target === "nexe") judgeForNexe(parsed);
  const debug = parsed.last("debug");
  const standard = parsed.last("std");
  return [
    `-O${parsed.last("optimise") ?? "2"}`,
    ...(standard === undefined ? [] : [`-std=${standard}`]),
    // The sections of it have no place in a nexe.
    ...(debug !== undefined && target === "wasi" ? [`-g${debug}`] : []),
    ...parsed.all("define").map((macro) => `-D${macro}`),
    ...parsed.all("undefine").map((macro) => `-U${macro}`),
    ...parsed.all("headers").map((folder) => `-I${folder}`),
    ...parsed.all("isystem").flatMap((folder) => ["-isystem", folder]),
    ...parsed.all("include").flatMap((file) => ["-include", file]),
    ...parsed.all("machine").map((name) => `-m${name}`),
    ...parsed.all("feature").map((name) => `-f${name}`),
    ...parsed.all("warn").map((name) => `-W${name}`),
    ...(parsed.has("no-warnings") ? ["-w"] : []),
    ...(parsed.has("pedantic") ? ["-pedantic"] : []),
    ...(target === "wasi" ? librariesOf(parsed) : []),
  ];
}

function librariesOf(parsed: ParsedOptions): string[] {
  return [
    ...parsed.all("libraries").map((folder) => `-L${folder}`),
    ...parsed.all("library").map((name) => `-l${name}`),
  ];
}

function judgeForNexe(parsed: ParsedOptions): void {
  judgeEach("-f", parsed.all("feature"), REFUSED_FEATURES);
  judgeEach("-m", parsed.all("machine"), REFUSED_MACHINES);
  for (const name of parsed.all("library")) {
    if (LIBRARIES.includes(name)) continue;
    const reason = "a nexe is linked with no library but its own: name the C files of it";
    throw refusal(`-l${name}`, reason);
  }
  for (const name of parsed.all("warn")) {
    const tool = /^([alp]),/.exec(name)?.[1];
    if (tool === undefined || tool === "p") continue;
    throw refusal(`-W${name}`, `a nexe is made without the ${TOOLS[tool]} of the system`);
  }
}

const TOOLS: Readonly<Record<string, string>> = { a: "assembler", l: "linker" };

function judgeEach(
  dash: string,
  names: readonly string[],
  table: readonly (readonly [RegExp, string])[],
): void {
  for (const name of names) {
    const reason = table.find(([pattern]) => pattern.test(name))?.[1];
    if (reason !== undefined) throw refusal(`${dash}${name}`, reason);
  }
}

function refusal(word: string, reason: string): ZvmError {
  return new ZvmError("ZVM_USAGE", `zerovm cc: there is no ${printable(word)} here: ${reason}`);
}
