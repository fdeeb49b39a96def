import { closeSync, constants, fstatSync, openSync, type Stats, statSync } from "node:fs";
import { getSystemErrorMap } from "node:util";
import {
  type ErrorCode,
  formatDiagnostic,
  HostIoError,
  withHintsOnce,
  ZvmError,
} from "../../base/index.ts";
import type { NexePolicy } from "../../nacl/elf/index.ts";
import { isNexeImage } from "../../nacl/frozen/index.ts";
import type { FrozenHead } from "../../wasm/freeze/index.ts";
import { MODULE_BYTES_MAX, type ModuleShape, readModule } from "../../wasm/index.ts";
import type { Finding } from "../manifest/index.ts";
import { type FileState, fileState, sameState } from "./content-hash.ts";
import { fileSource } from "./file-source.ts";
import { frozenOf, judgeFrozen, openNexeImage } from "./frozen-program.ts";
import type { HostOffer } from "./judge-imports.ts";
import { judgeSource } from "./judge-program.ts";
import { NEXE_VERSION, type NexeRules } from "./kept-nexe.ts";
import { type NexeMeans, type NexeProgram, openNexe, prepareNexe } from "./open-nexe.ts";
import { PROGRAM_EXIT, PROGRAM_STATE, refusal } from "./program-finding.ts";

/** Without the means for a Native Client program such a program is refused. */
export interface LoadOptions extends HostOffer, NexeMeans {
  /** Limit of the linear memory in bytes. */
  readonly memoryBytes: number;
  /** Limit of each table, in elements. */
  readonly tableElements: number;
  /** Whose rules a Native Client program is judged by; `zerovm` unless given. */
  readonly policy?: NexePolicy;
  /** Whether each store of a Native Client program is checked; not unless given. */
  readonly strictMemory?: boolean;
}

/** A judged program, ready to be handed to a cell. Frozen. */
export interface Program {
  readonly path: string;
  /** Open for reading, owned by whoever has the program: `closeProgram`. */
  readonly fd: number;
  readonly sizeBytes: number;
  readonly shape: ModuleShape;
  /** What it was translated from, if it is a Native Client program; `shape` is the module's. */
  readonly nexe?: NexeProgram;
  /** Where it goes on from, if it was frozen. */
  readonly frozen?: FrozenHead;
  /** The file as it was judged; another state is another program. */
  readonly state: FileState;
}

export type ProgramVerdict =
  | { readonly kind: "accepted"; readonly program: Program }
  | {
      readonly kind: "refused";
      readonly code: ErrorCode;
      /** At least one; with the exit codes and states of the original. */
      readonly findings: readonly Finding[];
    };

/**
 * Opens and judges a program. All that can be wrong with it is in the verdict; nothing is thrown
 * for the user's mistakes. Of a large module only the structure is read, in about a millisecond,
 * which is less than looking up a remembered verdict would take to pay.
 */
export function examineProgram(path: string, options: LoadOptions): ProgramVerdict {
  let fd: number | undefined;
  try {
    const opened = openProgram(path);
    if (typeof opened !== "number") return opened;
    fd = opened;
    const verdict = judgeOpen(path, fd, options);
    if (verdict.kind === "accepted") fd = undefined;
    return verdict;
  } catch (error) {
    if (!(error instanceof HostIoError)) throw error;
    return unreadable("ZVM_FILE", error.message);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** As `examineProgram`, with what it takes for Native Client programs where this is one. */
export async function examineAny(path: string, options: LoadOptions): Promise<ProgramVerdict> {
  return examineProgram(path, { ...options, ...(await prepareNexe(path, rulesOf(options))) });
}

/**
 * As `examineProgram`, for who cannot go on without the program.
 * @throws ZvmError `ZVM_PROGRAM_NOT_FOUND`, `ZVM_PROGRAM_REFUSED` or `ZVM_FILE`, with the findings
 *   as its diagnostics.
 */
export function loadProgram(path: string, options: LoadOptions): Program {
  const verdict = examineProgram(path, options);
  if (verdict.kind === "accepted") return verdict.program;
  const lines = withHintsOnce(verdict.findings).map((found) => formatDiagnostic(path, found));
  const message = `Cannot run ${path}:\n${lines.join("\n")}`;
  throw new ZvmError(verdict.code, message, { diagnostics: verdict.findings });
}

export function closeProgram(program: Program): void {
  closeSync(program.fd);
}

/**
 * Reads the program behind a descriptor in whole.
 * @throws ZvmError when the file is no longer the one that was judged.
 */
export function readProgram(
  program: Pick<Program, "path" | "fd" | "state" | "frozen" | "nexe">,
): Uint8Array {
  const { nexe, state, fd, path } = program;
  const bytes = nexe === undefined ? readWhole(fd, Number(state.sizeBytes), path) : nexe.module;
  if (bytes === undefined || !sameState(state, fileState(fd))) throw wasChanged(path);
  judgeFrozen(bytes, path, program.frozen);
  return bytes;
}

/** All of a file; undefined where it is shorter by now. */
function readWhole(fd: number, sizeBytes: number, path: string): Uint8Array | undefined {
  const bytes = new Uint8Array(sizeBytes);
  return fileSource(fd, sizeBytes, path).read(0, bytes) === sizeBytes ? bytes : undefined;
}

function wasChanged(path: string): ZvmError {
  const message = `${path} was changed after it was checked`;
  return new ZvmError("ZVM_PROGRAM_REFUSED", message, {
    diagnostics: [{ severity: "error", message, hint: "Run it again" }],
  });
}

/** The descriptor of a regular file; anything else is a refusal. */
function openProgram(path: string): number | ProgramVerdict {
  try {
    const refused = judgeFile(path, statSync(path));
    if (refused !== undefined) return refused;
    // Without blocking: between the two calls a pipe may have taken the file's place.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return cannotOpen(path, error);
  }
}

/** Whether it is a file that may hold a program at all. */
function judgeFile(path: string, stats: Stats): ProgramVerdict | undefined {
  if (stats.isDirectory()) return unreadable("ZVM_PROGRAM_NOT_FOUND", `${path} is a directory`);
  if (!stats.isFile()) {
    return unreadable("ZVM_PROGRAM_REFUSED", `${path} is a device or pipe and has no size`);
  }
  if (stats.size > MODULE_BYTES_MAX) {
    const message = `${path} has ${stats.size} bytes, and a program has at most ${MODULE_BYTES_MAX}`;
    return unreadable("ZVM_PROGRAM_REFUSED", message);
  }
  return undefined;
}

function judgeOpen(path: string, fd: number, options: LoadOptions): ProgramVerdict {
  const stats = fstatSync(fd);
  const refused = judgeFile(path, stats);
  if (refused !== undefined) return refused;
  const state = fileState(fd);
  const { nexeTools, keptNexe } = options;
  if (nexeTools !== undefined || keptNexe !== undefined) return judgeNexe(path, fd, state, options);
  const { shape, findings } = judgeSource(fileSource(fd, stats.size, path), {
    ...options,
    name: path,
  });
  if (shape === undefined || findings.length > 0) {
    return { kind: "refused", code: "ZVM_PROGRAM_REFUSED", findings };
  }
  const frozen = frozenOf(fd, stats.size, path, shape);
  if (typeof frozen === "string") return unreadable("ZVM_PROGRAM_REFUSED", frozen);
  const program = Object.freeze({
    path,
    fd,
    sizeBytes: stats.size,
    shape,
    ...(frozen !== undefined && { frozen }),
    state,
  });
  return { kind: "accepted", program };
}

function judgeNexe(
  path: string,
  fd: number,
  state: FileState,
  options: LoadOptions,
): ProgramVerdict {
  const rules = rulesOf(options);
  const bytes = readWhole(fd, Number(state.sizeBytes), path);
  if (bytes === undefined || !sameState(state, fileState(fd))) throw wasChanged(path);
  const image = isNexeImage(bytes) ? openNexeImage(bytes, path, rules.policy) : undefined;
  if (typeof image === "string") return unreadable("ZVM_PROGRAM_REFUSED", image);
  const opened = openNexe(options, { fd, path, bytes: image?.program ?? bytes }, rules);
  if (opened === undefined) throw wasChanged(path);
  if (opened.kind === "refused") {
    return { kind: "refused", code: "ZVM_PROGRAM_REFUSED", findings: opened.findings };
  }
  const { nexe, module } = opened;
  const program = Object.freeze({
    path,
    fd,
    sizeBytes: bytes.length,
    shape: readModule(module),
    nexe: Object.freeze({
      ...rules,
      ...{ nexe, module, version: NEXE_VERSION },
      ...(image !== undefined && { image }),
    }),
    state,
  });
  return { kind: "accepted", program };
}

function rulesOf({ policy = "zerovm", strictMemory = false }: LoadOptions): NexeRules {
  return { policy, strictMemory };
}

function unreadable(code: ErrorCode, message: string): ProgramVerdict {
  const found = refusal({ message, state: PROGRAM_STATE.MALFORMED });
  return { kind: "refused", code, findings: [{ ...found, code: PROGRAM_EXIT.UNREADABLE }] };
}

/** The original calls every failure to open "no such file" in its code and names the reason. */
function cannotOpen(path: string, error: unknown): ProgramVerdict {
  const { code = "EIO", errno } = error as { readonly code?: string; readonly errno?: number };
  const reason = getSystemErrorMap().get(errno ?? 0)?.[1] ?? code;
  const missing = code === "ENOENT" || code === "ENOTDIR";
  const message = missing ? `There is no program ${path}` : `Cannot open ${path}: ${reason}`;
  const hint = missing ? "Name a file, or a runtime of `zerovm runtime ls`" : undefined;
  const found = refusal({ message, state: `Cannot open '${path}'. ${capital(reason)}`, hint });
  return {
    kind: "refused",
    code: missing ? "ZVM_PROGRAM_NOT_FOUND" : "ZVM_FILE",
    findings: [{ ...found, stage: "program", code: PROGRAM_EXIT.MISSING }],
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
