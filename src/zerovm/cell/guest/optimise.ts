import { HEAT_EXPORTS } from "../../../wasm/outline/index.ts";
import { I32, tableFunction } from "./table-function.ts";

type Optimise = (exported: unknown) => void;

/** What the guest that runs is helped with; one guest runs at a time. */
const helped = { answer: (_place: number): void => undefined };

/**
 * Has a loop of a guest optimised when it has gone round often. The engine puts better code in
 * place only at a call, and such a loop is called once, to go on to its end. Where this process was
 * not started with the flag for it, nothing happens.
 */
export function optimiseLoops(exports: Readonly<Record<string, unknown>>): void {
  const { [HEAT_EXPORTS.HEAT]: heat, [HEAT_EXPORTS.LOOPS]: loops } = exports;
  if (!(heat instanceof WebAssembly.Table && loops instanceof WebAssembly.Table)) return;
  const optimise = engineCall();
  if (optimise === undefined) return;
  const done = new Set<number>();
  helped.answer = (place) => {
    // A forged module may say any number; the engine takes nothing but a function.
    const loop = place >= 0 && place < loops.length ? loops.get(place) : null;
    if (loop === null || done.has(place)) return;
    done.add(place);
    optimise(loop);
  };
  heat.set(0, tellingFunction());
}

/** Makes what that takes, which costs more than a millisecond, before an order comes. */
export function prepareOptimising(): void {
  if (engineCall() !== undefined) tellingFunction();
}

let engine: Optimise | undefined;

/** The words are no JavaScript without the flag. */
function engineCall(): Optimise | undefined {
  try {
    engine ??= new Function("exported", "%WasmTierUpFunction(exported)") as Optimise;
    return engine;
  } catch {
    return undefined;
  }
}

let kept: (() => void) | undefined;

function tellingFunction(): () => void {
  kept ??= tableFunction([I32], (place = 0) => helped.answer(place));
  return kept;
}
