import type { Operand } from "../../x86/index.ts";

/** Where an operand is. */
export type Place =
  | { readonly kind: "register"; readonly register: number }
  | { readonly kind: "memory" }
  | { readonly kind: "immediate" };

/** The constant of the instruction. */
export const IMMEDIATE: Place = { kind: "immediate" };
/** The one memory operand. */
export const MEMORY: Place = { kind: "memory" };
/** Places of registers, with the high bytes behind the 16. */
export const REGISTERS: readonly Place[] = Array.from({ length: 20 }, (_, register) => ({
  kind: "register",
  register,
}));
/** Registers of operands that instructions do not name. */
export const FIXED: Readonly<Partial<Record<Operand["kind"], number>>> = {
  rax: 0,
  rcx: 1,
  rdx: 2,
  rbx: 3,
  xmm0: 0,
};
