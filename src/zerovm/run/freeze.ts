import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { judgeValue, printable, ZvmError } from "../../base/index.ts";
import { type Freezing, frozenModule, planFreezing } from "../../wasm/freeze/index.ts";
import { MODULE_BYTES_MAX, RECOGNISE_BYTES, recognise } from "../../wasm/index.ts";
import type { FrozenGuest } from "../cell/index.ts";
import type { Report } from "../report/index.ts";
import { reasonOf, scratchFile } from "../session/index.ts";
import { borrowStreams } from "./borrow-streams.ts";
import { buildPlan } from "./build-plan.ts";
import { judgeGrants } from "./judge-grants.ts";
import { FREEZE_OPTIONS } from "./option-forms.ts";
import type { FreezeOptions } from "./options.ts";
import { resolveProgram } from "./resolve-program.ts";
import { type RunResult, runPlan } from "./run.ts";

/** A session that froze its guest, or did not come to that. */
export interface FreezeResult extends RunResult {
  /** Absent where the initialiser did not come to its end: the report says why. */
  readonly image?: { readonly path: string; readonly sizeBytes: number; readonly sha256: string };
}

/** Memory is read in whole, and a module cannot hold more. */
const MEMORY_BYTES_MAX = 2 ** 30;

/**
 * Runs the initialiser of a program in a cell and writes down what it made of memory and globals,
 * as a program that begins there. Equal inputs give equal bytes.
 * @throws ZvmError ZVM_FREEZE for a state that no image can hold; ZVM_PROGRAM_REFUSED for a module
 *   that cannot be frozen; and as `run`
 */
export async function freeze(options: FreezeOptions): Promise<FreezeResult> {
  judgeValue("freeze", options, FREEZE_OPTIONS);
  if (options.isolation === "none") {
    throw new ZvmError("ZVM_USAGE", "A program is frozen in a cell: not with --isolation none");
  }
  const { signal } = options;
  const runtimes = signal === undefined ? options.runtimes : { signal, ...options.runtimes };
  const resolved = await resolveProgram(options.program, runtimes);
  const freezing = planned(resolved.path, options.initialiser);
  const plan = buildPlan(options, resolved);
  judgeGrants(plan.grants, plan.manifest.program);
  const probe = scratchFile(freezing.probe);
  const memory = scratchFile(new Uint8Array(0));
  const borrowed = borrowStreams(options);
  let guest: FrozenGuest | undefined;
  try {
    const manifest = { ...plan.manifest, program: `/proc/self/fd/${probe}` };
    const result = await runPlan({ ...plan, manifest }, borrowed.options, {
      fd: memory,
      values: freezing.valueCount,
      tables: freezing.tableCount,
      onFrozen(taken) {
        guest = taken;
      },
    });
    if (guest === undefined) return { ...result, report: named(result.report, options.program) };
    const image = imageOf(freezing, guest, memory, options.program);
    return { ...result, image: written(image, options.output) };
  } finally {
    closeSync(probe);
    closeSync(memory);
    await borrowed.giveBack();
  }
}

/** The module was run under another name. */
function named(report: Report, program: string): Report {
  const { outcome } = report;
  if (outcome.kind !== "refused") return report;
  const findings = outcome.findings.map((found) => ({
    ...found,
    message: found.message.replace(/\/proc\/self\/fd\/\d+/g, program),
  }));
  return { ...report, outcome: { ...outcome, findings } };
}

function planned(path: string, initialiser: string | undefined): Freezing {
  const source = readSource(path);
  if (recognise(source.subarray(0, RECOGNISE_BYTES)).kind === "elf") {
    const message = `${printable(path)} cannot be frozen: it is machine code and no module`;
    throw new ZvmError("ZVM_FREEZE", message);
  }
  try {
    return planFreezing(source, initialiser);
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const [found] = error.diagnostics;
    const message = `${printable(path)} cannot be frozen: ${found?.message ?? error.message}`;
    const hint = found?.expected === undefined ? {} : { hint: `Expected: ${found.expected}` };
    throw new ZvmError("ZVM_FREEZE", message, {
      diagnostics: [{ severity: "error", message, ...hint }],
    });
  }
}

function readSource(path: string): Uint8Array {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    const message = `Cannot open ${printable(path)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_PROGRAM_NOT_FOUND", message, { cause });
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MODULE_BYTES_MAX) {
      const most = `a file of at most ${MODULE_BYTES_MAX} bytes`;
      throw new ZvmError("ZVM_FREEZE", `${printable(path)} is not ${most}`);
    }
    return new Uint8Array(readFileSync(fd));
  } finally {
    closeSync(fd);
  }
}

function imageOf(
  freezing: Freezing,
  guest: FrozenGuest,
  memoryFd: number,
  program: string,
): Uint8Array {
  const problems = guest.problems.map(printable);
  if (problems.length > 0) throw notFrozen(program, problems);
  const { createHash } = process.getBuiltinModule("node:crypto");
  const sha256 = (...pieces: readonly Uint8Array[]): string => {
    const hash = createHash("sha256");
    for (const piece of pieces) hash.update(piece);
    return hash.digest("hex");
  };
  const { clockNs, entropyBytes, values } = guest;
  const shown = { memory: readMemory(memoryFd, program), values, state: { clockNs, entropyBytes } };
  try {
    return frozenModule(freezing, shown, sha256);
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    throw notFrozen(program, [error.diagnostics[0]?.message ?? error.message]);
  }
}

function notFrozen(program: string, problems: readonly string[]): ZvmError {
  const message = `${printable(program)} cannot be frozen: ${problems.join("; ")}`;
  const diagnostics = problems.map((problem) => {
    return { severity: "error", message: problem } as const;
  });
  return new ZvmError("ZVM_FREEZE", message, { diagnostics });
}

/** The cell wrote it, and is not believed: memory comes in whole pages, and not too many. */
function readMemory(fd: number, program: string): Uint8Array {
  const { size } = fstatSync(fd);
  if (size > MEMORY_BYTES_MAX || size % PAGE_BYTES !== 0) {
    const most = `an image holds ${MEMORY_BYTES_MAX} bytes at most, in whole pages`;
    throw notFrozen(program, [`Its memory has ${size} bytes, and ${most}`]);
  }
  const memory = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const got = readSync(fd, memory, done, Math.min(size - done, PIECE_BYTES), done);
    if (got === 0) break;
    done += got;
  }
  return memory;
}

const PAGE_BYTES = 65_536;
const PIECE_BYTES = 2 ** 26;

/** Written beside and renamed: whoever looks sees a whole image or none. */
function written(image: Uint8Array, output: string): NonNullable<FreezeResult["image"]> {
  const path = resolve(output);
  const draft = join(dirname(path), `.${basename(path)}.${process.pid}`);
  try {
    writeFileSync(draft, image, { flag: "wx" });
    renameSync(draft, path);
  } catch (cause) {
    rmSync(draft, { force: true });
    const message = `Cannot write ${printable(output)}: ${reasonOf(cause)}`;
    throw new ZvmError("ZVM_FILE", message, { cause });
  }
  const { createHash } = process.getBuiltinModule("node:crypto");
  const sha256 = createHash("sha256").update(image).digest("hex");
  return { path, sizeBytes: image.length, sha256 };
}
