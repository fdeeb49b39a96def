/** The accepted x86-64 instructions: one table, and the decoder and printer made from it. */
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
