import { type ModuleDraft, OP, TYPE } from "../rewrite/index.ts";
import { Assembler } from "./assembler.ts";
import { GUARD_EXPORTS, type PrepareOptions } from "./options.ts";

/** How many functions the host is asked for fuel by. */
const ASKED_FUNCTIONS = 1;

/** Indices of the globals that were added. */
export interface Guards {
  readonly fuel?: number;
  /** The function that asks for more fuel, and ends the guest where there is none. */
  readonly askForFuel?: number;
  readonly stack?: number;
  readonly events?: number;
}

/** Adds and exports the globals that the options ask for, or imports them. */
export function addGuards(draft: ModuleDraft, options: PrepareOptions): Guards {
  const { fuel, stackBytes, limits, guardsOf } = options;
  if (guardsOf !== undefined) return importGuards(draft, options, guardsOf);
  return {
    ...(fuel === undefined ? {} : addFuel(draft, fuel, options.asksForFuel === true)),
    ...(stackBytes === undefined
      ? {}
      : { stack: addNumber(draft, GUARD_EXPORTS.STACK, stackBytes) }),
    ...(limits === undefined ? {} : { events: addNumber(draft, GUARD_EXPORTS.EVENTS, 0) }),
  };
}

function importGuards(draft: ModuleDraft, options: PrepareOptions, from: string): Guards {
  const { fuel, stackBytes, limits, asksForFuel } = options;
  const numbered = (name: string, type: number): number =>
    draft.importGlobal({ module: from, name }, type);
  const counter = fuel === undefined ? undefined : numbered(GUARD_EXPORTS.FUEL, TYPE.I64);
  const asks = counter !== undefined && asksForFuel === true;
  return {
    ...(counter === undefined ? {} : { fuel: counter }),
    ...(asks && { askForFuel: addAsking(draft, counter, importAsked(draft, from)) }),
    ...(stackBytes !== undefined && { stack: numbered(GUARD_EXPORTS.STACK, TYPE.I32) }),
    ...(limits !== undefined && { events: numbered(GUARD_EXPORTS.EVENTS, TYPE.I32) }),
  };
}

function importAsked(draft: ModuleDraft, from: string): number {
  return draft.importFunctionTable({ module: from, name: GUARD_EXPORTS.MORE }, ASKED_FUNCTIONS);
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
  if (!asks) return { fuel: index };
  const table = draft.addFunctionTable(ASKED_FUNCTIONS);
  draft.addExport(GUARD_EXPORTS.MORE, "table", table);
  return { fuel: index, askForFuel: addAsking(draft, index, table) };
}

function addAsking(draft: ModuleDraft, fuel: number, table: number): number {
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
