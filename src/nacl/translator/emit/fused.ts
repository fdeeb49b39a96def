import { V } from "../wasm/index.ts";
import type { Emitter } from "./emitter.ts";
import { FUSED_NAMES } from "./fused-routines.ts";
import type { Handler, Handlers } from "./handler.ts";
import { putResult, takeHalves } from "./vex-halves.ts";

/** Which operands are both factors and the number that is added, by the order in the name. */
const ORDERS: Readonly<Record<string, readonly [x: number, y: number, z: number]>> = {
  "132": [0, 2, 1],
  "213": [1, 0, 2],
  "231": [1, 2, 0],
};

/** Multiplies and adds: of a scalar, the other lanes of the destination stay. */
function fused(routine: string, order: readonly number[]): Handler {
  const isScalar = /s[sd]$/.test(routine);
  const lanes = routine.endsWith("d") ? SHUFFLES.double : SHUFFLES.single;
  return (emitter: Emitter) => {
    const { code, module } = emitter;
    const operands = [0, 1, 2].map((at) => takeHalves(emitter, emitter.operand(at), `${at}`));
    const [old = []] = operands;
    for (const half of old.keys()) {
      for (const at of order) code.get(operands[at]?.[half] ?? 0);
      code.call(module.routine(routine));
      if (isScalar) code.get(old[half] ?? 0).vector(V.SHUFFLE, ...lanes);
    }
    putResult(emitter, emitter.operand(0));
  };
}

/** Bytes of a scalar and of what stays above it. */
const SHUFFLES = {
  single: [0, 1, 2, 3, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31],
  double: [0, 1, 2, 3, 4, 5, 6, 7, 24, 25, 26, 27, 28, 29, 30, 31],
};

function handlersOf(name: string): Handlers {
  const handlers: Record<string, Handler> = {};
  for (const kind of ["ps", "pd", "ss", "sd"]) {
    for (const [order, places] of Object.entries(ORDERS)) {
      handlers[`v${name}${order}${kind}`] = fused(name + kind, places);
    }
  }
  return handlers;
}

/** FMA. */
export const FUSED: Handlers = Object.assign({}, ...Object.keys(FUSED_NAMES).map(handlersOf));
