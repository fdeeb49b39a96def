import { Script } from "node:vm";

/** How a guarded piece of work ended when it did not end by itself. */
export type Cut = "time" | "interrupted";

/** The longest timeout the engine takes, 49 days. */
const TIMEOUT_MS_MAX = 2 ** 32 - 1;

const ENTRY_NAME = "zerovmGuarded";

/**
 * Runs `work` so that it can be ended from outside: after `timeoutMs`, or by SIGINT. WebAssembly
 * code is ended where the engine looks, at calls and loop edges; no `finally` runs on the way.
 * With `endsOnInterrupt` false only the time ends it.
 * @returns how it was cut, or undefined when `work` came to its end.
 */
export function runGuarded(
  work: () => void,
  timeoutMs: number,
  endsOnInterrupt = true,
): Cut | undefined {
  // The engine guards scripts only, and a script reaches its work by a global name only.
  Reflect.set(globalThis, ENTRY_NAME, work);
  try {
    new Script(`${ENTRY_NAME}()`).runInThisContext({
      timeout: Math.max(1, Math.min(Math.ceil(timeoutMs), TIMEOUT_MS_MAX)),
      breakOnSigint: endsOnInterrupt,
    });
    return undefined;
  } catch (error) {
    const cut = cutOf(error);
    if (cut === undefined) throw error;
    return cut;
  } finally {
    Reflect.deleteProperty(globalThis, ENTRY_NAME);
  }
}

function cutOf(error: unknown): Cut | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  if (error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "time";
  return error.code === "ERR_SCRIPT_EXECUTION_INTERRUPTED" ? "interrupted" : undefined;
}
