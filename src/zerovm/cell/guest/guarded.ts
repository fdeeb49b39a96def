import { closeSync } from "node:fs";
import { Script } from "node:vm";
import { assert } from "../../../base/index.ts";
import { StopTimer } from "../../libc/index.ts";
import { STOP_FD } from "../../walls/index.ts";
import { uptimeMs } from "../machine/index.ts";

/** How a guarded piece of work ended when it did not end by itself. */
export type Cut = "time" | "interrupted";

/**
 * Runs work so that it can be ended from outside. WebAssembly code is ended where the engine
 * looks, at calls and loop edges; no `finally` runs on the way.
 */
export interface Guard {
  /** @returns how it was cut, or undefined when `work` came to its end. */
  run(work: () => void, timeoutMs: number): Cut | undefined;
  /** The clock of the work that runs stands still. */
  hold(): void;
  /** The work that runs has so much time from now on. */
  extend(timeoutMs: number): void;
  /** From now on only the time ends work, and no interruption. */
  ignoreInterrupts(): void;
}

/** The longest timeout the engine takes, 49 days. */
const TIMEOUT_MS_MAX = 2 ** 32 - 1;

const ENTRY_NAME = "zerovmGuarded";

interface ScriptLimits {
  readonly timeout?: number;
  readonly breakOnSigint?: boolean;
}

/** @returns the code of the error by which the engine ended the work, if it did. */
function runInScript(work: () => void, limits: ScriptLimits): string | undefined {
  // The engine guards scripts only, and a script reaches its work by a global name only.
  const outer: unknown = Reflect.get(globalThis, ENTRY_NAME);
  Reflect.set(globalThis, ENTRY_NAME, work);
  try {
    new Script(`${ENTRY_NAME}()`).runInThisContext(limits);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!ENDED_CODES.includes(code)) throw error;
    return code;
  } finally {
    if (outer === undefined) Reflect.deleteProperty(globalThis, ENTRY_NAME);
    else Reflect.set(globalThis, ENTRY_NAME, outer);
  }
}

const TIMED_OUT = "ERR_SCRIPT_EXECUTION_TIMEOUT";
const INTERRUPTED = "ERR_SCRIPT_EXECUTION_INTERRUPTED";
const ENDED_CODES: readonly string[] = [TIMED_OUT, INTERRUPTED];

/** For a process with an event loop that is not ours to lock: each run takes a thread. */
export function threadGuard(): Guard {
  let breakOnSigint = true;
  return {
    run(work, timeoutMs) {
      const timeout = Math.max(1, Math.min(Math.ceil(timeoutMs), TIMEOUT_MS_MAX));
      const code = runInScript(work, { timeout, breakOnSigint });
      if (code === undefined) return undefined;
      return code === TIMED_OUT ? "time" : "interrupted";
    },
    hold: cannotWait,
    extend: cannotWait,
    ignoreInterrupts() {
      breakOnSigint = false;
    },
  };
}

function cannotWait(): never {
  assert(false, "only a cell waits for a session");
}

/**
 * Gives `life` a guard that makes no thread and opens nothing, so that it serves in a locked cell:
 * the thread that hears of signals is there from now until `life` ends, and both the clock and the
 * host end work by SIGINT.
 * @returns false when a signal ended `life` itself, outside of all guarded work.
 */
export function withSignalGuard(life: (guard: Guard) => void): boolean {
  const timer = new StopTimer();
  let endMs = 0;
  const guard: Guard = {
    run(work, timeoutMs) {
      guard.extend(timeoutMs);
      const code = runInScript(work, { breakOnSigint: true });
      timer.cancel();
      if (code === undefined) return undefined;
      return uptimeMs() >= endMs ? "time" : "interrupted";
    },
    hold() {
      timer.cancel();
    },
    extend(timeoutMs) {
      endMs = uptimeMs() + timeoutMs;
      timer.set(timeoutMs);
    },
    ignoreInterrupts() {
      closeSync(STOP_FD);
    },
  };
  return runInScript(() => life(guard), { breakOnSigint: true }) === undefined;
}
