import { basename, resolve } from "node:path";
import { assert, byteStringOfText, judgeValue, printable, ZvmError } from "../../base/index.ts";
import type { CellPool } from "../pool/index.ts";
import { runSession } from "../session/index.ts";
import { borrowStreams } from "./borrow-streams.ts";
import { buildPlan, type Plan, type ResolvedProgram } from "./build-plan.ts";
import { judgeGrants } from "./judge-grants.ts";
import { PREPARE_OPTIONS, PREPARED_RUN_OPTIONS } from "./option-forms.ts";
import type { FileGrant } from "./options.ts";
import type { PreparedRunOptions, PrepareOptions } from "./prepare-options.ts";
import { PreparedCells } from "./prepared-cells.ts";
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
  const { resolved, cells } = await openCells(options, false);
  return new Waiting(options, resolved, cells);
}

/**
 * A pool for `servePool` whose cells hold a program that waits at its point. A session of another
 * process goes on with one where it would be the same without: the same program with the same
 * arguments, environment, images, channels and limits.
 * @throws ZvmError as `prepare`; ZVM_POOL when anything passed a channel before the point, or
 *   sessions cannot be compared
 */
export async function preparedPool(options: PrepareOptions): Promise<CellPool> {
  judgeValue("preparedPool", options, PREPARE_OPTIONS);
  const { pool } = (await openCells(options, true)).cells;
  assert(pool !== undefined, "cells that were opened have a pool");
  return pool;
}

async function openCells(
  options: PrepareOptions,
  isLent: boolean,
): Promise<{ readonly resolved: ResolvedProgram; readonly cells: PreparedCells }> {
  judgePreparation(options);
  const { signal } = options;
  const runtimes = signal === undefined ? options.runtimes : { signal, ...options.runtimes };
  const resolved = await resolveProgram(options.program, runtimes);
  const plan = buildPlan(options, resolved);
  judgeGrants(plan.grants, plan.manifest.program);
  const cells = new PreparedCells(options, plan, isLent);
  try {
    await cells.open();
    return { resolved, cells };
  } catch (error) {
    await cells.close();
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

class Waiting implements PreparedProgram {
  readonly #options: PrepareOptions;
  readonly #resolved: ResolvedProgram;
  readonly #cells: PreparedCells;
  readonly #running = new Set<Promise<unknown>>();

  constructor(options: PrepareOptions, resolved: ResolvedProgram, cells: PreparedCells) {
    this.#options = options;
    this.#resolved = resolved;
    this.#cells = cells;
  }

  async ready(): Promise<void> {
    await this.#cells.pool?.ready();
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
    await this.#cells.close(this.#running);
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
        ...this.#cells.request(plan, channels, streams.substitutes),
        ...optional("pool", this.#cells.pool),
        ...optional("signal", options.signal),
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
    // The guest has its environment, and its channels show as they did.
    return { ...plan, config: { ...plan.config, args, env: [], mapping: [] } };
  }
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
