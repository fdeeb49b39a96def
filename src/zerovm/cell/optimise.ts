import { HOT_EXPORT } from "../../wasm/meter/index.ts";

type Optimise = (exported: unknown) => void;

/**
 * Has those exported functions of a guest optimised that say so by their names. The engine puts
 * better code in place only at a call, and these are called once. Where this process was not
 * started with the flag for it, nothing happens.
 */
export function optimiseHot(exports: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(exports).filter((name) => name.startsWith(HOT_EXPORT));
  if (names.length === 0) return;
  const optimise = engineCall();
  for (const name of names) optimise?.(exports[name]);
}

/** The words are no JavaScript without the flag. */
function engineCall(): Optimise | undefined {
  try {
    return new Function("exported", "%WasmTierUpFunction(exported)") as Optimise;
  } catch {
    return undefined;
  }
}
