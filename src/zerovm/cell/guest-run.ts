import { limitModule, readModule } from "../../wasm/index.ts";
import { GuestExit, type Zrt } from "../../zrt/index.ts";
import type { CellOutcome } from "./answer.ts";
import { outcomeOfCut, outcomeOfError } from "./ending.ts";
import type { Cut, Guard } from "./guarded.ts";
import type { Order } from "./order.ts";
import { uptimeMs } from "./real-world.ts";

/** How a guest ended, and what is left of it. */
export interface GuestEnd {
  readonly outcome: CellOutcome;
  /** Absent when the module never came to life. */
  readonly memory?: WebAssembly.Memory;
  readonly instantiateMs: number;
  readonly guestMs: number;
}

const PAGE_BYTES = 65_536;

/** The engine's own bounds: a module needs no other declaration to stay within them. */
const ENGINE_MEMORY_BYTES = 2 ** 32;
const ENGINE_TABLE_ELEMENTS = 10_000_000;

/**
 * Compiles the module with the order's limits written into it, so that the engine itself
 * answers the guest that grows beyond them.
 */
export function compileModule(bytes: Uint8Array, order: Order): WebAssembly.Module {
  const { memory, table } = order.limits;
  if (memory >= ENGINE_MEMORY_BYTES && table >= ENGINE_TABLE_ELEMENTS) {
    return new WebAssembly.Module(bytes);
  }
  const limits = { memoryPages: Math.floor(memory / PAGE_BYTES), tableElements: table };
  return new WebAssembly.Module(limitModule(bytes, readModule(bytes), limits));
}

/** Brings the module to life and runs it to its end, at most for `timeoutMs`. */
export function runGuest(
  module: WebAssembly.Module,
  zrt: Zrt,
  guard: Guard,
  timeoutMs: number,
): GuestEnd {
  const run = new GuestRun(module, zrt);
  const startMs = uptimeMs();
  // A start function runs at instantiation already, so that is guarded as well.
  const cut = guard.run(() => run.work(), timeoutMs);
  const endMs = uptimeMs();
  const aliveMs = run.aliveMs ?? endMs;
  return {
    outcome: outcomeOfRun(run, zrt, cut),
    ...(run.memory === undefined ? {} : { memory: run.memory }),
    instantiateMs: aliveMs - startMs,
    guestMs: endMs - aliveMs,
  };
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

class GuestRun {
  readonly #module: WebAssembly.Module;
  readonly #zrt: Zrt;
  memory: WebAssembly.Memory | undefined;
  outcome: CellOutcome = { kind: "exited", code: 0 };
  /** When the instance was made, in milliseconds of the process. */
  aliveMs: number | undefined;

  constructor(module: WebAssembly.Module, zrt: Zrt) {
    this.#module = module;
    this.#zrt = zrt;
  }

  work(): void {
    try {
      const imports = this.#zrt.wasiImports(() => this.#guestMemory());
      const { exports } = new WebAssembly.Instance(this.#module, imports);
      if (exports["memory"] instanceof WebAssembly.Memory) this.memory = exports["memory"];
      this.aliveMs = uptimeMs();
      const start = exports["_start"];
      if (typeof start !== "function") throw new WebAssembly.LinkError("There is no `_start`");
      start();
    } catch (error) {
      this.outcome = outcomeOfThrown(error);
    }
  }

  /** A start function that makes calls before the instance exists finds no memory. */
  #guestMemory(): WebAssembly.Memory {
    if (this.memory === undefined) {
      throw new WebAssembly.RuntimeError("a call before the memory of the module exists");
    }
    return this.memory;
  }
}
