import { FORMS } from "../../x86/index.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { BIT_FIELDS } from "./bit-fields.ts";
import { BITS } from "./bits.ts";
import { CONVERSIONS } from "./conversions.ts";
import { FLOAT_COMPARISONS } from "./float-comparisons.ts";
import { FLOAT_STATE, inAllModes } from "./float-modes.ts";
import { FUSED } from "./fused.ts";
import type { Handler, Handlers } from "./handler.ts";
import { enteringMmx, MMX_STATE } from "./mmx-state.ts";
import { MOVES } from "./moves.ts";
import { MULTIPLY } from "./multiply.ts";
import { ROTATIONS } from "./rotations.ts";
import { SHIFTS } from "./shifts.ts";
import { STRINGS } from "./strings.ts";
import { TEXT_COMPARISONS } from "./text-comparisons.ts";
import { THREE_D_NOW } from "./three-d-now.ts";
import { isMmx } from "./vector.ts";
import { VECTOR_FLOATS } from "./vector-floats.ts";
import { VECTOR_INTEGER } from "./vector-integer.ts";
import { VECTOR_MOVES } from "./vector-moves.ts";
import { VECTOR_SHUFFLES } from "./vector-shuffles.ts";
import { byHalves } from "./vex.ts";
import { VEX_LANES } from "./vex-lanes.ts";
import { VEX_WHOLE } from "./vex-whole.ts";
import { X87 } from "./x87.ts";

export { pushBranchCondition } from "./branches.ts";
export { Emitter } from "./emitter.ts";
export { type FloatRun, FloatRunPlanner } from "./float-runs.ts";
export { type HelperName, helperOf } from "./helpers.ts";
export { FAULT, type ModuleScope } from "./module-scope.ts";
export { addToStackPointer, pushStackAddress } from "./moves.ts";
export { pushAnyNan } from "./nan.ts";
export { checkedParameters, writeCheckedStore } from "./store-checks.ts";

const ALL: Handlers = {
  ...ARITHMETIC,
  ...BITS,
  ...BIT_FIELDS,
  ...MOVES,
  ...MULTIPLY,
  ...SHIFTS,
  ...ROTATIONS,
  ...FLOAT_COMPARISONS,
  ...STRINGS,
  ...CONVERSIONS,
  ...VECTOR_FLOATS,
  ...VECTOR_INTEGER,
  ...VECTOR_MOVES,
  ...VECTOR_SHUFFLES,
  ...TEXT_COMPARISONS,
  ...X87,
  ...MMX_STATE,
  ...THREE_D_NOW,
  ...FLOAT_STATE,
};

/** Instructions with VEX that are not made of halves. */
const WITH_VEX: Handlers = { ...VEX_WHOLE, ...FUSED };

/** What emits each form, by its number; undefined for what is not translated. */
export const HANDLERS: readonly (Handler | undefined)[] = FORMS.map((form) => {
  const { names, vex, operands } = form;
  const [first = "", second] = names;
  const name = first === "-" ? (second ?? "") : first;
  if (vex !== undefined) return WITH_VEX[name] ?? byHalves(form, handlerOf, VEX_LANES);
  const inModes = handlerOf(name);
  if (inModes === undefined) return undefined;
  return operands.some(isMmx) ? enteringMmx(inModes) : inModes;
});

function handlerOf(name: string): Handler | undefined {
  const handler = ALL[name];
  return handler === undefined ? undefined : inAllModes(name, handler);
}
