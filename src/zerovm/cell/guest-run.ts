import { ERRNO } from "../../base/index.ts";
import { GUARD_EXPORTS, type GuardState, readGuards } from "../../wasm/meter/index.ts";
import { GuestExit, type Zrt } from "../../zrt/index.ts";
import type { CellOutcome } from "./answer.ts";
import { outcomeOfCut, outcomeOfError } from "./ending.ts";
import type { Cut, Guard } from "./guarded.ts";
import { sharedMs, uptimeMs } from "./real-world.ts";

/** How a guest ended, and what is left of it. */
export interface GuestEnd {
  readonly outcome: CellOutcome;
  /** Absent when the module never came to life. */
  readonly memory?: WebAssembly.Memory;
  readonly instantiateMs: number;
  /** When it began, by the clock that all processes share. */
  readonly aliveAtMs: number;
  readonly guestMs: number;
  /** Units of fuel that were used, where the module counts them. */
  readonly fuelUsed?: bigint;
  /** Limits at which the guest was answered. */
  readonly hits: readonly ("memory" | "table")[];
}

/** What a run of a guest needs besides its module. */
export interface GuestSetting {
  readonly zrt: Zrt;
  readonly guard: Guard;
  readonly timeoutMs: number;
  /** Units of fuel that the guest has; absent: they are not counted. */
  readonly fuel: bigint | undefined;
}

/** Brings the module to life and runs it to its end, at most for the time it has. */
export function runGuest(module: WebAssembly.Module, setting: GuestSetting): GuestEnd {
  const { zrt, guard, timeoutMs, fuel } = setting;
  const run = new GuestRun(module, zrt, fuel);
  const startMs = uptimeMs();
  // A start function runs at instantiation already, so that is guarded as well.
  const cut = guard.run(() => run.work(), timeoutMs);
  const endMs = uptimeMs();
  const aliveMs = run.aliveMs ?? endMs;
  const guards = run.guards();
  return {
    outcome: outcomeOfGuards(guards) ?? outcomeOfRun(run, zrt, cut),
    ...(run.memory === undefined ? {} : { memory: run.memory }),
    instantiateMs: aliveMs - startMs,
    aliveAtMs: run.aliveAtMs,
    guestMs: endMs - aliveMs,
    ...(fuel === undefined ? {} : { fuelUsed: run.fuelUsed(guards) }),
    hits: guards.hit,
  };
}

/** What the module's own guards ended comes first, however the guest seemed to end. */
function outcomeOfGuards({ ended }: GuardState): CellOutcome | undefined {
  if (ended === undefined) return undefined;
  if (ended !== "shortage") return { kind: "limited", limit: ended };
  const message = "The host has less memory than the limits of the session allow";
  return { kind: "lost", cause: "host", message, code: ERRNO.ENOMEM };
}

/** What ended the guest's calls decides, whether the guest then ended, went on or was cut. */
function outcomeOfRun(run: GuestRun, { ending }: Zrt, cut: Cut | undefined): CellOutcome {
  if (ending.isSet) return outcomeOfThrown(ending.error);
  return cut === undefined ? run.outcome : outcomeOfCut(cut);
}

function outcomeOfThrown(error: unknown): CellOutcome {
  if (error instanceof GuestExit) return { kind: "exited", code: error.code };
  return outcomeOfError(error);
}

/** What modules are written with, see `prepareProgram`. */
const FUEL_UNITS_MAX = 2n ** 63n - 1n;

class GuestRun {
  readonly #module: WebAssembly.Module;
  readonly #zrt: Zrt;
  readonly #fuel: bigint;
  #exports: Readonly<Record<string, unknown>> = {};
  memory: WebAssembly.Memory | undefined;
  outcome: CellOutcome = { kind: "exited", code: 0 };
  /** When the instance was made, in milliseconds of the process. */
  aliveMs: number | undefined;
  aliveAtMs = 0;

  constructor(module: WebAssembly.Module, zrt: Zrt, fuel: bigint | undefined) {
    this.#module = module;
    this.#zrt = zrt;
    this.#fuel = fuel ?? 0n;
  }

  /** What the guards of the module say; nothing where it never came to life. */
  guards(): GuardState {
    return readGuards(this.#exports);
  }

  fuelUsed({ fuel = 0n }: GuardState): bigint {
    const used = this.#fuel - fuel;
    return used < 0n ? 0n : used;
  }

  work(): void {
    try {
      const imports = this.#zrt.wasiImports(() => this.#guestMemory());
      const { exports } = new WebAssembly.Instance(this.#module, imports);
      this.#exports = exports;
      this.#fill(exports[GUARD_EXPORTS.FUEL]);
      if (exports["memory"] instanceof WebAssembly.Memory) this.memory = exports["memory"];
      this.aliveMs = uptimeMs();
      this.aliveAtMs = sharedMs();
      const start = exports["_start"];
      if (typeof start !== "function") throw new WebAssembly.LinkError("There is no `_start`");
      start();
    } catch (error) {
      this.outcome = outcomeOfThrown(error);
    }
  }

  /** A module counts down from all that there is; a start function has used some of it. */
  #fill(fuel: unknown): void {
    const counter = fuel as { value: bigint } | undefined;
    if (counter !== undefined) counter.value -= FUEL_UNITS_MAX - this.#fuel;
  }

  /** A start function that makes calls before the instance exists finds no memory. */
  #guestMemory(): WebAssembly.Memory {
    if (this.memory === undefined) {
      throw new WebAssembly.RuntimeError("a call before the memory of the module exists");
    }
    return this.memory;
  }
}
