/**
 * Why code is refused, in the order in which the reasons of one instruction are told. The texts
 * are those of the reference.
 */
export const REASONS = [
  "unrecognized instruction",
  "direct jump out of range",
  "required CPU feature not found",
  "unsupported instruction",
  "improper memory address - bad base",
  "improper memory address - bad index",
  "improper %rbp sandboxing",
  "improper %rsp sandboxing",
  "error - %r15 is changed",
  "error - %bpl or %bp is changed",
  "error - %spl or %sp is changed",
  "bad jump target",
  "warning - bad call alignment",
] as const;

export type Reason = (typeof REASONS)[number];

function bitOf(reason: Reason): number {
  return 1 << REASONS.indexOf(reason);
}

export const UNRECOGNIZED = bitOf("unrecognized instruction");
export const OUT_OF_RANGE = bitOf("direct jump out of range");
export const UNSUPPORTED = bitOf("unsupported instruction");
export const BAD_BASE = bitOf("improper memory address - bad base");
export const BAD_INDEX = bitOf("improper memory address - bad index");
export const IMPROPER_RBP = bitOf("improper %rbp sandboxing");
export const IMPROPER_RSP = bitOf("improper %rsp sandboxing");
export const R15_CHANGED = bitOf("error - %r15 is changed");
export const BP_CHANGED = bitOf("error - %bpl or %bp is changed");
export const SP_CHANGED = bitOf("error - %spl or %sp is changed");
export const BAD_TARGET = bitOf("bad jump target");
/** The one that makes nothing invalid. */
export const BAD_CALL_ALIGNMENT = bitOf("warning - bad call alignment");
