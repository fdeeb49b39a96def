import { FORMS } from "../../x86/index.ts";
import { ARITHMETIC } from "./arithmetic.ts";
import { BITS } from "./bits.ts";
import type { Handler, Handlers } from "./handler.ts";
import { MOVES } from "./moves.ts";
import { MULTIPLY } from "./multiply.ts";
import { SHIFTS } from "./shifts.ts";
import { STRINGS } from "./strings.ts";

export { pushBranchCondition } from "./branches.ts";
export { Emitter, FAULT, type ModuleScope } from "./emitter.ts";
export { HELPERS, type HelperName } from "./helpers.ts";
export { addToStackPointer, pushStackAddress } from "./moves.ts";

const ALL: Handlers = {
  ...ARITHMETIC,
  ...BITS,
  ...MOVES,
  ...MULTIPLY,
  ...SHIFTS,
  ...STRINGS,
};

/** What emits each form, by its number; undefined for what is not translated. */
export const HANDLERS: readonly (Handler | undefined)[] = FORMS.map(({ names, vex, group }) => {
  if (vex !== undefined || group === "avx" || group === "fma") return undefined;
  const [first = "", second] = names;
  return ALL[first === "-" ? (second ?? "") : first];
});
