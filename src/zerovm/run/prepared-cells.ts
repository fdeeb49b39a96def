import { closeSync } from "node:fs";
import { printable, textOf, ZvmError } from "../../base/index.ts";
import { isWritable } from "../../channels/index.ts";
import type { Cell, CompiledModule } from "../cell/index.ts";
import { type ChannelDeclaration, freezeManifest } from "../manifest/index.ts";
import { CellPool } from "../pool/index.ts";
import { cacheFolder, closeProgram, type Program } from "../program/index.ts";
import type { Report } from "../report/index.ts";
import {
  limitsOf,
  nexeRules,
  openForCompiling,
  prepareCell,
  type SessionRequest,
  type Substitute,
} from "../session/index.ts";
import { acceptedProgram } from "./accepted-program.ts";
import type { Plan } from "./build-plan.ts";
import { collector } from "./collector.ts";
import { Folders } from "./folders.ts";
import { type MountedImage, openMounts } from "./open-mounts.ts";
import type { PrepareOptions } from "./prepare-options.ts";
import { StandardStreams } from "./standard-streams.ts";

/** Cells in which a program waits at its point, and what all of them share. */
export class PreparedCells {
  readonly #options: PrepareOptions;
  readonly #plan: Plan;
  readonly #isLent: boolean;
  readonly #folders: Folders;
  readonly #images: MountedImage[] = [];
  #program: Program | undefined;
  #module: CompiledModule | undefined;
  #pool: CellPool | undefined;

  /** @param isLent whether sessions of others, which would be the same without, go on with them */
  constructor(options: PrepareOptions, plan: Plan, isLent: boolean) {
    this.#options = options;
    this.#plan = plan;
    this.#isLent = isLent;
    const home = plan.config.env.find(([name]) => name === "HOME")?.[1];
    this.#folders = new Folders(plan.folders, limitsOf(plan.manifest), home);
  }

  get pool(): CellPool | undefined {
    return this.#pool;
  }

  /** Opens what all cells share, and waits for the first of them. */
  async open(): Promise<void> {
    const { manifest } = this.#plan;
    const program = await acceptedProgram(manifest, nexeRules(this.#options));
    this.#program = program;
    const { module } = openForCompiling(program, manifest, { tier: this.#options.tier });
    this.#module = module;
    const request = this.request(this.#plan, manifest.channels, new Map());
    const { signal, runtimes } = this.#options;
    const asked = signal === undefined ? request : { ...request, signal };
    const early = await openMounts(this.#plan, asked, this.#folders, {
      images: this.#images,
      folder: cacheFolder(runtimes?.env),
    });
    if (early !== undefined) throw refusalOf(early);
    const { size = 1, queueMax, idleSeconds, tier, isolation } = this.#options;
    this.#pool = new CellPool({
      size,
      ...(queueMax !== undefined && { queueMax }),
      ...(idleSeconds !== undefined && { idleSeconds }),
      ...(isolation === "weak" && { isolation: "weak" }),
      ...(tier !== undefined && { tier }),
      ...(this.#isLent && { compiled: module, onClose: () => this.#release() }),
      prepare: (cell) => this.#prepare(cell),
    });
    await this.#pool.ready();
  }

  /** @param running sessions to wait for before what they share is closed */
  async close(running: Iterable<Promise<unknown>> = []): Promise<void> {
    this.#pool?.close();
    await Promise.allSettled(running);
    this.#release();
  }

  request(
    plan: Plan,
    channels: readonly ChannelDeclaration[],
    substitutes: ReadonlyMap<string, Substitute>,
  ): SessionRequest {
    const program = this.#program;
    const module = this.#module;
    const { isolation, tier } = this.#options;
    return {
      manifest: freezeManifest({ ...plan.manifest, channels }),
      zrt: { ...plan.config, mounts: [] },
      substitutes,
      preallocate: false,
      ...(program !== undefined && { program: { kind: "accepted", program } }),
      ...(module !== undefined && { module: { fd: module.fd, sizeBytes: module.sizeBytes } }),
      ...(isolation !== undefined && { isolation }),
      ...(tier !== undefined && { tier }),
    };
  }

  /** Nobody hears what a program says while it is prepared, unless it fails. */
  async #prepare(cell: Cell): Promise<void> {
    const plan = this.#plan;
    const said = collector(SAID_BYTES_MAX);
    const streams = new StandardStreams(
      { program: "", stdin: "ignore", stdout: "ignore", stderr: said.stream },
      plan.manifest.channels,
    );
    const channels = streams.adapt(plan.manifest.channels);
    const request = this.request(plan, channels, withScratch(channels, streams.substitutes));
    try {
      const report = await prepareCell(
        {
          ...request,
          images: [...this.#images.map(({ session }) => session), ...this.#folders.images],
          preopens: this.#folders.preopens,
        },
        cell,
      );
      if (this.#isLent) judgeLent(cell, report);
      cell.compiled = this.#isLent ? this.#module : undefined;
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      const words = lastLine(said.bytes());
      throw words === "" ? error : new ZvmError(error.code, `${error.message}; it said: ${words}`);
    }
  }

  #release(): void {
    for (const { opened } of this.#images.splice(0)) opened.close();
    this.#folders.close();
    if (this.#program !== undefined) closeProgram(this.#program);
    if (this.#module !== undefined) closeSync(this.#module.fd);
    this.#program = undefined;
    this.#module = undefined;
  }
}

/** Most that is kept of what a program says while it is prepared. */
const SAID_BYTES_MAX = 65_536;
const LINE_BYTES_MAX = 1000;

/**
 * A session that goes on with a guest of somebody else must not find that anything has passed its
 * channels.
 * @throws ZvmError ZVM_POOL where it could
 */
function judgeLent(cell: Cell, { channels }: Report): void {
  const touched = channels.find(({ gets, puts, hostReads, hostWrites, hit }) => {
    return gets + puts + hostReads + hostWrites > 0 || hit.length > 0;
  });
  if (touched !== undefined) {
    const name = printable(textOf(touched.alias));
    const message = `The program used ${name} before its point: commands would see a difference`;
    throw new ZvmError("ZVM_POOL", message);
  }
  if (cell.prepared?.identity !== undefined) return;
  const message = "No command can be compared with a program that has fuel, the host's clock, a";
  throw new ZvmError("ZVM_POOL", `${message} compressed image, or is made for Native Client`);
}

function refusalOf({ outcome }: Report): ZvmError {
  const [found] = outcome.kind === "refused" ? outcome.findings : [];
  const message = "The preparation was interrupted";
  return new ZvmError(found?.errorCode ?? "ZVM_POOL", found?.message ?? message);
}

/** Files to write belong to sessions: a program that is prepared writes to none. */
function withScratch(
  channels: readonly ChannelDeclaration[],
  substitutes: ReadonlyMap<string, Substitute>,
): Map<string, Substitute> {
  const all = new Map(substitutes);
  for (const { alias, limits, sources } of channels) {
    const [source] = sources;
    const isNull = source?.kind === "path" && source.path === "/dev/null";
    if (!isWritable(limits) || isNull || all.has(alias)) continue;
    all.set(alias, { kind: "contents", bytes: new Uint8Array(0) });
  }
  return all;
}

function lastLine(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(-LINE_BYTES_MAX)).trim();
  return printable(text.slice(text.lastIndexOf("\n") + 1));
}
