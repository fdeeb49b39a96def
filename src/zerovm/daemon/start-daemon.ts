import { closeSync } from "node:fs";
import { resolve } from "node:path";
import { ERRNO, type Form, judgeValue, optional, recordOf, ZvmError } from "../../base/index.ts";
import { type Finding, MANIFEST_TEXT, type Manifest, parseManifest } from "../manifest/index.ts";
import { CellPool, POOL_FIELDS } from "../pool/index.ts";
import { closeProgram, examineAny, type Program } from "../program/index.ts";
import { formatReportFramed, type Outcome, type Report } from "../report/index.ts";
import {
  bareReport,
  executeManifest,
  HOST_OFFER,
  interruptedOutcome,
  limitsOf,
  type ManifestRequest,
  openModule,
  type PreparedOnce,
  prepareOnce,
  reasonOf,
  refusedReport,
  runSession,
  SESSION_FIELDS,
  type SessionModule,
  withErrorCodes,
} from "../session/index.ts";
import { judgeSocket, removeDeadSocket, socketFinding } from "./judge-socket.ts";
import { judgeNextManifest, nextManifest } from "./next-manifest.ts";
import { SessionSocket } from "./session-socket.ts";

/** A manifest, and how to run it. */
export interface DaemonRequest
  extends Omit<ManifestRequest, "pool" | "isolation" | "program" | "module"> {
  /** Cells in which the program waits at any time; 2 unless given. */
  readonly cells?: number;
}

/** A session that ran to its end, or became a daemon. */
export interface DaemonStart {
  /** Of the session until its point or its end; `classic.daemon` tells which. */
  readonly report: Report;
  /** Absent where the session ended. */
  readonly daemon?: Daemon;
}

/** Sessions go on from where the first one waits, each in a cell of its own. */
export interface Daemon {
  readonly path: string;
  /** Ends the sessions in order, and resolves when nothing is left of them and of the socket. */
  close(): Promise<void>;
}

const { pool: _pool, isolation: _isolation, ...FIELDS } = SESSION_FIELDS;
const REQUEST: Form = recordOf<DaemonRequest>({
  ...FIELDS,
  text: MANIFEST_TEXT,
  cells: optional(POOL_FIELDS.size),
});

const CELLS = 2;
const ENDED = "The program ended and waits nowhere";

/**
 * Runs a manifest. Where it has a `Job` and its guest comes to its point, the session ends there
 * and a daemon listens at the path of `Job` for further ones; not where it is only judged, verified
 * or recorded. All that goes wrong is in the report.
 */
export async function startDaemon(request: DaemonRequest): Promise<DaemonStart> {
  judgeValue("startDaemon", request, REQUEST);
  const { text, cells = CELLS, ...others } = request;
  const { manifest, findings } = parseManifest(text);
  const { judgeOnly, verify, record } = request;
  const isOrdinary = judgeOnly === true || verify === true || record !== undefined;
  if (manifest?.job === undefined || isOrdinary) {
    return { report: await executeManifest({ ...others, text }) };
  }
  const path = resolve(manifest.job);
  const judging = { ...others, manifest, findings };
  const judged = await runSession({ ...judging, judgeOnly: true });
  if (judged.outcome.kind !== "judged") return { report: judged };
  const refused = await judgeSocket(path, manifest);
  if (refused.length > 0) return { report: refusedReport(refused, baseOf(manifest)) };
  const waiting = new WaitingProgram(judging, cells);
  try {
    const report = await waiting.start();
    if (report.classic.daemon !== 1) {
      await waiting.close();
      return { report };
    }
    return { report, daemon: await waiting.serve(path) };
  } catch (error) {
    await waiting.close();
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ZvmError) return { report: lostReport(manifest, message) };
    const found = socketFinding(path, reasonOf(error), manifest);
    return { report: refusedReport([found], baseOf(manifest)) };
  }
}

type Judged = Omit<DaemonRequest, "text" | "cells"> & { readonly manifest: Manifest };

function baseOf(manifest: Manifest): Parameters<typeof bareReport>[1] {
  return { manifest, wallMs: 0, warnings: [], isolation: "full", tier: "auto" };
}

function lostReport(manifest: Manifest, message: string): Report {
  const outcome: Outcome = { kind: "lost", cause: "host", message, code: ERRNO.EIO };
  return bareReport(outcome, baseOf(manifest));
}

/** A program that waits in cells, and what of it all its sessions share. */
class WaitingProgram {
  readonly #request: Judged;
  readonly #pool: CellPool;
  readonly #ending = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #first: Promise<PreparedOnce> | undefined;
  #made: PreparedOnce | undefined;
  #program: Program | undefined;
  #module: SessionModule | undefined;

  constructor(request: Judged, cells: number) {
    this.#request = request;
    request.signal?.addEventListener("abort", this.#interrupt, { once: true });
    this.#pool = new CellPool({
      size: cells,
      ...(request.tier !== undefined && { tier: request.tier }),
      prepare: async (cell) => {
        if (this.#first !== undefined) {
          const { again } = await this.#first;
          if (again === undefined) throw new ZvmError("ZVM_POOL", ENDED);
          await again.prepare(cell, this.#ending.signal);
          return;
        }
        await this.#openProgram();
        this.#first = prepareOnce(this.#withProgram(request), cell);
        this.#made = await this.#first;
        if (this.#made.again === undefined) throw new ZvmError("ZVM_POOL", ENDED);
      },
    });
  }

  /** Runs the session of the manifest itself. @throws ZvmError ZVM_POOL when there are no cells */
  async start(): Promise<Report> {
    try {
      await this.#pool.ready();
    } catch (error) {
      if (this.#made === undefined && !this.#ending.signal.aborted) throw error;
    }
    return this.#made?.report ?? bareReport(interruptedOutcome(), baseOf(this.#request.manifest));
  }

  /** @throws the error of the host when nobody can listen there */
  async serve(path: string): Promise<Daemon> {
    await removeDeadSocket(path);
    const socket = await SessionSocket.listen({
      path,
      isText: (text) => parseManifest(text).manifest !== undefined,
      answer: (text) => this.#answer(text),
    });
    const close = async (): Promise<void> => {
      this.#interrupt();
      await socket.close();
      await this.close();
    };
    return { path, close };
  }

  async close(): Promise<void> {
    this.#request.signal?.removeEventListener("abort", this.#interrupt);
    this.#ending.abort();
    this.#pool.close();
    await Promise.allSettled([...this.#running, this.#first]);
    this.#made?.again?.close();
    if (this.#program !== undefined) closeProgram(this.#program);
    if (this.#module !== undefined) closeSync(this.#module.fd);
    this.#program = undefined;
    this.#module = undefined;
  }

  readonly #interrupt = (): void => {
    this.#ending.abort();
    this.#pool.close();
  };

  /** Judged a moment ago; the file may be another one now, and then the session says so. */
  async #openProgram(): Promise<void> {
    const { manifest } = this.#request;
    const { memory: memoryBytes, table: tableElements } = limitsOf(manifest);
    const bounds = { memoryBytes, tableElements, ...HOST_OFFER };
    const verdict = await examineAny(manifest.program, bounds);
    if (verdict.kind === "refused") return;
    this.#program = verdict.program;
    this.#module = openModule(verdict.program, manifest, this.#request.tier);
  }

  #withProgram<Request extends object>(request: Request): Request {
    const program = this.#program;
    return {
      ...request,
      signal: this.#ending.signal,
      ...(program !== undefined && { program: { kind: "accepted", program } }),
      ...(this.#module !== undefined && { module: this.#module }),
    };
  }

  async #answer(text: Uint8Array): Promise<string | undefined> {
    const { manifest: asked, findings } = parseManifest(text);
    // As in the original: whoever sends no manifest is told nothing.
    if (asked === undefined) return undefined;
    const running = this.#run(asked, findings);
    this.#running.add(running);
    try {
      return formatReportFramed(await running);
    } finally {
      this.#running.delete(running);
    }
  }

  async #run(asked: Manifest, findings: readonly Finding[]): Promise<Report> {
    const own = this.#request.manifest;
    const refused = judgeNextManifest(own, asked);
    if (refused.length > 0)
      return refusedReport(withErrorCodes(refused, "ZVM_DAEMON"), baseOf(own));
    const manifest = nextManifest(own, asked);
    const { preallocate, needed, tier } = this.#request;
    try {
      return await runSession(
        this.#withProgram({
          manifest,
          findings,
          ...(preallocate !== undefined && { preallocate }),
          ...(needed !== undefined && { needed }),
          ...(tier !== undefined && { tier }),
          pool: this.#pool,
        }),
      );
    } catch (error) {
      if (!(error instanceof ZvmError)) throw error;
      return lostReport(manifest, error.message);
    }
  }
}
