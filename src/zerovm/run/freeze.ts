import { closeSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { judgeValue, printable, ZvmError } from "../../base/index.ts";
import type { FrozenGuest } from "../cell/index.ts";
import { sha256Of } from "../program/index.ts";
import type { Report } from "../report/index.ts";
import { reasonOf, scratchFile } from "../session/index.ts";
import { borrowStreams } from "./borrow-streams.ts";
import { buildPlan } from "./build-plan.ts";
import { notFrozen, planFor } from "./freezing-plan.ts";
import { judgeGrants } from "./judge-grants.ts";
import { FREEZE_OPTIONS } from "./option-forms.ts";
import type { FreezeOptions } from "./options.ts";
import { resolveProgram } from "./resolve-program.ts";
import { type RunResult, runPlan } from "./run.ts";

/** A session that froze its guest, or did not come to that. */
export interface FreezeResult extends RunResult {
  /** Absent where it did not come to the end of that: the report says why. */
  readonly image?: { readonly path: string; readonly sizeBytes: number; readonly sha256: string };
}

/**
 * Runs the initialiser of a program in a cell, or a Native Client program to its freezing point,
 * and writes down what came of it, as a program that begins there. Equal inputs give equal bytes.
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
  const planned = planFor(resolved.path, options);
  const plan = buildPlan(options, resolved);
  judgeGrants(plan.grants, plan.manifest.program);
  const probe = scratchFile(planned.probe);
  const memory = scratchFile(new Uint8Array(0));
  const borrowed = borrowStreams(options);
  let guest: FrozenGuest | undefined;
  let heapEnd = 0;
  try {
    const manifest = { ...plan.manifest, program: `/proc/self/fd/${probe}` };
    const result = await runPlan({ ...plan, manifest }, borrowed.options, {
      fd: memory,
      ...planned.counts,
      onFrozen(taken, end) {
        guest = taken;
        heapEnd = end;
      },
    });
    if (guest === undefined) return { ...result, report: named(result.report, options.program) };
    const problems = guest.problems.map(printable);
    if (problems.length > 0) throw notFrozen(options.program, problems);
    const memoryBytes = plan.manifest.memory.sizeBytes;
    const image = planned.image({ guest, fd: memory, memoryBytes, heapEnd });
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
  return { path, sizeBytes: image.length, sha256: sha256Of(image) };
}
