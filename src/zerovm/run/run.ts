import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { judgeValue, ZvmError } from "../../base/index.ts";
import { freezeManifest, type Manifest } from "../manifest/index.ts";
import { cacheFolder, closeProgram, examineAny, type ProgramVerdict } from "../program/index.ts";
import { type Report, withOutcome } from "../report/index.ts";
import {
  HOST_OFFER,
  judgeRecord,
  judgeVerify,
  limitsOf,
  nexeRules,
  runSession,
  type SessionFreezing,
  type SessionRequest,
} from "../session/index.ts";
import { borrowStreams } from "./borrow-streams.ts";
import { buildPlan, type Plan } from "./build-plan.ts";
import { Folders } from "./folders.ts";
import { lookAt } from "./host-look.ts";
import { judgeGrants, type PlannedGrant } from "./judge-grants.ts";
import { exportsOf, type MountedImage, openMounts } from "./open-mounts.ts";
import { RUN_OPTIONS } from "./option-forms.ts";
import type { RunOptions } from "./options.ts";
import { resolveProgram } from "./resolve-program.ts";
import { StandardStreams } from "./standard-streams.ts";

export interface RunResult {
  readonly report: Report;
  /** What the guest wrote, where it was collected. */
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/**
 * Runs a program with just what the options grant, in a process of its own. A program that
 * cannot run or a session that fails is told by the report.
 *
 * @throws ZvmError when the options cannot be understood, or a file, image or runtime that they
 *   name is missing or malformed; nothing was created then.
 */
export async function run(options: RunOptions): Promise<RunResult> {
  judgeValue("run", options, RUN_OPTIONS);
  const { signal } = options;
  const runtimes = signal === undefined ? options.runtimes : { signal, ...options.runtimes };
  const borrowed = borrowStreams(options);
  try {
    const program = await resolveProgram(options.program, runtimes);
    return await runPlan(buildPlan(options, program), borrowed.options);
  } finally {
    await borrowed.giveBack();
  }
}

/**
 * As `run`, from a plan.
 * @param freezing where what is left of the guest goes, if it is to be frozen
 */
export async function runPlan(
  plan: Plan,
  options: RunOptions,
  freezing?: SessionFreezing,
): Promise<RunResult> {
  judgeTier(options);
  if (options.verify === true) judgeVerify(options);
  if (options.record !== undefined) judgeRecord(options.record, options.verify === true);
  judgeGrants([...plan.grants, ...recordGrant(options)], plan.manifest.program);
  const { memory: memoryBytes, table: tableElements } = limitsOf(plan.manifest);
  const bounds = { memoryBytes, tableElements, ...nexeRules(options), ...HOST_OFFER };
  const program = await examineAny(plan.manifest.program, bounds);
  try {
    return await runExamined(plan, options, program, freezing);
  } finally {
    if (program.kind === "accepted") closeProgram(program.program);
  }
}

/** @throws ZvmError ZVM_USAGE where the engine cannot be told */
function judgeTier({ tier, isolation }: RunOptions): void {
  if (tier !== "optimise" || isolation !== "none") return;
  const message = "The tier optimise needs a process of its own: leave out --isolation=none";
  throw new ZvmError("ZVM_USAGE", message);
}

/** The record must destroy nothing that the session reads or writes. */
function recordGrant({ record }: RunOptions): PlannedGrant[] {
  return record === undefined
    ? []
    : [{ origin: `--record ${record}`, path: record, use: "export" }];
}

async function runExamined(
  given: Plan,
  options: RunOptions,
  program: ProgramVerdict,
  freezing: SessionFreezing | undefined,
): Promise<RunResult> {
  const plan = { ...given, config: configFor(given, program) };
  const limits = limitsOf(plan.manifest);
  const home = plan.config.env.find(([name]) => name === "HOME")?.[1];
  const folders = new Folders(plan.folders, limits, home);
  const images: MountedImage[] = [];
  const streams = new StandardStreams(options, plan.manifest.channels);
  const absent = absentExports(plan);
  const request: SessionRequest = {
    manifest: withChannels(plan.manifest, streams.adapt(plan.manifest.channels), []),
    program,
    zrt: { ...plan.config, mounts: exportsOf(plan.config) },
    substitutes: streams.substitutes,
    preallocate: false,
    ...(options.interactive === true && { interactive: true }),
    ...(options.verify === true && { verify: true }),
    ...(options.record !== undefined && { record: resolve(options.record) }),
    ...(freezing !== undefined && { freezing }),
    ...(options.dryRun === true && { judgeOnly: true }),
    ...(options.pool !== undefined && { pool: options.pool }),
    ...(options.isolation !== undefined && { isolation: options.isolation }),
    ...(options.tier !== undefined && { tier: options.tier }),
    ...(options.signal !== undefined && { signal: options.signal }),
  };
  try {
    const folder = cacheFolder(options.runtimes?.env);
    const early = await openMounts(plan, request, folders, { images, folder });
    if (early !== undefined) return { report: early, ...streams.collected() };
    const { channels, mounts } = folders.exports();
    const { manifest } = request;
    const report = await runSession({
      ...request,
      manifest: withChannels(manifest, manifest.channels, channels),
      zrt: { ...plan.config, mounts: [...exportsOf(plan.config), ...mounts] },
      images: [...images.map(({ session }) => session), ...folders.images],
      preopens: folders.preopens,
    });
    const left = [...images.flatMap(({ opened }) => opened.warnings), ...folders.warnings];
    const warned = { ...report, warnings: [...left, ...report.warnings] };
    if (report.outcome.kind !== "exited") removeEmpty(absent);
    const isWhole = report.outcome.kind === "exited";
    const final = isWhole ? await withReturned(warned, folders) : warned;
    return { report: final, ...streams.collected() };
  } finally {
    for (const { opened } of images) opened.close();
    folders.close();
  }
}

/** Exports that the session makes: without a guest's good end there is nothing to keep of them. */
function absentExports({ grants }: Plan): string[] {
  const exports = grants.filter(({ use }) => use === "export");
  return exports.map(({ path }) => path).filter((path) => lookAt(path).kind === "missing");
}

function removeEmpty(paths: readonly string[]): void {
  for (const path of paths) {
    const { kind, stats } = lookAt(path);
    if (kind === "file" && stats?.size === 0) rmSync(path, { force: true });
  }
}

/** Brings the folders back; where the host refuses that, the session failed after all. */
async function withReturned(report: Report, folders: Folders): Promise<Report> {
  try {
    const warnings = await folders.bringBack();
    return { ...report, warnings: [...report.warnings, ...warnings] };
  } catch (error) {
    if (!(error instanceof ZvmError)) throw error;
    const { message } = error;
    const code = CODE_INPUT_OUTPUT;
    return withOutcome(report, { kind: "lost", cause: "export", message, code });
  }
}

/** EIO, the original's code for what it could not write. */
const CODE_INPUT_OUTPUT = 5;
function withChannels(
  manifest: Manifest,
  own: Manifest["channels"],
  added: Manifest["channels"],
): Manifest {
  return freezeManifest({ ...manifest, channels: [...own, ...added] });
}

/** A Native Client guest that goes on has its own name: it is told the further arguments alone. */
function configFor({ config }: Plan, program: ProgramVerdict): Plan["config"] {
  const goesOn = program.kind === "accepted" && program.program.nexe?.image !== undefined;
  return goesOn ? { ...config, args: config.args.slice(1) } : config;
}
