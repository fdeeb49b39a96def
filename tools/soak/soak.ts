import type { CellPool } from "../../src/index.ts";
import type { Kind, Mode } from "./kind.ts";
import { filesBelow, type Holdings, holdings, type Memory, measureMemory } from "./leftovers.ts";
import { Random } from "./random.ts";
import { runKind, type Setting } from "./run-kind.ts";

export interface SoakOptions {
  readonly sessions: number;
  readonly minutes: number;
  readonly seed: number;
  /** How many run at a time. */
  readonly together: number;
}

/** A session that is to be run. */
interface Planned {
  readonly kind: Kind;
  readonly mode: Mode;
}

/** A session that did not end as it should. */
export interface Failure {
  readonly session: number;
  readonly kind: string;
  readonly mode: Mode;
  readonly faults: readonly string[];
}

export interface SoakResult {
  readonly options: SoakOptions;
  readonly kinds: readonly Kind[];
  /** How many of each kind ran where: `KIND/MODE`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly failures: readonly Failure[];
  readonly memory: readonly Memory[];
  readonly before: Holdings;
  readonly after: Holdings;
  /** What is in folders where nothing should be. */
  readonly files: readonly string[];
  readonly seconds: number;
}

/** Sessions between two looks at the memory; none runs then. */
const BATCH = 500;
/** Sessions without a cell take next to nothing, and are to be few. */
const MODE_WEIGHTS = { pool: 5, cold: 4, none: 1 } as const satisfies Record<Mode, number>;
const SHOWN_MS = 5000;
const SETTLE_MS = 5000;

/** One run of the suite. */
export class Soak {
  readonly #kinds: readonly Kind[];
  readonly #setting: Omit<Setting, "pool">;
  readonly #temporary: string;
  readonly #options: SoakOptions;
  readonly #random: Random;
  readonly #counts = new Map<string, number>();
  readonly #failures: Failure[] = [];
  readonly #memory: Memory[] = [];
  /** Each kind in each mode comes once before chance decides. */
  readonly #first: Planned[];
  #started = 0;
  #ended = 0;
  #shownAtMs = 0;

  constructor(
    kinds: readonly Kind[],
    setting: Omit<Setting, "pool">,
    temporary: string,
    options: SoakOptions,
  ) {
    this.#kinds = kinds;
    this.#setting = setting;
    this.#temporary = temporary;
    this.#options = options;
    this.#random = new Random(options.seed);
    this.#first = kinds.flatMap((kind) => kind.modes.map((mode) => ({ kind, mode })));
  }

  async run(newPool: () => CellPool): Promise<SoakResult> {
    const startMs = performance.now();
    // The first line to a stream opens it.
    this.#show();
    const before = await this.#settled(holdings());
    const pool = newPool();
    const setting = { ...this.#setting, pool };
    const endMs = startMs + this.#options.minutes * 60_000;
    while (this.#started < this.#options.sessions && performance.now() < endMs) {
      const until = Math.min(this.#options.sessions, this.#started + BATCH);
      const work = async (): Promise<void> => {
        while (this.#started < until && performance.now() < endMs) await this.#runNext(setting);
      };
      await Promise.all(Array.from({ length: this.#options.together }, work));
      this.#memory.push(await measureMemory(this.#ended));
      this.#show();
    }
    pool.close();
    const after = await this.#settled(before);
    // What counts is left when there is no cell any more, which may hold what it last sent.
    this.#memory.push(await measureMemory(this.#ended));
    return {
      options: this.#options,
      kinds: this.#kinds,
      counts: this.#counts,
      failures: this.#failures,
      memory: this.#memory,
      before,
      after,
      files: [...filesBelow(this.#temporary), ...filesBelow(this.#setting.folder)],
      seconds: (performance.now() - startMs) / 1000,
    };
  }

  async #runNext(setting: Setting): Promise<void> {
    const session = this.#started;
    this.#started += 1;
    const { kind, mode } = this.#next();
    const { withinMs = 0 } = kind.disturbance ?? {};
    const chance = {
      delayMs: this.#random.below(withinMs + 1),
      isInnermost: this.#random.below(2) === 0,
    };
    const faults = await runKind(kind, mode, chance, setting);
    const key = `${kind.name}/${mode}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#ended += 1;
    if (faults.length > 0) {
      this.#failures.push({ session, kind: kind.name, mode, faults });
      console.error(`session ${session}, ${kind.name}, ${mode}: ${faults.join("; ")}`);
    }
    if (performance.now() - this.#shownAtMs > SHOWN_MS) this.#show();
  }

  #next(): Planned {
    const first = this.#first.splice(this.#random.below(this.#first.length), 1)[0];
    if (first !== undefined) return first;
    const kind = this.#random.pick(this.#kinds);
    const modes = kind.modes.map((mode) => ({ mode, weight: MODE_WEIGHTS[mode] }));
    return { kind, mode: this.#random.pick(modes).mode };
  }

  #show(): void {
    this.#shownAtMs = performance.now();
    const { heapBytes = 0, residentBytes = 0 } = this.#memory.at(-1) ?? {};
    const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MB`;
    console.error(
      `${this.#ended} of ${this.#options.sessions} sessions, ${this.#failures.length} failed; ` +
        `heap ${megabytes(heapBytes)}, resident ${megabytes(residentBytes)}`,
    );
  }

  /** What is held when it is no more than `wanted`, or when that does not come. */
  async #settled(wanted: Holdings): Promise<Holdings> {
    const endMs = performance.now() + SETTLE_MS;
    for (;;) {
      const held = holdings();
      const isLess =
        held.processes.length <= wanted.processes.length &&
        held.descriptors.length <= wanted.descriptors.length &&
        held.resources <= wanted.resources;
      if (isLess || performance.now() > endMs) return held;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
