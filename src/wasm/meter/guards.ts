import { type ModuleDraft, OP, TYPE } from "../rewrite/index.ts";
import { GUARD_EXPORTS, type PrepareOptions } from "./options.ts";

/** Indices of the globals that were added. */
export interface Guards {
  readonly fuel?: number;
  readonly stack?: number;
  readonly events?: number;
}

/** Adds and exports the globals that the options ask for. */
export function addGuards(draft: ModuleDraft, options: PrepareOptions): Guards {
  const { fuel, stackBytes, limits } = options;
  return {
    ...(fuel === undefined ? {} : { fuel: addFuel(draft, fuel) }),
    ...(stackBytes === undefined
      ? {}
      : { stack: addNumber(draft, GUARD_EXPORTS.STACK, stackBytes) }),
    ...(limits === undefined ? {} : { events: addNumber(draft, GUARD_EXPORTS.EVENTS, 0) }),
  };
}

function addFuel(draft: ModuleDraft, fuel: bigint): number {
  const index = draft.addGlobal(TYPE.I64, (out) => {
    out.byte(OP.I64_CONST);
    out.signed64(fuel);
    out.byte(OP.END);
  });
  draft.addExport(GUARD_EXPORTS.FUEL, "global", index);
  return index;
}

function addNumber(draft: ModuleDraft, name: string, value: number): number {
  const index = draft.addGlobal(TYPE.I32, (out) => {
    out.byte(OP.I32_CONST);
    out.signed(value);
    out.byte(OP.END);
  });
  draft.addExport(name, "global", index);
  return index;
}
