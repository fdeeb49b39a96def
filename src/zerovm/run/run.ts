import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { type ByteString, type Limits, ZvmError } from "../../base/index.ts";
import type { Member } from "../../tar/index.ts";
import type { ZrtConfig } from "../../zrt/index.ts";
import { type OpenedImage, openImage } from "../image/index.ts";
import { freezeManifest, type Manifest } from "../manifest/index.ts";
import {
  cacheFolder,
  closeProgram,
  examineProgram,
  type ProgramVerdict,
} from "../program/index.ts";
import { type Report, withOutcome } from "../report/index.ts";
import {
  HOST_OFFER,
  limitsOf,
  runSession,
  type SessionImage,
  type SessionRequest,
} from "../session/index.ts";
import { borrowStreams } from "./borrow-streams.ts";
import { buildPlan, type Plan } from "./build-plan.ts";
import { Folders } from "./folders.ts";
import { lookAt } from "./host-look.ts";
import { judgeGrants, type PlannedGrant } from "./judge-grants.ts";
import { judgeMounts } from "./judge-mounts.ts";
import { judgeOptions, judgeRecord, judgeVerify } from "./judge-options.ts";
import type { RunOptions } from "./options.ts";
import { resolveProgram } from "./resolve-program.ts";
import { refuseImagesInside } from "./returned-members.ts";
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
  judgeOptions(options);
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

/** As `run`, from a plan. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  judgeVerify(options);
  judgeRecord(options);
  judgeGrants([...plan.grants, ...recordGrant(options)], plan.manifest.program);
  const { memory: memoryBytes, table: tableElements } = limitsOf(plan.manifest);
  const bounds = { memoryBytes, tableElements, ...HOST_OFFER };
  const program = examineProgram(plan.manifest.program, bounds);
  try {
    return await runExamined(plan, options, program);
  } finally {
    if (program.kind === "accepted") closeProgram(program.program);
  }
}

/** The record must destroy nothing that the session reads or writes. */
function recordGrant({ record }: RunOptions): PlannedGrant[] {
  return record === undefined
    ? []
    : [{ origin: `--record ${record}`, path: record, use: "export" }];
}

async function runExamined(
  plan: Plan,
  options: RunOptions,
  program: ProgramVerdict,
): Promise<RunResult> {
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
    ...(options.dryRun === true && { judgeOnly: true }),
    ...(options.pool !== undefined && { pool: options.pool }),
    ...(options.isolation !== undefined && { isolation: options.isolation }),
    ...(options.signal !== undefined && { signal: options.signal }),
  };
  try {
    const openers = imagesOf(plan, cacheFolder(options.runtimes?.env));
    const early = await prepare(plan, request, folders, { openers, images });
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

/**
 * Opens the images and takes the snapshots, which may cost minutes: all else is judged before,
 * and between them an interruption is heard.
 *
 * @returns the report of a session that need not start any more.
 */
async function prepare(
  plan: Plan,
  request: SessionRequest,
  folders: Folders,
  { openers, images }: { openers: readonly ImageOpener[]; images: MountedImage[] },
): Promise<Report | undefined> {
  if (openers.length === 0 && plan.folders.length === 0) return undefined;
  const judged = await runSession({ ...request, judgeOnly: true });
  if (judged.outcome.kind !== "judged") return judged;
  const { signal } = request;
  const limits = limitsOf(plan.manifest);
  try {
    for (const open of openers) {
      if (signal?.aborted === true) return interrupted(judged);
      images.push(await open(limits, signal));
    }
    refuseImagesInside(plan.folders, images);
    await folders.take(signal);
    if (signal?.aborted !== true) {
      const mounted = images.map(({ path, session }) => ({ ...session, path }));
      judgeMounts([...mounted, ...folders.mounts], limits);
    }
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
  return signal?.aborted === true ? interrupted(judged) : undefined;
}

function interrupted(report: Report): Report {
  const message = "session interrupted";
  return withOutcome(report, { kind: "lost", cause: "interrupted", message, code: CODE_SIGNAL });
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
/** The original's code for a session that a signal ended. */
const CODE_SIGNAL = 4;

interface MountedImage {
  readonly path: string;
  readonly mountpoint: ByteString;
  readonly members: readonly Member[];
  readonly opened: OpenedImage;
  readonly session: SessionImage;
}

type ImageOpener = (limits: Limits, signal: AbortSignal | undefined) => Promise<MountedImage>;

/** Images named by options are opened here, where one that is malformed is an error. */
function imagesOf({ manifest, config }: Plan, folder: string | undefined): ImageOpener[] {
  return config.mounts.flatMap(({ access, channel, mountpoint, readonly, meta }) => {
    const source = manifest.channels.find(({ alias }) => alias === channel)?.sources[0];
    if (access !== "ro" || source?.kind !== "path") return [];
    return [
      async (limits, signal): Promise<MountedImage> => {
        const opened = await openImage(source.path, {
          mountpoint,
          imageBytes: limits["image-bytes"],
          membersMax: limits["fs-nodes"],
          cache: folder === undefined ? undefined : { folder },
          signal,
        });
        const { fd, sizeBytes, table: members } = opened;
        const common = { mountpoint, readonly, meta, isFolder: false };
        const session = { fd, sizeBytes, members, ...common };
        return {
          path: source.path,
          mountpoint,
          // Few sessions look at each of them.
          get members() {
            return opened.members;
          },
          opened,
          session,
        };
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
