/**
 * The accepted x86-64 instructions: one table, and the decoder and printer made from it.
 *
 * `Decoder.decode(offset, limit, out, slot)` fills the fields of one instruction, of which `form`
 * is a row of the table. What the rules of Native Client ask is in `FACTS` by that number:
 * - memory: `memory[form]` is not 0 and `rm` is `NO_REGISTER`; then `base`, `index`, `scale` and
 *   `disp` say where;
 * - written registers: `writesRm[form]` bytes of `rm` (unless that is `NO_REGISTER`) and
 *   `writesReg[form]` bytes of `reg`, where `OPERAND_SIZE` means `size`;
 * - index made: `zeroExtends[form]` names `rm` or `reg`; it holds where `size` is 4 and that field
 *   is a register;
 * - control: `flow[form]`; a direct target is `offset + length + imm`;
 * - `strings[form]`, `superOnly[form]`, `nontemporal[form]`, `policy[form]`.
 */
export { BUNDLE_BYTES, decodeText, NO_FORM } from "./decode-text.ts";
export { Decoder } from "./decoder.ts";
export {
  EXTENDS,
  FACTS,
  FLOW,
  type FormFacts,
  MEMORY,
  OPERAND_SIZE,
  POLICY,
  STRING,
} from "./facts.ts";
export {
  FLAG,
  type Flow,
  type Form,
  type FormPolicy,
  type ImmediateKind,
  type Mark,
  type Operand,
  type OperandKind,
  type SizeRule,
} from "./form.ts";
export { FORMS, formOf, mnemonicOf } from "./forms.ts";
export { HIGH_BYTE, Instructions, NO_REGISTER, PREFIX, RIP } from "./instructions.ts";
export { printInstruction } from "./printer.ts";
export { GENERAL_NAMES, HIGH_BYTE_NAMES } from "./registers.ts";
