import { OP, VECTOR } from "../rewrite/index.ts";
import type { FunctionCode } from "./function-code.ts";

const V128_CONST = VECTOR + 12;
/** What a guard does before its end is short. */
const LENGTH_MAX = 10;

/**
 * Whether an `if` does what is rarely done: it begins with a nop, as translated programs mark that,
 * or it traps, or gives floats another NaN. Guards of the meter are such; code of the guest that
 * looks alike is likely to be meant alike.
 */
export function isRare({ opcodes, operands, constructs }: FunctionCode, index: number): boolean {
  if (opcodes[index + 1] === OP.NOP) return true;
  const tail = constructs[operands[index] ?? 0]?.tail ?? -1;
  if (tail < index || tail - index > LENGTH_MAX) return false;
  if (opcodes[tail - 1] === OP.UNREACHABLE) return true;
  if (opcodes[tail - 1] !== OP.LOCAL_SET) return false;
  const [first, second] = [opcodes[index + 1], opcodes[index + 2]];
  return first === OP.F64_CONST || first === OP.F32_CONST || second === V128_CONST;
}
