import { type ModuleDraft, OP, TYPE } from "../rewrite/index.ts";
import { Assembler } from "./assembler.ts";
import { GUARD_EXPORTS, type PrepareOptions } from "./options.ts";

/** Indices of the globals that were added. */
export interface Guards {
  readonly fuel?: number;
  /** The function that asks for more fuel, and ends the guest where there is none. */
  readonly askForFuel?: number;
  readonly stack?: number;
  readonly events?: number;
}

/** Adds and exports the globals that the options ask for. */
export function addGuards(draft: ModuleDraft, options: PrepareOptions): Guards {
  const { fuel, stackBytes, limits } = options;
  return {
    ...(fuel === undefined ? {} : addFuel(draft, fuel, options.asksForFuel === true)),
    ...(stackBytes === undefined
      ? {}
      : { stack: addNumber(draft, GUARD_EXPORTS.STACK, stackBytes) }),
    ...(limits === undefined ? {} : { events: addNumber(draft, GUARD_EXPORTS.EVENTS, 0) }),
  };
}

function addFuel(
  draft: ModuleDraft,
  fuel: bigint,
  asks: boolean,
): Pick<Guards, "fuel" | "askForFuel"> {
  const index = draft.addGlobal(TYPE.I64, (out) => {
    out.byte(OP.I64_CONST);
    out.signed64(fuel);
    out.byte(OP.END);
  });
  draft.addExport(GUARD_EXPORTS.FUEL, "global", index);
  return asks ? { fuel: index, askForFuel: addAsking(draft, index) } : { fuel: index };
}

function addAsking(draft: ModuleDraft, fuel: number): number {
  const table = draft.addFunctionTable(1);
  draft.addExport(GUARD_EXPORTS.MORE, "table", table);
  const type = draft.functionType([], []);
  return draft.addFunction(type, (out) => {
    const code = new Assembler(out).locals();
    code.i32(0).op(OP.CALL_INDIRECT);
    out.unsigned(type);
    out.unsigned(table);
    code.globalGet(fuel).i64(0).op(OP.I64_LT_S);
    code.if(() => code.op(OP.UNREACHABLE));
    code.op(OP.END);
  });
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
