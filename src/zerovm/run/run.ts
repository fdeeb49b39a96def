import { rmSync } from "node:fs";
import { type Limits, STANDARD_LIMITS, ZvmError } from "../../base/index.ts";
import type { ZrtConfig } from "../../zrt/index.ts";
import { type OpenedImage, openImage } from "../image/index.ts";
import { freezeManifest, type Manifest } from "../manifest/index.ts";
import { classicPartOf, exitStatusOf, type Outcome, type Report } from "../report/index.ts";
import type { RuntimeOptions } from "../runtime/index.ts";
import { runSession, type SessionImage } from "../session/index.ts";
import { buildPlan, type Plan } from "./build-plan.ts";
import { Folders } from "./folders.ts";
import { lookAt } from "./host-look.ts";
import { judgeGrants } from "./judge-grants.ts";
import type { SessionOptions } from "./options.ts";
import { resolveProgram } from "./resolve-program.ts";
import { StandardStreams } from "./standard-streams.ts";

export interface RunOptions extends SessionOptions {
  /** Ends the session in order; its outcome is then `lost`, interrupted. */
  readonly signal?: AbortSignal;
  /** Where runtimes are looked for and how they are fetched. */
  readonly runtimes?: RuntimeOptions;
  /** Judges everything and stops: nothing is created or started. */
  readonly dryRun?: boolean;
}

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
  const { signal } = options;
  const runtimes = signal === undefined ? options.runtimes : { signal, ...options.runtimes };
  const program = await resolveProgram(options.program, runtimes);
  return runPlan(buildPlan(options, program), options);
}

/** As `run`, from a plan. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  judgeGrants(plan.grants, plan.manifest.program);
  const limits: Limits = { ...STANDARD_LIMITS, ...plan.manifest.limits };
  const folders = new Folders(plan.folders, limits);
  const images: MountedImage[] = [];
  const streams = new StandardStreams(options, plan.manifest.channels);
  const absent = absentExports(plan);
  try {
    for (const open of imagesOf(plan)) images.push(await open(limits));
    const left = [...images.flatMap(({ opened }) => opened.warnings), ...folders.take()];
    const { channels, mounts } = folders.exports();
    const report = await runSession({
      manifest: withChannels(plan.manifest, streams.adapt(plan.manifest.channels), channels),
      zrt: { ...plan.config, mounts: [...exportsOf(plan.config), ...mounts] },
      images: [...images.map(({ session }) => session), ...folders.images],
      preopens: folders.preopens,
      substitutes: streams.substitutes,
      preallocate: false,
      ...(options.interactive === true && { interactive: true }),
      ...(options.dryRun === true && { judgeOnly: true }),
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    const warned = { ...report, warnings: [...left, ...report.warnings] };
    if (report.outcome.kind !== "exited") removeEmpty(absent);
    const isWhole = report.outcome.kind === "exited" && options.dryRun !== true;
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
    const outcome: Outcome = { kind: "lost", cause: "export", message, code: CODE_INPUT_OUTPUT };
    return {
      ...report,
      outcome,
      exitStatus: exitStatusOf(outcome),
      classic: classicPartOf(outcome),
    };
  }
}

/** EIO, the original's code for what it could not write. */
const CODE_INPUT_OUTPUT = 5;

interface MountedImage {
  readonly opened: OpenedImage;
  readonly session: SessionImage;
}

/** Images named by options are opened here, where one that is malformed is an error. */
function imagesOf({ manifest, config }: Plan): ((limits: Limits) => Promise<MountedImage>)[] {
  return config.mounts.flatMap(({ access, channel, mountpoint, readonly, meta }) => {
    const source = manifest.channels.find(({ alias }) => alias === channel)?.sources[0];
    if (access !== "ro" || source?.kind !== "path") return [];
    return [
      async (limits: Limits): Promise<MountedImage> => {
        const opened = await openImage(source.path, {
          mountpoint,
          imageBytes: limits["image-bytes"],
          membersMax: limits["fs-nodes"],
        });
        const { fd, sizeBytes, members } = opened;
        const common = { mountpoint, readonly, meta, isFolder: false };
        return { opened, session: { fd, sizeBytes, members, ...common } };
      },
    ];
  });
}

function exportsOf(config: ZrtConfig): ZrtConfig["mounts"] {
  return config.mounts.filter(({ access }) => access === "wo");
}

function withChannels(
  manifest: Manifest,
  own: Manifest["channels"],
  added: Manifest["channels"],
): Manifest {
  return freezeManifest({ ...manifest, channels: [...own, ...added] });
}
