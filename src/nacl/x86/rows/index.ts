/** The accepted instructions as rows of text, by group; `../row-text.ts` says how to read one. */
import { AVX_ROWS } from "./avx.ts";
import { CONTROL_ROWS, STRING_ROWS, SYSTEM_ROWS } from "./control.ts";
import { INTEGER_ROWS } from "./integer.ts";
import { MMX_ROWS, THREE_D_NOW_ROWS } from "./mmx.ts";
import { SSE_ROWS } from "./sse.ts";
import { SSE4_ROWS } from "./sse4.ts";
import { X87_ROWS } from "./x87.ts";

export { CONDITIONS } from "./conditions.ts";

/** Every row of the table, with the name of the group that it stands in. */
export const ROW_GROUPS: readonly (readonly [group: string, rows: string])[] = [
  ["integer", INTEGER_ROWS],
  ["control", CONTROL_ROWS],
  ["string", STRING_ROWS],
  ["system", SYSTEM_ROWS],
  ["x87", X87_ROWS],
  ["mmx", MMX_ROWS],
  ["3dnow", THREE_D_NOW_ROWS],
  ["sse", SSE_ROWS],
  ["sse4", SSE4_ROWS],
  ["avx", AVX_ROWS],
];
