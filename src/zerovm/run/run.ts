import { closeSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { type ByteString, type Limits, STANDARD_LIMITS } from "../../base/index.ts";
import type { ZrtConfig } from "../../zrt/index.ts";
import { openImage } from "../image/index.ts";
import { freezeManifest, type Manifest } from "../manifest/index.ts";
import type { Report } from "../report/index.ts";
import type { RuntimeOptions } from "../runtime/index.ts";
import { runSession, type SessionImage, type Substitute } from "../session/index.ts";
import { buildPlan, type Plan } from "./build-plan.ts";
import { type Collected, collector } from "./collector.ts";
import { Folders } from "./folders.ts";
import type { SessionOptions } from "./options.ts";
import { resolveProgram } from "./resolve-program.ts";

/** A standard stream to read: the host's own, nothing, contents, or a stream. */
export type Input = "inherit" | "ignore" | { readonly text: string } | Uint8Array | Readable;

/** A standard stream to write: the host's own, nothing, kept for the result, or a stream. */
export type Output = "inherit" | "ignore" | "collect" | Writable;

export interface RunOptions extends SessionOptions {
  /** `ignore` unless given. */
  readonly stdin?: Input;
  /** `collect` unless given. */
  readonly stdout?: Output;
  /** `collect` unless given. */
  readonly stderr?: Output;
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
  const program = await resolveProgram(options.program, options.runtimes);
  return runPlan(buildPlan(options, program), options);
}

/** As `run`, from a plan. */
export async function runPlan(plan: Plan, options: RunOptions): Promise<RunResult> {
  const limits: Limits = { ...STANDARD_LIMITS, ...plan.manifest.limits };
  const folders = new Folders(plan.folders, limits);
  const images: SessionImage[] = [];
  const streams = new StandardStreams(options);
  try {
    for (const record of mountedImages(plan)) images.push(await record.open(limits));
    const taken = folders.take();
    const { channels, mounts } = folders.exports();
    const report = await runSession({
      manifest: withChannels(plan.manifest, streams.adapt(plan.manifest.channels), channels),
      zrt: { ...plan.config, mounts: [...exportsOf(plan.config), ...mounts] },
      images: [...images, ...folders.images],
      preopens: folders.preopens,
      substitutes: streams.substitutes,
      preallocate: false,
      ...(options.interactive === true && { interactive: true }),
      ...(options.dryRun === true && { judgeOnly: true }),
      ...(options.signal !== undefined && { signal: options.signal }),
    });
    const isWhole = report.outcome.kind === "exited" && options.dryRun !== true;
    const returned = isWhole ? await folders.bringBack() : [];
    const warnings = [...taken, ...report.warnings, ...returned];
    return { report: { ...report, warnings }, ...streams.collected() };
  } finally {
    for (const { fd } of images) closeSync(fd);
    folders.close();
  }
}

interface MountedImage {
  open(limits: Limits): Promise<SessionImage>;
}

/** Images named by options are opened here, where one that is malformed is an error. */
function mountedImages({ manifest, config }: Plan): MountedImage[] {
  const images: MountedImage[] = [];
  for (const { access, channel, mountpoint, readonly, meta } of config.mounts) {
    const source = manifest.channels.find(({ alias }) => alias === channel)?.sources[0];
    if (access !== "ro" || source?.kind !== "path") continue;
    images.push({
      open: async (limits) => {
        const opened = await openImage(source.path, {
          mountpoint,
          imageBytes: limits["image-bytes"],
        });
        const { fd, sizeBytes, members } = opened;
        return { fd, sizeBytes, members, mountpoint, readonly, meta, isFolder: false };
      },
    });
  }
  return images;
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

/** Most that is kept of one collected stream: the guest's put limit then answers. */
const COLLECTED_BYTES_MAX = 64 * 2 ** 20;

/** Standard streams of the host, or what the caller put in their place. */
class StandardStreams {
  readonly #substitutes = new Map<ByteString, Substitute>();
  readonly #nulls = new Set<ByteString>();
  readonly #collected = new Map<ByteString, Collected>();

  constructor(options: RunOptions) {
    this.#input(options.stdin ?? "ignore");
    this.#output("/dev/stdout", options.stdout ?? "collect");
    this.#output("/dev/stderr", options.stderr ?? "collect");
  }

  get substitutes(): ReadonlyMap<ByteString, Substitute> {
    return this.#substitutes;
  }

  /** The channels with the null device where a stream is ignored, and bounded where collected. */
  adapt(channels: Manifest["channels"]): Manifest["channels"] {
    return channels.map((channel) => {
      if (this.#nulls.has(channel.alias)) {
        return { ...channel, sources: [{ kind: "path", path: "/dev/null" }] };
      }
      if (!this.#collected.has(channel.alias)) return channel;
      const putBytes = BigInt(COLLECTED_BYTES_MAX);
      return { ...channel, limits: { ...channel.limits, putBytes } };
    });
  }

  collected(): { readonly stdout: Uint8Array; readonly stderr: Uint8Array } {
    const bytesOf = (alias: ByteString): Uint8Array =>
      this.#collected.get(alias)?.bytes() ?? new Uint8Array(0);
    return { stdout: bytesOf("/dev/stdout"), stderr: bytesOf("/dev/stderr") };
  }

  #input(input: Input): void {
    const alias = "/dev/stdin";
    if (input === "inherit") return;
    if (input === "ignore") this.#nulls.add(alias);
    else if (input instanceof Uint8Array) this.#contents(input);
    else if ("text" in input) this.#contents(new TextEncoder().encode(input.text));
    else this.#substitutes.set(alias, { kind: "readable", stream: input });
  }

  #contents(bytes: Uint8Array): void {
    this.#substitutes.set("/dev/stdin", { kind: "contents", bytes });
  }

  #output(alias: ByteString, output: Output): void {
    if (output === "inherit") return;
    if (output === "ignore") {
      this.#nulls.add(alias);
      return;
    }
    if (output !== "collect") {
      this.#substitutes.set(alias, { kind: "writable", stream: output });
      return;
    }
    const collected = collector();
    this.#collected.set(alias, collected);
    this.#substitutes.set(alias, { kind: "writable", stream: collected.stream });
  }
}
