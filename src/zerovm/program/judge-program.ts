import { type ByteSource, memorySource, ZvmError } from "../../base/index.ts";
import {
  type LimitsShape,
  MEMORY_PAGES_MAX,
  type ModuleShape,
  RECOGNISE_BYTES,
  type Recognition,
  readModuleFrom,
  recognise,
} from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import { type HostOffer, judgeImports } from "./judge-imports.ts";
import { PROGRAM_EXIT, PROGRAM_STATE, refusal } from "./program-finding.ts";
import { fileRecipe } from "./recipes.ts";

const PAGE_BYTES = 65_536;

export interface JudgeOptions extends HostOffer {
  /** For messages: the path as the user gave it. */
  readonly name: string;
  /** Limit of the linear memory in bytes; counted in whole pages of 64 KiB. */
  readonly memoryBytes: number;
  /** Limit of each table, in elements. */
  readonly tableElements: number;
}

export interface Judgement {
  readonly recognition: Recognition;
  /** Present when the file is a readable module, with or without findings. */
  readonly shape?: ModuleShape;
  /** Everything that stands against running it; empty when it may run. */
  readonly findings: readonly Finding[];
}

/** Pages of 64 KiB in a memory limit, rounded down. */
export function memoryPagesOf(memoryBytes: number): number {
  return Math.min(MEMORY_PAGES_MAX, Math.floor(memoryBytes / PAGE_BYTES));
}

/** Judges a program in memory, before anything of it runs. Never throws for what it judges. */
export function judgeProgram(bytes: Uint8Array, options: JudgeOptions): Judgement {
  return judgeSource(memorySource(bytes), options);
}

/**
 * As `judgeProgram` for a file: reads the stretches that matter and neither code nor data.
 * @throws HostIoError when the host cannot read.
 */
export function judgeSource(source: ByteSource, options: JudgeOptions): Judgement {
  const head = new Uint8Array(Math.min(RECOGNISE_BYTES, source.sizeBytes));
  const recognition = recognise(head.subarray(0, source.read(0, head)));
  const shape = readShape(source, recognition, options.name);
  if ("code" in shape) return { recognition, findings: [shape] };
  const findings = [
    ...judgeImports(shape, options),
    ...judgeExports(shape),
    ...judgeMemories(shape, options),
    ...judgeTables(shape, options.tableElements),
  ];
  return { recognition, shape, findings };
}

/** The structure of the module, or the one finding why there is none. */
function readShape(
  source: ByteSource,
  recognition: Recognition,
  name: string,
): ModuleShape | Finding {
  if (recognition.kind !== "module") {
    const unreadable = recognition.kind === "empty";
    const { expected, hint } = fileRecipe(recognition.kind, name);
    const found = refusal({
      message: `${name} is ${recognition.description}`,
      state: PROGRAM_STATE.MALFORMED,
      expected,
      hint: unreadable ? undefined : hint,
    });
    return unreadable ? { ...found, code: PROGRAM_EXIT.UNREADABLE } : found;
  }
  try {
    return readModuleFrom(source);
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const [found] = error.diagnostics;
    return refusal({
      message: `${name} is a damaged module: ${found?.message ?? error.message}`,
      state: PROGRAM_STATE.MALFORMED,
      offset: found?.offset,
      expected: found?.expected,
      hint: "Build or download the program again",
    });
  }
}

function judgeExports(shape: ModuleShape): Finding[] {
  const findings: Finding[] = [];
  const start = shape.exports.find((it) => it.name === "_start");
  if (start === undefined) findings.push(missingStart(shape));
  else if (start.type !== "->") {
    findings.push(
      refusal({
        message: `Export _start is a ${start.kind}${start.type === undefined ? "" : ` of type (${start.type})`}`,
        expected: "a function without parameters and results",
        hint: "Let the compiler's start file define _start and write `main`",
        offset: start.offset,
      }),
    );
  }
  const memory = shape.exports.find((it) => it.name === "memory");
  if (memory?.kind !== "memory") {
    findings.push(
      refusal({
        message: "The program does not export its memory",
        expected: "a memory exported as `memory`",
        hint: 'wasm-ld exports it unless told otherwise; in text form: (memory (export "memory") 1)',
        offset: memory?.offset,
      }),
    );
  }
  return findings;
}

function missingStart(shape: ModuleShape): Finding {
  const reactor = shape.exports.some((it) => it.name === "_initialize");
  const what = reactor ? "The module is a reactor, a library with _initialize" : "The module";
  return refusal({
    message: `${what}${reactor ? ", and" : ""} has no _start`,
    expected: "a command: a module that exports the function _start",
    hint: reactor
      ? "Build a command: clang without -mexec-model=reactor, Rust with a `main` and no crate-type cdylib"
      : "Link with the start file of wasi-libc (no --no-entry, no -nostartfiles); AssemblyScript: --exportStart _start",
  });
}

function judgeMemories(shape: ModuleShape, { memoryBytes, sharedMemory }: JudgeOptions): Finding[] {
  const findings: Finding[] = [];
  if (shape.memories.length > 1) {
    const message = `The program has ${shape.memories.length} memories`;
    findings.push(refusal({ message, expected: "one memory", hint: "Build without multi-memory" }));
  }
  const pagesMax = memoryPagesOf(memoryBytes);
  for (const memory of shape.memories) {
    const seen = sharedMemory === true ? { ...memory, shared: false } : memory;
    findings.push(...judgeAddressing(seen, "memory"));
    if (memory.pageSizeLog2 !== undefined) {
      const message = `The memory has pages of 2^${memory.pageSizeLog2} bytes`;
      const hint = "Build without custom page sizes";
      findings.push(refusal({ message, expected: "pages of 64 KiB", hint }));
    } else if (memory.minimum > pagesMax) findings.push(memoryTooSmall(memory, memoryBytes));
  }
  return findings;
}

function memoryTooSmall(memory: LimitsShape, memoryBytes: number): Finding {
  const neededBytes = memory.minimum * PAGE_BYTES;
  return {
    ...refusal({
      message: `The program begins with ${neededBytes} bytes of memory, and the limit is ${memoryBytes}`,
      state: PROGRAM_STATE.MEMORY,
      offset: memory.limitsStart,
      hint: `Allow at least ${neededBytes} with \`--memory\` or \`Memory\` in the manifest`,
    }),
    stage: "memory",
    code: PROGRAM_EXIT.MEMORY,
  };
}

/** What memories and tables must not be: shared between threads, or addressed by 64 bits. */
function judgeAddressing(limits: LimitsShape, what: string): Finding[] {
  const findings: Finding[] = [];
  const offset = limits.limitsStart;
  if (limits.shared) {
    const hint = "Build for wasm32-wasi without threads: no -pthread, no --shared-memory";
    const message = `The ${what} is shared between threads, and a sandbox has one thread`;
    findings.push(refusal({ message, hint, offset }));
  }
  if (limits.address64) {
    const hint = "Build for 32-bit addresses: wasm32 in place of wasm64";
    const message = `The ${what} has 64-bit addresses (memory64)`;
    findings.push(refusal({ message, hint, offset }));
  }
  return findings;
}

function judgeTables(shape: ModuleShape, tableElements: number): Finding[] {
  return shape.tables.flatMap((table) => {
    const findings = judgeAddressing(table, "table");
    if (table.minimum <= tableElements) return findings;
    const message = `A table begins with ${table.minimum} elements, and the limit is ${tableElements}`;
    const hint = `Allow more with \`--limit table=${table.minimum}\``;
    return [...findings, refusal({ message, hint, offset: table.limitsStart })];
  });
}
