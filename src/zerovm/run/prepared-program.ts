import { closeSync } from "node:fs";
import { basename, resolve } from "node:path";
import { byteStringOfText, judgeValue, printable, ZvmError } from "../../base/index.ts";
import { isWritable } from "../../channels/index.ts";
import { type ChannelDeclaration, freezeManifest } from "../manifest/index.ts";
import { CellPool } from "../pool/index.ts";
import { cacheFolder, closeProgram, examineAny, type Program } from "../program/index.ts";
import type { Report } from "../report/index.ts";
import {
  HOST_OFFER,
  limitsOf,
  openModule,
  prepareCell,
  runSession,
  type SessionModule,
  type SessionRequest,
  type Substitute,
} from "../session/index.ts";
import { borrowStreams } from "./borrow-streams.ts";
import { buildPlan, type Plan, type ResolvedProgram } from "./build-plan.ts";
import { Folders } from "./folders.ts";
import { judgeGrants } from "./judge-grants.ts";
import { type MountedImage, openMounts } from "./open-mounts.ts";
import { PREPARE_OPTIONS, PREPARED_RUN_OPTIONS } from "./option-forms.ts";
import type { FileGrant } from "./options.ts";
import type { PreparedRunOptions, PrepareOptions } from "./prepare-options.ts";
import { resolveProgram } from "./resolve-program.ts";
import type { RunResult } from "./run.ts";
import { StandardStreams } from "./standard-streams.ts";

/** A program that waits at its point, in cells of its own, for sessions that go on with it. */
export interface PreparedProgram {
  /**
   * One session, from the point on.
   * @throws ZvmError as `run`; ZVM_POOL when it names other channels than were prepared, or no
   *   cell could be prepared
   */
  run(options?: PreparedRunOptions): Promise<RunResult>;
  /**
   * Resolves when the program waits in a cell, so that a session would start at once.
   * @throws ZvmError ZVM_POOL when no cell could be prepared
   */
  ready(): Promise<void>;
  /** Ends the cells that wait; resolves when the sessions that run have ended. */
  close(): Promise<void>;
}

/**
 * Runs a program to its point (`zrt.zfork`, or its first read of `/dev/zfork`) in cells that wait
 * there. Each serves one session, and is replaced in the background.
 * @throws ZvmError as `run`; ZVM_POOL when the program does not come to its point
 */
export async function prepare(options: PrepareOptions): Promise<PreparedProgram> {
  judgeValue("prepare", options, PREPARE_OPTIONS);
  judgePreparation(options);
  const { signal } = options;
  const runtimes = signal === undefined ? options.runtimes : { signal, ...options.runtimes };
  const resolved = await resolveProgram(options.program, runtimes);
  const plan = buildPlan(options, resolved);
  judgeGrants(plan.grants, plan.manifest.program);
  const made = new Waiting(options, resolved, plan);
  try {
    await made.open();
    return made;
  } catch (error) {
    await made.close();
    throw error;
  }
}

/** What comes back to the host at the end of one session could not come back at the end of each. */
function judgePreparation({ folders = [], images = [] }: PrepareOptions): void {
  const folder = folders.find(({ mode }) => mode === "rw");
  const image = images.find(({ mode }) => mode === "export");
  const path = folder?.host ?? image?.path;
  if (path === undefined) return;
  const message = `A prepared program cannot give ${printable(path)} back: grant a file with write`;
  throw new ZvmError("ZVM_USAGE", message);
}

function refusalOf({ outcome }: Report): ZvmError {
  const [found] = outcome.kind === "refused" ? outcome.findings : [];
  const message = "The preparation was interrupted";
  return new ZvmError(found?.errorCode ?? "ZVM_POOL", found?.message ?? message);
}

class Waiting implements PreparedProgram {
  readonly #options: PrepareOptions;
  readonly #resolved: ResolvedProgram;
  readonly #plan: Plan;
  readonly #folders: Folders;
  readonly #images: MountedImage[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #program: Program | undefined;
  #module: SessionModule | undefined;
  #pool: CellPool | undefined;

  constructor(options: PrepareOptions, resolved: ResolvedProgram, plan: Plan) {
    this.#options = options;
    this.#resolved = resolved;
    this.#plan = plan;
    const home = plan.config.env.find(([name]) => name === "HOME")?.[1];
    this.#folders = new Folders(plan.folders, limitsOf(plan.manifest), home);
  }

  /** Opens what all cells share, and waits for the first of them. */
  async open(): Promise<void> {
    const { manifest } = this.#plan;
    const { memory: memoryBytes, table: tableElements } = limitsOf(manifest);
    const bounds = { memoryBytes, tableElements, ...HOST_OFFER };
    const verdict = await examineAny(manifest.program, bounds);
    if (verdict.kind === "refused") {
      const message = verdict.findings[0]?.message ?? "The program is refused";
      throw new ZvmError(verdict.code, message);
    }
    this.#program = verdict.program;
    this.#module = openModule(verdict.program, manifest, this.#options.tier);
    const request = this.#request(this.#plan, manifest.channels, new Map());
    const { signal, runtimes } = this.#options;
    const asked = signal === undefined ? request : { ...request, signal };
    const early = await openMounts(this.#plan, asked, this.#folders, {
      images: this.#images,
      folder: cacheFolder(runtimes?.env),
    });
    if (early !== undefined) throw refusalOf(early);
    const { size = 1, queueMax, idleSeconds } = this.#options;
    this.#pool = new CellPool({
      size,
      ...(queueMax !== undefined && { queueMax }),
      ...(idleSeconds !== undefined && { idleSeconds }),
      ...(this.#options.isolation === "weak" && { isolation: "weak" }),
      ...optional("tier", this.#options.tier),
      prepare: (cell) => this.#prepare((request) => prepareCell(request, cell)),
    });
    await this.#pool.ready();
  }

  async ready(): Promise<void> {
    await this.#pool?.ready();
  }

  async run(options: PreparedRunOptions = {}): Promise<RunResult> {
    const running = this.#run(options);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  async close(): Promise<void> {
    this.#pool?.close();
    await Promise.allSettled(this.#running);
    for (const { opened } of this.#images.splice(0)) opened.close();
    this.#folders.close();
    if (this.#program !== undefined) closeProgram(this.#program);
    if (this.#module !== undefined) closeSync(this.#module.fd);
    this.#program = undefined;
    this.#module = undefined;
  }

  async #run(options: PreparedRunOptions): Promise<RunResult> {
    judgeValue("run", options, PREPARED_RUN_OPTIONS);
    const borrowed = borrowStreams({ program: this.#options.program, ...options });
    try {
      const plan = this.#planOf(options);
      judgeGrants(plan.grants, plan.manifest.program);
      const streams = new StandardStreams(borrowed.options, plan.manifest.channels);
      const channels = streams.adapt(plan.manifest.channels);
      const report = await runSession({
        ...this.#request(plan, channels, streams.substitutes),
        ...(this.#pool !== undefined && { pool: this.#pool }),
        ...(options.signal !== undefined && { signal: options.signal }),
      });
      return { report, ...streams.collected() };
    } finally {
      await borrowed.giveBack();
    }
  }

  /** The plan of one session: the channels that were prepared, and what it has of its own. */
  #planOf(own: PreparedRunOptions): Plan {
    const { read, write, timeoutSeconds, etag } = this.#options;
    const plan = buildPlan(
      {
        ...this.#options,
        read: withOthers(read, own.read),
        write: withOthers(write, own.write),
        ...optional("timeoutSeconds", own.timeoutSeconds ?? timeoutSeconds),
        ...optional("etag", own.etag ?? etag),
      },
      this.#resolved,
    );
    const args = (own.args ?? []).map(byteStringOfText);
    return { ...plan, config: { ...plan.config, args } };
  }

  #request(
    plan: Plan,
    channels: readonly ChannelDeclaration[],
    substitutes: ReadonlyMap<string, Substitute>,
  ): SessionRequest {
    const program = this.#program;
    return {
      manifest: freezeManifest({ ...plan.manifest, channels }),
      zrt: { ...plan.config, mounts: [] },
      substitutes,
      preallocate: false,
      ...(program !== undefined && { program: { kind: "accepted", program } }),
      ...(this.#module !== undefined && { module: this.#module }),
      ...optional("isolation", this.#options.isolation),
      ...optional("tier", this.#options.tier),
    };
  }

  /** Nobody hears what a program says while it is prepared, unless it fails. */
  async #prepare(inCell: (request: SessionRequest) => Promise<void>): Promise<void> {
    const plan = this.#plan;
    const streams = new StandardStreams(PREPARING, plan.manifest.channels);
    const channels = streams.adapt(plan.manifest.channels);
    const request = this.#request(plan, channels, withScratch(channels, streams.substitutes));
    try {
      await inCell({
        ...request,
        images: [...this.#images.map(({ session }) => session), ...this.#folders.images],
        preopens: this.#folders.preopens,
      });
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      const said = lastLine(streams.collected().stderr);
      throw said === "" ? error : new ZvmError(error.code, `${error.message}; it said: ${said}`);
    }
  }
}

const PREPARING = { program: "", stdin: "ignore", stdout: "ignore", stderr: "collect" } as const;

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

/** Grants of the same names are replaced; others come behind, for the cell to be refused with. */
function withOthers(given: readonly FileGrant[] = [], own: readonly FileGrant[] = []): FileGrant[] {
  const byName = new Map(own.map((grant) => [nameOf(grant), grant]));
  const merged = given.map((grant) => {
    const name = nameOf(grant);
    const other = byName.get(name);
    byName.delete(name);
    return other === undefined ? grant : { ...other, alias: name };
  });
  return [...merged, ...byName.values()];
}

function nameOf({ path, alias }: FileGrant): string {
  return (alias ?? basename(resolve(path))).replace(/^\/dev\//, "");
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): Partial<Record<Name, Value>> {
  return value === undefined ? {} : ({ [name]: value } as Partial<Record<Name, Value>>);
}

function lastLine(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(-SAID_BYTES_MAX)).trim();
  return printable(text.slice(text.lastIndexOf("\n") + 1));
}

const SAID_BYTES_MAX = 1000;
