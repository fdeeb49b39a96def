import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import type { CellPool, RunOptions, RunResult } from "../../src/index.ts";
import { ColdStarts, killCell, type Library, tellingCell } from "./cells.ts";
import type { Judge } from "./judge.ts";
import type { Disturbance, Kind, Mode } from "./kind.ts";

/** What all sessions of a soak share. */
export interface Setting {
  readonly library: Library;
  readonly pool: CellPool;
  readonly judge: Judge;
  /** Where sessions make folders. */
  readonly folder: string;
}

/** What chance decides for one session. */
export interface Chance {
  readonly delayMs: number;
  readonly isInnermost: boolean;
}

/** No session takes as long, however busy the machine is. */
const PATIENCE_MS = 120_000;
const coldStarts = new ColdStarts();

/** Runs one session of a kind. @returns what is wrong with it, nothing if nothing is */
export async function runKind(
  kind: Kind,
  mode: Mode,
  chance: Chance,
  setting: Setting,
): Promise<string[]> {
  const folder = mkdtempSync(join(setting.folder, "session-"));
  const patience = new AbortController();
  try {
    const own = kind.own?.(folder) ?? { options: {} };
    const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal, ref: false });
    const ran = runDisturbed(kind, mode, own.options, chance, setting);
    const result = await Promise.race([ran, late]);
    if (result === undefined) return [`it did not end in ${PATIENCE_MS / 1000} s`];
    const left = own.check?.(result);
    const faults = setting.judge.judge(kind, mode, result);
    return left === undefined ? faults : [...faults, left];
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  } finally {
    patience.abort();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runDisturbed(
  kind: Kind,
  mode: Mode,
  options: Partial<RunOptions>,
  chance: Chance,
  { library, pool }: Setting,
): Promise<RunResult> {
  const trouble = new Trouble(kind.disturbance, chance);
  const request: RunOptions = {
    program: kind.program,
    etag: "sha256",
    ...options,
    ...trouble.options,
    ...(mode === "pool" && { pool }),
    ...(mode === "none" && { isolation: "none" }),
  };
  const work = () => library.run(request);
  const onCell = (pid: number) => trouble.cellIs(pid);
  trouble.begin();
  try {
    if (request.verify === true) return await coldStarts.alone(work);
    if (mode === "cold") return await coldStarts.run(onCell, work);
    return await tellingCell(onCell, work);
  } finally {
    trouble.end();
  }
}

/** What ends a session from outside, at its moment. */
class Trouble {
  readonly #disturbance: Disturbance | undefined;
  readonly #chance: Chance;
  readonly #control = new AbortController();
  readonly #speech = new PassThrough();
  #timer: NodeJS.Timeout | undefined;
  #pid: number | undefined;
  #isDue = false;

  constructor(disturbance: Disturbance | undefined, chance: Chance) {
    this.#disturbance = disturbance;
    this.#chance = chance;
  }

  get options(): Partial<RunOptions> {
    if (this.#disturbance === undefined) return {};
    const { signal } = this.#control;
    return this.#disturbance.from === "guest" ? { signal, stdout: this.#speech } : { signal };
  }

  begin(): void {
    this.#speech.once("data", () => this.#hear("guest"));
    this.#hear("call");
  }

  cellIs(pid: number): void {
    this.#pid = pid;
    this.#hear("cell");
    if (this.#isDue) this.#strike();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#speech.destroy();
  }

  #hear(moment: Disturbance["from"]): void {
    if (this.#disturbance?.from !== moment) return;
    if (this.#disturbance.withinMs === 0) this.#strike();
    else this.#timer = setTimeout(() => this.#strike(), this.#chance.delayMs);
  }

  #strike(): void {
    this.#isDue = true;
    if (this.#disturbance?.kind === "abort") this.#control.abort();
    else if (this.#pid !== undefined) killCell(this.#pid, this.#chance.isInnermost);
  }
}

/** Folders of one soak. */
export interface Places {
  readonly programs: string;
  readonly sessions: string;
  /** Where the library puts what it does not keep. */
  readonly temporary: string;
}

/** Makes the folders, and lets the library use no others. */
export function makePlaces(folder: string): Places {
  const place = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path);
    return path;
  };
  const temporary = place("temporary");
  process.env["TMPDIR"] = temporary;
  process.env["ZEROVM_CACHE"] = place("cache");
  return { programs: join(folder, "programs"), sessions: place("sessions"), temporary };
}
