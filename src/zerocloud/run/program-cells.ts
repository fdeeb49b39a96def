import type { Manifest } from "../../zerovm/manifest/index.ts";
import type { CellPool } from "../../zerovm/pool/index.ts";
import type { Program } from "../../zerovm/program/index.ts";
import { compiledPool, openForCompiling, type SessionModule } from "../../zerovm/session/index.ts";

export interface ProgramCellsOptions {
  /** Cells that wait for each program. */
  readonly size: number;
  /** Programs that have cells of their own at a time. */
  readonly programsMax: number;
  /** Uses within `withinMs` that give a program cells of its own. */
  readonly uses: number;
  readonly withinMs: number;
}

export const STANDARD_PROGRAM_CELLS: ProgramCellsOptions = Object.freeze({
  size: 2,
  programsMax: 2,
  uses: 3,
  withinMs: 60_000,
});

/** A program that was accepted, and what cells compile of it. */
export interface ReadyProgram {
  readonly program: Program;
  readonly module: SessionModule;
}

/** A program that was used lately. */
interface Used {
  /** When, in milliseconds of the clock that only goes forward; the last ones. */
  readonly times: number[];
  pool?: CellPool;
}

/**
 * Cells that have compiled a program before its session comes, for the few programs that are used
 * again and again: their sessions begin in a third of the time. The others have cells for any.
 */
export class ProgramCells {
  readonly #options: ProgramCellsOptions;
  readonly #nowMs: () => number;
  /** The one that was used last stands last. */
  readonly #used = new Map<string, Used>();

  constructor(options = STANDARD_PROGRAM_CELLS, nowMs: () => number = () => performance.now()) {
    this.#options = options;
    this.#nowMs = nowMs;
  }

  /**
   * Counts a use of a program.
   * @param key the same for the same program under the same limits
   * @returns a pool in which a cell waits for it; undefined where there is none yet, or now
   */
  use(key: string, ready: ReadyProgram, manifest: Manifest): CellPool | undefined {
    const used = this.#used.get(key) ?? { times: [] };
    this.#used.delete(key);
    this.#used.set(key, used);
    const { uses, withinMs } = this.#options;
    const nowMs = this.#nowMs();
    used.times.push(nowMs);
    while (used.times.length > uses) used.times.shift();
    const [first = nowMs] = used.times;
    const isHot = used.times.length >= uses && nowMs - first <= withinMs;
    if (isHot && used.pool === undefined) used.pool = this.#newPool(ready, manifest);
    this.#dropOldest();
    return used.pool !== undefined && used.pool.state.waiting > 0 ? used.pool : undefined;
  }

  /** Cells of a program that is not kept any longer. */
  drop(key: string): void {
    this.#used.get(key)?.pool?.close();
    this.#used.delete(key);
  }

  /** Cells that wait, of all programs. */
  get waiting(): number {
    const pools = [...this.#used.values()].map(({ pool }) => pool?.state.waiting ?? 0);
    return pools.reduce((sum, count) => sum + count, 0);
  }

  close(): void {
    for (const key of [...this.#used.keys()]) this.drop(key);
  }

  #newPool({ program, module }: ReadyProgram, manifest: Manifest): CellPool {
    const { size, withinMs } = this.#options;
    const idleSeconds = withinMs / 1000;
    return compiledPool(openForCompiling(program, manifest, { module }), { size, idleSeconds });
  }

  #dropOldest(): void {
    const withPools = [...this.#used].filter(([, { pool }]) => pool !== undefined);
    const tooMany = withPools.length - this.#options.programsMax;
    for (const [key] of withPools.slice(0, Math.max(0, tooMany))) this.drop(key);
  }
}
